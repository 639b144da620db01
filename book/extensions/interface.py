"""Ce que le thème laisse en anglais, traduit dans les pages finies ; page d'accueil en français."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# Textes écrits en dur dans les gabarits du thème : attributs d'accessibilité et infobulles.
TRANSLATIONS = {
    'title="Toggle primary sidebar"': 'title="Afficher ou masquer le sommaire"',
    'aria-label="Toggle primary sidebar"': 'aria-label="Afficher ou masquer le sommaire"',
    'title="Toggle secondary sidebar"': 'title="Afficher ou masquer le plan de la page"',
    'aria-label="Toggle secondary sidebar"': 'aria-label="Afficher ou masquer le plan de la page"',
    'aria-label="Main"': 'aria-label="Sommaire du cours"',
    'aria-label="Page"': 'aria-label="Plan de la page"',
}

HOME = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={target}">
<link rel="icon" href="_static/favicon.ico">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p><a href="{target}">Ouvrir le cours</a></p>
</main>
</body>
</html>
"""


def translate(page: str) -> str:
    """Traduit les textes anglais que le thème a écrits dans une page."""
    for english, french in TRANSLATIONS.items():
        page = page.replace(english, french)
    return page


def translate_pages(app: Sphinx, exception: Exception | None) -> None:
    """Traduit chaque page du site et écrit la page d'entrée, qui mène à l'accueil."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for path in folder.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        translated = translate(page)
        if translated != page:
            path.write_text(translated, encoding="utf-8", newline="\n")
    root = f"{app.config.root_doc}.html"
    if root != "index.html":
        home = HOME.format(target=root, title=html.escape(app.config.html_title))
        (folder / "index.html").write_text(home, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", translate_pages, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
