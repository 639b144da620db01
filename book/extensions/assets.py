"""Les fichiers que charge une page : ceux qui lui servent, et aucun qui retarde l'affichage.

Un script demandé dans l'en-tête arrête la lecture de la page tant qu'il n'est pas arrivé ; différé,
il ne s'exécute qu'une fois la page lue, toujours dans l'ordre.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# Ce que porte une page -> ce qu'elle charge alors.
SCRIPTS = {
    "<pruning-explorer": "explorer.js",
    "<pruning-words": "words_explorer.js",
    "<lesson-": "guesses.js",
    "<moving-picture": "pictures.js",
    'class="repondre"': "answers.js",
    "data-choix=": "answers.js",
    'class="gloses"': "hints.js",
    'class="fiche ': "progress.js",
    'class="avancements"': "progress.js",
}
STYLES = {
    'class="repondre"': "answers.css",
    "data-choix=": "answers.css",
    "<mjx-container": "maths.css",
    "deck.html": "maths.css",
    '<dl class="py': "reference.css",
    "genindex.html": "reference.css",
}


def choose_assets(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Ajoute à la page ses fichiers ; en ôte les scripts écrits sur place, que rien n'emploie."""
    content = f"{template} {context.get('body', '')}"
    for mark, script in SCRIPTS.items():
        if mark in content:
            app.add_js_file(script)
    for mark, style in STYLES.items():
        if mark in content:
            app.add_css_file(style)
    context["script_files"] = [file for file in context["script_files"] if file.filename]
    for file in context["script_files"]:
        file.attributes["defer"] = "defer"


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", choose_assets, priority=999)  # tous ont ajouté les leurs
