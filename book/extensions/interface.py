"""Ce que le thème laisse en anglais, traduit dans les pages finies ; page d'accueil en français."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# Textes écrits en dur dans les gabarits du thème : attributs d'accessibilité et infobulles.
TRANSLATIONS = {
    "Toggle primary sidebar": "Afficher ou masquer le sommaire",
    "Toggle secondary sidebar": "Afficher ou masquer le plan de la page",
    "Toggle hidden content": "Afficher ou masquer le code",
    "Main": "Sommaire du cours",
    "Page": "Plan de la page",
}
_LABEL = re.compile(r'(?<= )(title|aria-label)="([^"]+)"')

# « Solution de Exercice 3 (Titre) » : sphinx-exercise traduit les mots, pas la phrase.
_SOLUTION = re.compile(r"(Solution d)e(<a [^>]*>) Exercice ")

# sphinx-exercise donne le même identifiant à tous les énoncés, et à toutes les solutions.
_REPEATED_ID = re.compile(r'<section id="(?:exercise|solution)-content">')

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
    """Traduit les textes anglais que le thème et les extensions ont écrits dans une page."""
    page = _LABEL.sub(lambda m: f'{m[1]}="{TRANSLATIONS.get(m[2], m[2])}"', page)
    page = _SOLUTION.sub(r"\1e l’\2exercice ", page)
    return _REPEATED_ID.sub("<section>", page)


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
