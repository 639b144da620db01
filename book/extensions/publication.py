"""Ce que le site dit de lui-même aux moteurs et aux réseaux : adresse, dépôt, description, aperçu.

``COURS_URL`` est l'adresse publique du site, ``COURS_DEPOT`` celle du dépôt ; absentes, les
pages n'en portent aucune.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

LONGEST_DESCRIPTION = 160
PREVIEW = "images/apercu.png"  # dans `book`, et dans `_static` une fois publié
PREVIEW_ALT = "Un curseur de sparsité, l’exactitude du réseau élagué et ses poids restants"
_FORGES = ("github", "gitlab", "bitbucket")
_TAG = re.compile(r"<[^>]+>")


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


def add_metadata(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Décrit la page aux moteurs de recherche et à qui en partage l'adresse.

    La description que la page donne elle-même est gardée.
    """
    if doctree is None:
        return
    metatags = context.get("metatags", "")
    told = description(doctree)
    if 'name="description"' not in metatags:
        metatags += f'\n<meta name="description" content="{html.escape(told)}" />'
    title = _TAG.sub("", str(context.get("title", "")))
    metatags += preview(title, told, app.config, app.builder.get_target_uri(pagename))
    if pagename == app.config.root_doc:
        metatags += course(told, app.config)
    context["metatags"] = metatags


def preview(title: str, told: str, config: Config, target: str) -> str:
    """Balises ``og:`` d'une page ; image et adresse, qui sont absolues, si le site a la sienne.

    Le titre, écrit par Sphinx, est déjà protégé.
    """
    values = {
        "og:type": "article",
        "og:locale": "fr_FR",
        "og:site_name": html.escape(config.project),
        "og:title": title,
        "og:description": html.escape(told),
    }
    if config.html_baseurl:
        base = html.escape(config.html_baseurl)
        values |= {
            "og:url": base + html.escape(target),
            "og:image": f"{base}_static/{Path(PREVIEW).name}",
            "og:image:alt": PREVIEW_ALT,
        }
    return "".join(f'\n<meta property="{name}" content="{v}" />' for name, v in values.items())


def course(told: str, config: Config) -> str:
    """Le cours, dans le vocabulaire de schema.org : des données, que rien n'exécute."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Course",
        "name": config.project,
        "description": told,
        "inLanguage": "fr",
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "provider": {"@type": "Organization", "name": config.author},
    }
    if config.html_baseurl:
        facts["url"] = config.html_baseurl
    written = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    return f'\n<script type="application/ld+json">{written}</script>'


def sitemap(base: str, pages: Iterable[str]) -> str:
    """Plan du site, pour les moteurs de recherche."""
    lines = "".join(f"<url><loc>{html.escape(base + page)}</loc></url>\n" for page in pages)
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{namespace}">\n{lines}</urlset>\n'
    )


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Ajoute au site son plan et l'image de ses aperçus, s'il a une adresse."""
    if exception is not None or app.builder.format != "html" or not app.config.html_baseurl:
        return
    folder = Path(app.outdir)
    pages = sorted(app.builder.get_target_uri(name) for name in app.env.found_docs)
    text = sitemap(app.config.html_baseurl, pages)
    (folder / "sitemap.xml").write_text(text, encoding="utf-8", newline="\n")
    shutil.copyfile(Path(app.srcdir) / "book" / PREVIEW, folder / "_static" / Path(PREVIEW).name)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", read_environment, priority=100)
    app.connect("html-page-context", add_metadata)
    app.connect("build-finished", publish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
