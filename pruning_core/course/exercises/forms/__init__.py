"""Les exercices « à la main », en données : `check` les lit, et la page du site aussi."""

from pruning_core.course.exercises.forms import (
    comparison,
    gradient,
    language,
    magnitude,
    obd,
    second_order,
)
from pruning_core.course.exercises.forms.form import Form

__all__ = ["FORMS", "Form"]

FORMS: dict[str, Form] = {
    "magnitude-main": magnitude.BY_HAND,
    "gradient-main": gradient.BY_HAND,
    "obd-main": obd.BY_HAND,
    "obs-main": second_order.BY_HAND,
    "comparaison-main": comparison.BY_HAND,
    "langue-main": language.BY_HAND,
    "langue-echelle": language.SCALES,
}
"""Chaque exercice à la main, par son identifiant."""
