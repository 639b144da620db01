"""L'avancement du lecteur : ce qui est lu, les exercices faits, le temps qui reste.

Tout ce qui ne dépend pas du lecteur est écrit dans la page à la construction : les sections et
leur durée, une case par exercice, le tableau de l'accueil. Le script ``progress.js`` ne fait que
remplir ces places ; sans lui, une règle de style les cache.

La durée d'une leçon est celle de sa fiche. Chaque section en reçoit une part, à proportion de ses
mots (prose, code et sorties imprimées) et de ses exercices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# Ce qu'un exercice ajoute à la longueur de sa section : environ deux minutes de lecture.
EXERCISE_WORDS = 300
_KEY = "reading_progress"
_PLACE = "<!-- avancement -->"
_HOURS = {"une": 1, "deux": 2, "trois": 3, "quatre": 4}
_MINUTES = {"cinq": 5, "dix": 10, "quinze": 15, "vingt": 20, "trente": 30, "quarante": 40}
_PARTS = {"un quart d’heure": 15, "une demi-heure": 30, "trois quarts d’heure": 45}
_DURATION = re.compile(
    rf"\b(?:({'|'.join(_HOURS)})\s+heures?(\s+et\s+demie)?"
    rf"|(\d+|{'|'.join(_MINUTES)})\s+min|({'|'.join(_PARTS)}))"
)


@dataclass(frozen=True)
class Lesson:
    """Ce que le script doit savoir d'une leçon : la durée de ses sections, ses exercices."""

    sections: dict[str, float]
    exercises: list[str]


def minutes(duration: str) -> int:
    """Durée dite par une fiche, en minutes.

    >>> minutes("une heure et demie ; le carnet en moins d'une minute")
    90

    Raises
    ------
    ValueError
        Si la durée n'est pas dite en heures ou en minutes.
    """
    told = _DURATION.search(duration.split(";")[0].replace("'", "’"))
    if told is None:
        raise ValueError(
            f"durée illisible : reçu « {duration} » ; "
            "attendu « une heure », « une heure et demie », « un quart d'heure » ou « 45 minutes »"
        )
    hours, half, short, part = told.groups()
    if part:
        return _PARTS[part]
    if short:
        return _MINUTES.get(short) or int(short)
    return 60 * _HOURS[hours] + (30 if half else 0)


def card(page: nodes.document) -> nodes.admonition | None:
    """Fiche d'une leçon ; None pour une autre page."""
    boxes = page.findall(nodes.admonition)
    return next((box for box in boxes if "fiche" in box["classes"]), None)


def lesson_of(page: nodes.document) -> Lesson | None:
    """Sections et exercices d'une page qui a une fiche ; None pour une autre page."""
    told = card(page)
    if told is None:
        return None
    lines = told.astext().splitlines()
    whole = minutes(next((line for line in lines if line.startswith("Durée")), ""))
    sections = {section["ids"][0]: _length(section) for section in _chapters(page)}
    share = whole / max(sum(sections.values()), 1)
    return Lesson(
        {name: round(length * share, 1) for name, length in sections.items()},
        [node["ids"][0] for node in _exercises(page)],
    )


def _chapters(page: nodes.document) -> Iterator[nodes.section]:
    for top in page.children:
        if isinstance(top, nodes.section):
            yield from (node for node in top.children if isinstance(node, nodes.section))


def _exercises(node: nodes.Element) -> Iterator[nodes.Element]:
    boxes = node.findall(nodes.Admonition)
    yield from (box for box in boxes if "exercise" in box["classes"] and box["ids"])


def _length(section: nodes.section) -> int:
    written = (nodes.paragraph, nodes.literal_block)
    words = sum(len(text.astext().split()) for text in section.findall() if type(text) in written)
    return words + EXERCISE_WORDS * sum(1 for _ in _exercises(section))


def note_lesson(app: Sphinx, page: nodes.document) -> None:
    """Retient ce que la page apprend d'elle-même, pour elle et pour l'accueil."""
    try:
        lesson = lesson_of(page)
    except ValueError as error:
        raise ExtensionError(f"{app.env.docname} : {error}") from error
    if lesson is not None:
        app.env.metadata[app.env.docname][_KEY] = lesson


def add_checkboxes(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Pose une case à cocher dans le titre de chaque exercice.

    Son nom dit de quel exercice il s'agit : hors de son contexte, « Fait » ne dirait rien.
    """
    for title in body.select(".exercise[id] > .admonition-title"):
        assert title.parent is not None
        name = f"Fait : {' '.join(title.get_text().split())}"
        exercise = {"data-exercice": str(title.parent["id"]), "aria-label": name}
        label = body.new_tag("label", attrs={"class": "fait"})
        label.extend([body.new_tag("input", attrs={"type": "checkbox", **exercise}), " Fait"])
        title.append(label)


def write_progress(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Donne les leçons aux gabarits, et pose le tableau à la place que dit la page."""
    order = app.env.collect_relations()  # celui du sommaire
    noted = {name: app.env.metadata[name].get(_KEY) for name in order}
    lessons = {name: lesson for name, lesson in noted.items() if lesson}
    context |= {"lessons": lessons, "titles": app.env.titles}
    if _PLACE in context.get("body", ""):
        table = app.builder.templates.render("progress-table.html", context)
        context["body"] = context["body"].replace(_PLACE, table)


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", note_lesson)
    app.connect("html-page-context", write_progress, priority=400)  # avant la dernière main
