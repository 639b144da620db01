"""Les scripts d'une page : seulement ceux qui servent, et aucun qui retarde l'affichage.

Un script demandé dans l'en-tête arrête la lecture de la page tant qu'il n'est pas arrivé ; différé,
il ne s'exécute qu'une fois la page lue, toujours dans l'ordre.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# Le thème les charge partout, pour une recherche à la frappe que ce site n'a pas.
_SEARCH = re.compile(
    r'\s*<script src="[^"]*\b(?:searchtools|language_data|searchindex)\.js"></script>'
)
_SEARCH_PAGE = "search.html"

# La feuille de style du thème porte déjà ces icônes : le script les redessine pour 540 ko de plus.
_ICONS = re.compile(r"<script [^>]*/fontawesome\.js[^>]*></script>")
_UNUSED = ("*.map", "fontawesome.js", "fontawesome.js.LICENSE.txt")

# Les scripts écrits dans la page s'en servent aussitôt : lui ne peut pas attendre.
_AT_ONCE = "documentation_options.js"
_HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)
_FILE = re.compile(r'<script (?![^>]*\b(?:defer|async|type)\b)(?=[^>]*\bsrc="([^"]*)")')


def lighten(page: str) -> str:
    """Ôte de l'en-tête la recherche à la frappe, et y diffère les autres scripts."""
    return _HEAD.sub(lambda head: _FILE.sub(_deferred, _SEARCH.sub("", head[0])), page, count=1)


def _deferred(tag: re.Match[str]) -> str:
    return tag[0] if _AT_ONCE in tag[1] else "<script defer "


def lighten_pages(app: Sphinx, exception: Exception | None) -> None:
    """Allège chaque page du site, et ôte les scripts que plus aucune n'appelle."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for path in folder.rglob("*.html"):
        name = path.relative_to(folder)
        page = _ICONS.sub("", path.read_text(encoding="utf-8"))
        if name.parts[0] != "_static" and name.as_posix() != _SEARCH_PAGE:
            page = lighten(page)
        path.write_text(page, encoding="utf-8", newline="\n")
    for pattern in _UNUSED:
        for unused in (folder / "_static" / "scripts").glob(pattern):
            unused.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", lighten_pages, priority=950)  # avant la politique
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
