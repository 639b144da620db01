"""Retouches des pages finies : ce que le thème laisse en anglais ou gêne un lecteur d'écran.

Chaque retouche porte sur du HTML que d'autres écrivent (thème, extensions, pandas) sans offrir
de réglage. S'y ajoute la page d'entrée du site, en français.
"""

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
    "Toggle hidden content": "Afficher ou masquer la suite",
    "Main": "Sommaire du cours",
    "Page": "Plan de la page",
    "Source repositories": "Le dépôt du cours",
    "Ouvrez un problème": "Signaler une erreur",
}
_LABEL = re.compile(r'(?<= )(title|aria-label)="([^"]+)"')

# « Solution de Exercice 3 (Titre) » : sphinx-exercise traduit les mots, pas la phrase.
_SOLUTION = re.compile(r"(Solution d)e(<a [^>]*>) Exercice ")

# Texte exact -> remplacement, et pourquoi.
_REPAIRS = {
    # sphinx-exercise donne le même identifiant à tous les énoncés, et à toutes les solutions
    '<section id="exercise-content">': "<section>",
    '<section id="solution-content">': "<section>",
    # le menu du dépôt : le thème ne traduit que ses infobulles
    '<span class="btn__text-container">Repository</span>': (
        '<span class="btn__text-container">Dépôt</span>'
    ),
    '<span class="btn__text-container">Open issue</span>': (
        '<span class="btn__text-container">Signaler une erreur</span>'
    ),
    # le plan d'une page porte un seul nom
    '<i class="fa-solid fa-list"></i> Contenu': '<i class="fa-solid fa-list"></i> Plan de la page',
    "<h2> Contenu </h2>": "<h2>Plan de la page</h2>",
    # pandas fait un en-tête de la case vide, en haut à gauche
    "<th></th>": "<td></td>",
    # ce rôle est abandonné, et une liste (role="list") ne contient que des « listitem »
    'role="doc-biblioentry"': 'role="listitem"',
    # le nom du cours, dans la colonne de gauche, n'est dans aucune région de la page
    '<div class="sidebar-primary-items__start sidebar-primary__section">': (
        '<div class="sidebar-primary-items__start sidebar-primary__section" role="region" '
        'aria-label="Le cours">'
    ),
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


def retouch(page: str) -> str:
    """Traduit et répare le HTML d'une page."""
    page = _LABEL.sub(lambda m: f'{m[1]}="{TRANSLATIONS.get(m[2], m[2])}"', page)
    page = _SOLUTION.sub(r"\1e l’\2exercice ", page)
    for found, repaired in _REPAIRS.items():
        page = page.replace(found, repaired)
    return page


def retouch_pages(app: Sphinx, exception: Exception | None) -> None:
    """Retouche chaque page du site et écrit la page d'entrée, qui mène à l'accueil."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    scripts = (folder / "_static").glob("togglebutton.js")  # écrit ses boutons dans la page
    for path in [*folder.rglob("*.html"), *scripts]:
        page = path.read_text(encoding="utf-8")
        path.write_text(retouch(page), encoding="utf-8", newline="\n")
    root = f"{app.config.root_doc}.html"
    if root != "index.html":
        home = HOME.format(target=root, title=html.escape(app.config.html_title))
        (folder / "index.html").write_text(home, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", retouch_pages, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
