"""Ce qui dépend du lieu de publication : adresse du site, dépôt, description de chaque page.

``COURS_URL`` est l'adresse publique du site, ``COURS_DEPOT`` celle du dépôt ; absentes, les
pages n'en portent aucune.
"""

from __future__ import annotations

import html
import os
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

LONGEST_DESCRIPTION = 160


def read_environment(app: Sphinx, config: Config) -> None:
    """Pose l'adresse du site et les boutons du dépôt d'après l'environnement."""
    if url := os.environ.get("COURS_URL"):
        config.html_baseurl = url.rstrip("/") + "/"
    if repository := os.environ.get("COURS_DEPOT"):
        config.html_theme_options.update(
            repository_url=repository.rstrip("/"),
            use_repository_button=True,
            use_issues_button=True,
        )


def description(doctree: nodes.document) -> str:
    """Premier paragraphe de la page, coupé à un mot entier."""
    paragraph = next((p for p in doctree.findall(nodes.paragraph) if p.astext().strip()), None)
    text = " ".join(paragraph.astext().split()) if paragraph else ""
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    return text[: LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"


def add_description(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Décrit la page aux moteurs de recherche, sauf si elle le fait elle-même."""
    metatags = context.get("metatags", "")
    if doctree is not None and 'name="description"' not in metatags:
        content = html.escape(description(doctree))
        context["metatags"] = f'{metatags}\n<meta name="description" content="{content}" />'


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", read_environment, priority=100)
    app.connect("html-page-context", add_description)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
