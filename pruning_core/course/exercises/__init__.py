"""Vérifier ses réponses aux exercices : juste, ou un indice sur l'erreur probable.

Une leçon appelle `check("identifiant", reponse)` dans une cellule ; la réponse est un nombre, une
liste, un dictionnaire ou une fonction, selon l'exercice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pruning_core.course.exercises import (
    comparison,
    gradient,
    language,
    magnitude,
    obd,
    scale,
    second_order,
)
from pruning_core.course.exercises.forms import FORMS
from pruning_core.course.exercises.reading import check_given
from pruning_core.course.exercises.verdict import Hint, Untouched, Verdict

__all__ = ["EXERCISES", "Verdict", "assess", "check"]

# Chaque juge rend la raison pour laquelle la réponse est juste, ou lève un `Hint`.
EXERCISES: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        **FORMS,
        "magnitude-code": magnitude.uniform_by_layer,
        "magnitude-budget": magnitude.budget,
        "magnitude-ouvert": scale.scale_free,
        "gradient-code": gradient.snip,
        "gradient-ouvert": scale.by_input,
        "obd-code": obd.saliences,
        "obd-ouvert": obd.path,
        "obs-code": second_order.obs_step,
        "obs-inverse": second_order.remove,
        "comparaison-code": comparison.agreement,
        "comparaison-ouvert": comparison.own_score,
        "langue-code": language.two_of_four,
    }
)


def assess(exercise: str, answer: Any) -> Verdict:
    """Juge une réponse.

    Parameters
    ----------
    exercise : str
        Identifiant de l'exercice, clé de `EXERCISES`.
    answer : object
        Réponse du lecteur ; `...` tant qu'il n'a pas répondu.

    Returns
    -------
    Verdict
        Juste ou non, et ce qu'il faut en dire.

    Raises
    ------
    ValueError
        Si l'exercice n'existe pas. Une mauvaise réponse, elle, ne lève jamais d'erreur.
    """
    if exercise not in EXERCISES:
        raise ValueError(f"exercice : reçu {exercise!r} ; attendu l'un de {list(EXERCISES)}.")
    try:
        check_given(answer)
        return Verdict(True, f"Juste. {EXERCISES[exercise](answer)}")
    except Untouched as blank:
        return Verdict(False, str(blank))
    except Hint as hint:
        return Verdict(False, f"Pas encore. {hint}")


def check(exercise: str, answer: Any) -> None:
    """Affiche le jugement d'une réponse, en français : voir `assess`."""
    print(assess(exercise, answer).message)
