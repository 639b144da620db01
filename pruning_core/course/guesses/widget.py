"""Les pronostics dans Jupyter : les mêmes éléments que sur la page, sans le noyau.

Ce que dit le lecteur reste dans son navigateur ; rien n'en revient à Python.
"""

from __future__ import annotations

from importlib.resources import files

import traitlets

from pruning_core.course.explorer.lasting import LastingWidget
from pruning_core.course.guesses import page
from pruning_core.course.guesses.catalogue import QUESTIONS, question

_SCRIPT = files("pruning_core.course.guesses") / "built" / "guesses.mjs"


class _Element(LastingWidget):
    """Un élément de la page, montré aussi dans Jupyter."""

    _esm = _SCRIPT.read_text(encoding="utf-8")
    _tag = traitlets.Unicode().tag(sync=True)
    _data = traitlets.Unicode().tag(sync=True)

    def __init__(self, element: page.Element, told: str) -> None:
        self._element, self._told = element, told
        super().__init__(_tag=element.tag, _data=element.data)

    def _html(self) -> str:
        return self._element.html

    def __repr__(self) -> str:
        """Sans adresse en mémoire : nbval compare ce texte d'une exécution à l'autre."""
        return self._told


class Guess(_Element):
    """Demande au lecteur un pronostic, avant un résultat.

    Parameters
    ----------
    key : str
        Clé de la question dans le catalogue.

    Raises
    ------
    ValueError
        Si la question n'est pas au catalogue.
    """

    def __init__(self, key: str) -> None:
        asked = question(key)
        super().__init__(page.ask(key, asked), f"Votre pronostic. {asked.asked}")


class Outcome(_Element):
    """Montre, après un résultat, ce que le lecteur avait dit à côté de ce que l'on mesure.

    Parameters
    ----------
    key : str
        Clé de la question dans le catalogue.
    measured : float ou str
        Ce que la leçon vient de mesurer, dans l'unité de la question.

    Raises
    ------
    ValueError
        Si la question n'est pas au catalogue, ou si la mesure n'est pas celle qu'il dit.
    """

    def __init__(self, key: str, measured: float | str) -> None:
        asked = question(key)
        asked.check(measured)
        told = f"{asked.asked} Mesuré : {asked.told(asked.truth)}."
        super().__init__(page.tell(key, asked), told)


class Guesses(_Element):
    """Fait le bilan : tous les pronostics du lecteur, et ce que les leçons ont mesuré."""

    def __init__(self) -> None:
        told = f"{len(QUESTIONS)} pronostics, et ce que les leçons ont mesuré"
        super().__init__(page.review(QUESTIONS), told)
