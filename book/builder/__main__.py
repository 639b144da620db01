"""Une tâche, une fois l'environnement en place : ``python -m builder TÂCHE``."""

from __future__ import annotations

import sys

from builder.tasks import TASKS, perform

if __name__ == "__main__":
    sys.exit(perform(TASKS[sys.argv[1]]))
