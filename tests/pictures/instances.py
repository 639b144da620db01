"""Chaque image que l'on bouge, par son nom, sur de petites données."""

from __future__ import annotations

from collections.abc import Callable

from pruning_core.course.pictures import Bowl
from pruning_core.course.pictures.base import Picture

PICTURES: dict[str, Callable[[], Picture]] = {
    "bowl": lambda: Bowl((1.2, -0.7), ((2.0, -0.6), (-0.6, 0.5)), removed=1),
}
