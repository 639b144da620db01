"""Ce que le site dit de lui-même aux moteurs et aux réseaux : adresse, dépôt, description, aperçu.

``COURS_URL`` est l'adresse publique du site, ``COURS_DEPOT`` celle du dépôt ; absentes, les
pages n'en portent aucune. Les balises sont dans ``book/templates/metadata.html`` ; celles de
``sphinxext-opengraph`` coupent la description au milieu d'un mot, et sont relatives sans adresse.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

LONGEST_DESCRIPTION = 160
PREVIEW = "images/apercu.png"  # dans `book`, et dans `_static` une fois publié
_FORGES = ("github", "gitlab", "bitbucket")


def read_environment(app: Sphinx, config: Config) -> None:
    """Pose l'adresse du site et les boutons du dépôt d'après l'environnement."""
    if url := os.environ.get("COURS_URL"):
        config.html_baseurl = url.rstrip("/") + "/"
    if repository := os.environ.get("COURS_DEPOT"):
        config.html_theme_options.update(
            repository_url=repository.rstrip("/"),
            # le thème ne reconnaît que trois forges, et s'arrête devant celle d'une université
            repository_provider="" if any(name in repository for name in _FORGES) else "gitlab",
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


def describe_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Donne au gabarit la description de la page, et son adresse si le site en a une."""
    if doctree is None:
        return
    context["description"] = description(doctree)
    context["author"] = app.config.author
    if base := app.config.html_baseurl:
        context["base"] = base
        context["address"] = base + app.builder.get_target_uri(page)
        context["preview"] = f"{base}_static/{Path(PREVIEW).name}"


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Ajoute au site son plan et l'image de ses aperçus, s'il a une adresse."""
    base = app.config.html_baseurl
    if exception is not None or app.builder.format != "html" or not base:
        return
    folder = Path(app.outdir)
    pages = sorted(base + app.builder.get_target_uri(name) for name in app.env.found_docs)
    sitemap = app.builder.templates.render("sitemap.xml", {"pages": pages})
    (folder / "sitemap.xml").write_text(sitemap, encoding="utf-8", newline="\n")
    shutil.copyfile(Path(app.srcdir) / "book" / PREVIEW, folder / "_static" / Path(PREVIEW).name)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", read_environment, priority=100)
    app.connect("html-page-context", describe_page)
    app.connect("build-finished", publish)
