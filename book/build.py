"""Toutes les tâches du cours : ``python3 book/build.py TÂCHE`` (ou ``make TÂCHE``).

Un réglage s'écrit après la tâche, de même avec ou sans make, sous tous les systèmes :
``python3 book/build.py verifier RAPIDE=1``.

Ne demande que Python 3.11 à 3.13 et sa bibliothèque standard : l'environnement `.venv` est fait,
ou réparé, avant la tâche, qui tourne ensuite avec l'interpréteur de cet environnement. Les tâches
sont dans ``book/builder/tasks.py``.
"""

from __future__ import annotations

import os
import sys

PYTHONS = ((3, 11), (3, 13))


def read_arguments(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """Rend la tâche demandée (``help`` sans elle) et ses réglages, écrits ``NOM=valeur``.

    Raises
    ------
    ValueError
        Si ce n'est pas une seule tâche, ou si elle n'existe pas.
    """
    from builder.tasks import TASKS

    settings = dict(one.split("=", 1) for one in arguments if "=" in one)
    tasks = [one for one in arguments if "=" not in one] or ["help"]
    if len(tasks) > 1 or tasks[0] not in TASKS:
        raise ValueError(
            f"Tâche : reçu {' '.join(tasks)} ; attendu une seule de celles-ci : {', '.join(TASKS)}."
        )
    return tasks[0], settings


def main() -> int:
    lowest, highest = PYTHONS
    if not lowest <= sys.version_info[:2] <= highest:
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"Python {found} reçu ; Python 3.11, 3.12 ou 3.13 attendu. "
            "Indiquez-en un, par exemple : make site PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    from builder.tasks import perform

    try:
        name, settings = read_arguments(sys.argv[1:])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    os.environ.update(settings)  # ce que fait make des siens
    return perform(name, here=False)


if __name__ == "__main__":
    sys.exit(main())
