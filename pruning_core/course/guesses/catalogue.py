"""Les questions de toutes les leçons, dans l'ordre où on les rencontre."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pruning_core.course.guesses import comparison, gradient, magnitude, obd, obs
from pruning_core.course.guesses.question import Question

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    magnitude.QUESTIONS | gradient.QUESTIONS | obd.QUESTIONS | obs.QUESTIONS | comparison.QUESTIONS
)


def question(key: str) -> Question:
    """Une question du catalogue.

    Raises
    ------
    ValueError
        Si elle n'y est pas.
    """
    if key not in QUESTIONS:
        raise ValueError(f"question : reçu {key!r} ; attendu l'une de {list(QUESTIONS)}.")
    return QUESTIONS[key]
