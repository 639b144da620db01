"""Chaque explorateur seul, sur une page légère, que Moodle ou un autre site met dans un cadre.

La page « Intégrer » dit de chacun l'adresse et le code à coller ; aucun ne s'écrit à la main.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

FOLDER = "explorateurs"
_PLACE = "<!-- explorateurs -->"
_ELEMENT = re.compile(r"<(pruning-[a-z]+) .*?</\1>", re.DOTALL)
_UNKNOWN_SITE = "https://adresse-de-ce-site/"  # COURS_URL la donne
# Assez haut partout : les figures passent sur une colonne dans un écran de moins de 700 pixels.
_CODE = """<iframe src="{address}"
  title="{title}"
  width="100%" height="1400" loading="lazy"
  style="height: max(1400px, min(2300px, (700px - 100vw) * 99)); border: 0"
  sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>"""
_ITEM = (
    '<p><a href="../../{path}.html">{title}</a></p>\n<div class="highlight-html notranslate">'
    '<div class="highlight"><pre>{code}</pre></div></div>\n'
)


def elements(app: Sphinx, page: str) -> list[str]:
    """Les explorateurs d'une page, tels que ses cellules les ont écrits."""
    raw = (node.astext() for node in app.env.get_doctree(page).findall(nodes.raw))
    return [match[0] for text in raw for match in _ELEMENT.finditer(text)]


def explorers(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Pour chaque explorateur des leçons : sa page, ce qu'elle montre, et son gabarit."""
    for lesson in sorted(app.env.found_docs):
        found = elements(app, lesson)
        for rank, element in enumerate(found, 1):
            number = f" ({rank})" if len(found) > 1 else ""
            context = {
                "title": f"Explorateur{number} : {app.env.titles[lesson].astext()}",
                "lesson": lesson,
                "lesson_title": app.env.titles[lesson].astext(),
                "body": element,
            }
            yield f"{FOLDER}/{PurePosixPath(lesson).name}-{rank}", context, "framed.html"


def tell_codes(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Écrit, là où une page l'attend, le code à coller de chaque explorateur."""
    if _PLACE not in context.get("body", ""):
        return
    told = ""
    for path, about, _ in explorers(app):
        title = about["title"]
        address = f"{app.config.html_baseurl or _UNKNOWN_SITE}{path}.html"
        code = _CODE.format(address=address, title=escape(title))
        told += _ITEM.format(path=path, title=escape(title), code=escape(code))
    context["body"] = context["body"].replace(_PLACE, told)


def setup(app: Sphinx) -> None:
    app.connect("html-collect-pages", explorers)
    app.connect("html-page-context", tell_codes)
