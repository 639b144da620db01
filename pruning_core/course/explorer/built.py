"""Les scripts livrés avec le paquet, tels que la page et Jupyter les lisent.

`make scripts` écrit les premiers à partir de `js/` ; `lenet.py` et `words/` écrivent les données.
"""

from __future__ import annotations

from importlib.resources import files

FOLDER = files("pruning_core.course.explorer") / "built"
PAGE = "explorer.js"
JUPYTER = "explorer.mjs"
WORD_PAGE = "words_explorer.js"
WORD_JUPYTER = "words_explorer.mjs"
LENET = "lenet.js"
WORDS = "words.js"


def read(name: str) -> str:
    """Texte d'un de ces scripts."""
    return (FOLDER / name).read_text(encoding="utf-8")
