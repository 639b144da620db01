"""Les exercices de chaque leçon, numérotés à partir de 1.

Sphinx les compte d'un bout à l'autre du livre, et la deuxième leçon commence à l'exercice 5.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_KIND = "exercise"


def restart_in_each_lesson(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Réécrit les numéros que Sphinx vient de donner."""
    for numbers in env.toc_fignumbers.values():
        exercises = numbers.get(_KIND, {})
        first = min((rank[-1] for rank in exercises.values()), default=1)
        if exercises:
            numbers[_KIND] = {name: (rank[-1] - first + 1,) for name, rank in exercises.items()}
    return []


def setup(app: Sphinx) -> None:
    app.connect("env-get-updated", restart_in_each_lesson, priority=900)  # les numéros sont donnés
