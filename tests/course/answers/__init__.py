"""Bonnes réponses aux exercices, et erreurs typiques avec ce que dit leur indice."""

from tests.course.answers import (
    comparison,
    gradient,
    language,
    magnitude,
    obd,
    scale,
    second_order,
)

_LESSONS = (magnitude, gradient, scale, obd, second_order, comparison, language)

RIGHT = [pair for lesson in _LESSONS for pair in lesson.RIGHT]
WRONG = [triple for lesson in _LESSONS for triple in lesson.WRONG]
