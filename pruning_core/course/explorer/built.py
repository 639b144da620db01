"""Les scripts livrés avec le paquet, tels que la page et Jupyter les lisent.

`make scripts` écrit les deux premiers à partir de `js/` ; `lenet.py` écrit les données.
"""

from __future__ import annotations

from importlib.resources import files

FOLDER = files("pruning_core.course.explorer") / "built"
PAGE = "explorer.js"
JUPYTER = "explorer.mjs"
LENET = "lenet.js"


def read(name: str) -> str:
    """Texte d'un de ces scripts."""
    return (FOLDER / name).read_text(encoding="utf-8")
