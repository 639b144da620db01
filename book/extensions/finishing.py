"""La dernière main sur une page : son contenu est analysé une fois, et chacun y fait sa retouche.

N'est ici que ce qui ne se peut plus tôt : le HTML qu'écrivent d'autres extensions et pandas, sans
offrir de réglage, et ce qui dépend de ce HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from answering import ask_by_hand, drop_asking_code, drop_unanswered, name_choices
from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from docutils import nodes
from glossary_links import describe_terms
from reading_progress import add_checkboxes
from slides import take_slides
from sphinx.application import Sphinx
from typography import french

Step = Callable[[BeautifulSoup, Sphinx, str], None]

_COLUMNS = re.compile(r"\S {2,}(?=\S)")  # deux espaces de suite, dans une ligne
_SENTENCE = re.compile(r"[.!?]$", re.MULTILINE)  # une ligne que finit une ponctuation
_NOTEBOOKS = "notebooks/"
_OPENS, _CLOSES = re.compile(r"[(\[]+$"), re.compile(r"^[,.;:)\]…]+")


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
            link.string = french(link.string.replace(" Exercice ", "exercice "))


def empty_corners(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Pandas fait un en-tête de la case vide, en haut à gauche."""
    for corner in body.select("th:empty"):
        corner.name = "td"


def name_folds(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Le nom qu'un lecteur d'écran donne à une cellule repliée ; myst-nb le dit en anglais."""
    for fold in body.select("[aria-label='Toggle hidden content']"):
        fold["aria-label"] = "Afficher ou masquer la suite"


def typeset_tables(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Pandas et l'explorateur écrivent leurs tableaux sans espace insécable ni apostrophe."""
    for cell in body.select(".text_html :is(th, td, caption)"):
        for text in cell.find_all(string=True, recursive=False):
            text.replace_with(french(text))


def mark_aligned_prints(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Des colonnes imprimées ne passent pas à la ligne ; une phrase, si, même à côté d'elles."""
    for printed in body.select(".cell_output .output pre:not(.aligne)"):
        if sum(bool(_COLUMNS.search(line)) for line in printed.get_text().splitlines()) > 1:
            printed["class"] = "aligne"
            for text in printed.find_all(string=_SENTENCE):
                text.replace_with(*_fold_sentences(body, text))


def _fold_sentences(body: BeautifulSoup, text: str) -> Iterator[NavigableString | Tag]:
    """Les lignes d'un texte ; chaque phrase dans une balise, qui la laisse passer à la ligne."""
    for line in text.splitlines(keepends=True):
        told = NavigableString(line)
        if _SENTENCE.search(line) and not _COLUMNS.search(line):
            sentence = body.new_tag("span", attrs={"class": "phrase"})
            sentence.append(told)
            yield sentence
        else:
            yield told


def hold_punctuation(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Tient une formule avec la ponctuation qui la touche : une virgule ne commence pas de ligne.

    Aucun caractère ne le ferait : un navigateur peut couper de part et d'autre d'une formule.
    """
    for math in body.select("span.math:not(.tenu > .math)"):
        before, after = math.previous_sibling, math.next_sibling
        opens = _OPENS.search(before) if isinstance(before, NavigableString) else None
        closes = _CLOSES.match(after) if isinstance(after, NavigableString) else None
        if opens or closes:
            held = math.wrap(body.new_tag("span", attrs={"class": "tenu"}))
            if opens and isinstance(before, NavigableString):
                held.insert(0, opens[0])
                before.replace_with(before[: opens.start()])
            if closes and isinstance(after, NavigableString):
                held.append(closes[0])
                after.replace_with(after[closes.end() :])


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
    typeset_tables,
    mark_aligned_prints,
    drop_asking_code,
    take_slides,
    add_checkboxes,
    ask_by_hand,
    drop_unanswered,
    name_choices,
    describe_terms,
    hold_punctuation,
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


def _kind(page: str) -> str:
    """Le dossier d'une leçon ou d'une annexe ; rien pour une autre page."""
    return str(Path(page).parent) if page.startswith(_NOTEBOOKS) else ""


def stay_among_lessons(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """« Suivant » ne mène ni de la dernière leçon, ni de la dernière annexe, à une autre sorte."""
    for side, other in zip(
        ("prev", "next"), app.env.collect_relations().get(page, (None,) * 3)[1:], strict=True
    ):
        of_two_kinds = other and _kind(page) != _kind(other)
        if of_two_kinds and app.config.root_doc not in (page, other):
            context[side] = None


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", stay_among_lessons)
    app.connect("html-page-context", finish_page)
