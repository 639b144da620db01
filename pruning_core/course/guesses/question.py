"""Une question posée avant un résultat qui surprend, et ce que l'on y mesure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pruning_core.course.formatting import number

_SPACE = "\u00a0"


@dataclass(frozen=True)
class Scale:
    """Une réponse que l'on donne d'un curseur.

    Attributes
    ----------
    low, high, step : float
        Bornes et pas du curseur, dans l'unité.
    unit : str
        Ce qui suit le nombre : « % », « points ».
    digits : int
        Décimales de la mesure, quand on la montre.
    """

    low: float = 0
    high: float = 100
    step: float = 1
    unit: str = "%"
    digits: int = 1

    def told(self, value: float) -> str:
        """Une valeur et son unité."""
        digits = 0 if value == int(value) and self.step >= 1 else self.digits
        return f"{number(value, digits)}{_SPACE}{self.unit}".rstrip()

    @property
    def invitation(self) -> str:
        """Ce que l'on demande, dit sur papier."""
        return f"Un nombre, de {number(self.low)} à {self.told(self.high)}."

    def data(self) -> dict[str, Any]:
        """Ce que la page doit en savoir."""
        names = ("low", "high", "step", "unit", "digits")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Choices:
    """Une réponse que l'on choisit.

    Attributes
    ----------
    options : tuple[str, ...]
        Les réponses proposées.
    """

    options: tuple[str, ...]

    def told(self, value: str) -> str:
        """La réponse elle-même."""
        return value

    @property
    def invitation(self) -> str:
        """Ce que l'on demande, dit sur papier."""
        return f"Au choix : {' ; '.join(self.options)}."

    def data(self) -> dict[str, Any]:
        """Ce que la page doit en savoir."""
        return {"options": list(self.options)}


@dataclass(frozen=True)
class Question:
    """Une question, et sa réponse mesurée dans une leçon.

    Attributes
    ----------
    asked : str
        La question, une phrase.
    answer : Scale ou Choices
        Comment on y répond.
    truth : float ou str
        Ce que la leçon mesure : un nombre dans l'unité, ou l'une des réponses.
    belief : str
        Ce que l'on croit souvent, pour le bilan.
    """

    asked: str
    answer: Scale | Choices
    truth: float | str
    belief: str

    def told(self, value: Any) -> str:
        """Une réponse, telle qu'on la montre."""
        return self.answer.told(value)

    def check(self, measured: float | str) -> None:
        """Vérifie que la leçon mesure bien ce que dit le catalogue.

        Raises
        ------
        ValueError
            Si ce qui se lirait à côté du pronostic n'est pas ce que dit le bilan.
        """
        agrees = (
            abs(measured - self.truth) <= 0.5 * 10**-self.answer.digits * (1 + 1e-9)
            if isinstance(self.answer, Scale)
            and not isinstance(measured, str)
            and not isinstance(self.truth, str)
            else measured == self.truth
        )
        if not agrees:
            raise ValueError(
                f"« {self.asked} » : reçu {measured} ; attendu {self.truth}, ce que dit le "
                "catalogue. Corrigez celui des deux qui a tort."
            )

    def data(self) -> dict[str, Any]:
        """Ce que la page doit en savoir, sans la réponse."""
        return {"asked": self.asked, **self.answer.data()}
