"""Chaque leçon compte ses exercices à partir de 1."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from exercise_numbers import restart_in_each_lesson


def test_each_lesson_counts_from_one() -> None:
    """Les exercices repartent de 1, dans leur ordre ; les figures gardent leur numéro."""
    env: Any = SimpleNamespace(
        toc_fignumbers={
            "un": {"exercise": {"a": (1,), "b": (2,)}, "figure": {"f": (1,)}},
            "deux": {"exercise": {"d": (4,), "c": (3,)}, "figure": {"g": (2,)}},
            "page": {"figure": {"h": (3,)}},
        }
    )
    assert restart_in_each_lesson(SimpleNamespace(), env) == []
    assert env.toc_fignumbers == {
        "un": {"exercise": {"a": (1,), "b": (2,)}, "figure": {"f": (1,)}},
        "deux": {"exercise": {"d": (2,), "c": (1,)}, "figure": {"g": (2,)}},
        "page": {"figure": {"h": (3,)}},
    }
