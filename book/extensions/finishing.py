"""La dernière main sur une page : son contenu est analysé une fois, et chacun y fait sa retouche.

N'est ici que ce qui ne se peut plus tôt : le HTML qu'écrivent d'autres extensions et pandas, sans
offrir de réglage, et ce qui dépend de ce HTML.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from glossary_links import describe_terms
from reading_progress import add_checkboxes
from slides import take_slides
from sphinx.application import Sphinx

Step = Callable[[BeautifulSoup, Sphinx, str], None]


def drop_repeated_ids(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """sphinx-exercise donne le même identifiant à tous les énoncés, et à toutes les solutions."""
    for section in body.select("#exercise-content, #solution-content"):
        del section["id"]


def phrase_solutions(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """« Solution de Exercice 3 » : sphinx-exercise traduit les mots, pas la phrase."""
    for link in body.select(".solution > .admonition-title > a"):
        before = link.previous_sibling
        if link.string and before and str(before).endswith("Solution de"):
            before.replace_with("Solution de l’")
            link.string = link.string.replace(" Exercice ", "exercice ")


def empty_corners(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Pandas fait un en-tête de la case vide, en haut à gauche."""
    for corner in body.select("th:empty"):
        corner.name = "td"


def name_folds(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Le nom qu'un lecteur d'écran donne à une cellule repliée ; myst-nb le dit en anglais."""
    for fold in body.select("[aria-label='Toggle hidden content']"):
        fold["aria-label"] = "Afficher ou masquer la suite"


def list_references(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Le rôle d'une référence est abandonné ; une liste ne contient que des « listitem »."""
    for entry in body.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"


# Dans l'ordre : les diapositives n'ont ni cases à cocher ni définitions.
STEPS: tuple[Step, ...] = (
    drop_repeated_ids,
    phrase_solutions,
    empty_corners,
    name_folds,
    list_references,
    take_slides,
    add_checkboxes,
    describe_terms,
)


def finish_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Retouche le contenu d'une page, dans l'ordre de `STEPS`."""
    if doctree is None or app.builder.format != "html":
        return
    body = BeautifulSoup(context["body"], "html.parser")
    for step in STEPS:
        step(body, app, page)
    context["body"] = body.decode(formatter="minimal")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", finish_page)
