"""Une tâche, une fois l'environnement en place : ``python -m builder TÂCHE``."""

from __future__ import annotations

import sys

from builder.tasks import perform

if __name__ == "__main__":
    sys.exit(perform(sys.argv[1], here=True))
