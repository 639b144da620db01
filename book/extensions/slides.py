"""Les diapositives : les cellules d'une leçon que leur métadonnée « slideshow » y appelle.

Rien n'est écrit deux fois. Une cellule porte ``slideshow.slide_type`` : ``slide`` commence une
diapositive, ``-`` continue celle d'avant, ``notes`` va dans les notes de qui parle ; sans elle,
une cellule n'est que dans la leçon. À la lecture du carnet, ces cellules sont marquées. Une fois
la page écrite, ce qui est entre les marques va aux diapositives (deck.py), et elles sont ôtées.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from deck import slides_of, write_deck
from sphinx.application import Sphinx

FOLDER = "diapositives"
TYPES = ("slide", "-", "notes")
_TAG = "diapo-"
_MARKS = re.compile(r"<!-- /?diapo[^>]*-->\n?| tag_diapo-[a-z]*-?(?=[ \"])")


def mark_cells(app: Sphinx, docname: str, source: list[str]) -> None:
    """Marque, dans le carnet que lit Sphinx, les cellules qui vont sur une diapositive."""
    if Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind in TYPES:
            _mark(cell, kind)
    source[0] = json.dumps(notebook)


def _mark(cell: dict[str, Any], kind: str) -> None:
    if cell["cell_type"] == "code":
        cell["metadata"].setdefault("tags", []).append(_TAG + kind)
    else:
        text = "".join(cell["source"])
        cell["source"] = f"<!-- diapo {kind} -->\n\n{text}\n\n<!-- /diapo -->"


def write_slides(app: Sphinx, exception: Exception | None) -> None:
    """Écrit les diapositives de chaque leçon qui en a, et ôte les marques de sa page."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    decks = [path for path in sorted((folder / "notebooks").glob("*.html")) if _write(path, folder)]
    if decks:
        assets = Path(app.srcdir) / "book" / "slides"
        for asset in ("deck.css", "deck.js", "reveal"):
            _copy(assets / asset, folder / FOLDER / asset)


def _write(path: Path, folder: Path) -> bool:
    page = path.read_text(encoding="utf-8")
    slides = slides_of(page)
    if not slides:
        return False
    deck = folder / FOLDER / path.name
    deck.parent.mkdir(exist_ok=True)
    lesson = f"../notebooks/{path.name}"
    deck.write_text(write_deck(page, slides, lesson), encoding="utf-8", newline="\n")
    path.write_text(_MARKS.sub("", page), encoding="utf-8", newline="\n")
    return True


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", mark_cells)
    app.connect("build-finished", write_slides, priority=800)  # avant les retouches et la politique
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
