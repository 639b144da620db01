"""Les diapositives : les cellules d'une leçon que leur métadonnée « slideshow » y appelle.

Rien n'est écrit deux fois. Une cellule porte ``slideshow.slide_type`` : ``slide`` commence une
diapositive, ``-`` continue celle d'avant, ``notes`` va dans les notes de qui parle ; sans elle,
une cellule n'est que dans la leçon. Dans une cellule de texte, ``<!-- diapo slide -->`` commence
aussi une diapositive. À la lecture du carnet, des marques entourent ces cellules. La page écrite,
ce qui est entre elles va aux diapositives (deck.py), et elles sont ôtées.
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
_MARK = re.compile(r" /?diapo\b")
_KEY = "slides"


def mark_cells(app: Sphinx, docname: str, source: list[str]) -> None:
    """Entoure de marques, dans le carnet que lit Sphinx, chaque cellule d'une diapositive."""
    if Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    notebook["cells"] = [one for cell in notebook["cells"] for one in _marked(cell)]
    source[0] = json.dumps(notebook)


def _marked(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = cell["metadata"].get("slideshow", {}).get("slide_type")
    if kind not in TYPES:
        yield cell
        return
    yield _mark(cell, f"diapo {kind}")
    yield cell
    yield _mark(cell, "/diapo")


def _mark(cell: dict[str, Any], told: str) -> dict[str, Any]:
    name = f"{cell['id']}-{told.strip('/').replace(' ', '-')}"
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": f"<!-- {told} -->"}


def take_slides(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Retient les diapositives d'une leçon, et ôte les marques de sa page."""
    comments = body.find_all(string=lambda text: isinstance(text, Comment))
    marks = [comment for comment in comments if _MARK.match(comment)]
    if marks and (slides := slides_of(body)):
        app.env.metadata[page][_KEY] = slides
    for mark in marks:
        mark.extract()


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


def setup(app: Sphinx) -> None:
    app.connect("source-read", mark_cells)
    app.connect("html-collect-pages", collect_decks)
