"""Effacer ce qui se reconstruit."""

from __future__ import annotations

import shutil
from pathlib import Path

_BUILT = (
    "_build",
    "build",
    "mutants",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    ".hypothesis",
)


def clean(root: Path) -> None:
    """Efface le site, les caches et les traces d'exécution ; garde `.venv` et les sources."""
    folders = [root / name for name in _BUILT]
    for source in ("book", "notebooks", "pruning_core", "tests"):
        folders += (root / source).rglob("__pycache__")
        folders += (root / source).rglob(".ipynb_checkpoints")
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    print("Effacé. L'environnement .venv est gardé ; effacez ce dossier pour le refaire.")
