"""Les diapositives : les cellules d'une leçon que leur métadonnée « slideshow » y appelle.

Rien n'est écrit deux fois. Une cellule porte ``slideshow.slide_type`` : ``slide`` commence une
diapositive, ``-`` continue celle d'avant, ``notes`` va dans les notes de qui parle ; sans elle,
une cellule n'est que dans la leçon. Dans une cellule de texte, ``<!-- diapo slide -->`` commence
aussi une diapositive. À la lecture du carnet, ces cellules sont marquées. La page écrite, ce qui
est entre les marques va aux diapositives (deck.py), et elles sont ôtées.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bs4 import BeautifulSoup, Comment
from deck import slides_of
from publication import description
from sphinx.application import Sphinx

FOLDER = "diapositives"
TYPES = ("slide", "-", "notes")
_TAG = "diapo-"
_MARK = re.compile(r" /?diapo\b")
_KEY = "slides"


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


def take_slides(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Retient les diapositives d'une leçon, et ôte les marques de sa page."""
    comments = body.find_all(string=lambda text: isinstance(text, Comment))
    marks = [comment for comment in comments if _MARK.match(comment)]
    cells = body.select(f"[class*=tag_{_TAG}]")
    if not marks and not cells:
        return
    if slides := slides_of(body):
        app.env.metadata[page][_KEY] = slides
    for mark in marks:
        mark.extract()
    for cell in cells:
        classes = cell.get_attribute_list("class")
        cell["class"] = " ".join(c for c in classes if c and not c.startswith(f"tag_{_TAG}"))


def collect_decks(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Fait une page des diapositives de chaque leçon qui en a, et livre ce qui les montre."""
    for lesson, meta in list(app.env.metadata.items()):
        if _KEY not in meta:
            continue
        context = {
            "title": app.env.titles[lesson].astext(),
            "description": description(app.env.get_doctree(lesson)),
            "slides": meta[_KEY],
            "lesson": lesson,
        }
        yield f"{FOLDER}/{PurePosixPath(lesson).name}", context, "deck.html"
    assets = Path(app.srcdir) / "book" / "slides"
    shutil.copytree(assets, Path(app.outdir) / FOLDER, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", mark_cells)
    app.connect("html-collect-pages", collect_decks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
