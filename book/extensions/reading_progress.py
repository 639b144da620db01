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
from dataclasses import asdict, dataclass
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

SCRIPT = "progress.js"
# Ce qu'un exercice ajoute à la longueur de sa section : environ deux minutes de lecture.
EXERCISE_WORDS = 300
_KEY = "reading_progress"
_PLACE = "<!-- avancement -->"
_HOURS = {"une": 1, "deux": 2, "trois": 3, "quatre": 4}
_LONG = re.compile(r"\b(une|deux|trois|quatre)\s+heures?(\s+et\s+demie)?")
_SHORT = re.compile(r"\b(\d+)\s+min(?:utes)?\b")


@dataclass(frozen=True)
class Lesson:
    """Ce que le script doit savoir d'une leçon : la durée de ses sections, ses exercices."""

    sections: dict[str, float]
    exercises: list[str]

    @property
    def minutes(self) -> float:
        """Durée de la leçon, en minutes."""
        return sum(self.sections.values())


def minutes(duration: str) -> int:
    """Durée dite par une fiche, en minutes.

    >>> minutes("une heure et demie ; le carnet en moins d'une minute")
    90

    Raises
    ------
    ValueError
        Si la durée n'est pas dite en heures ou en minutes.
    """
    reading = duration.split(";")[0]
    if long := _LONG.search(reading):
        return 60 * _HOURS[long[1]] + (30 if long[2] else 0)
    if short := _SHORT.search(reading):
        return int(short[1])
    raise ValueError(
        f"durée illisible : reçu « {duration} » ; "
        "attendu « une heure », « une heure et demie » ou « 45 minutes »"
    )


def told_duration(page: nodes.document) -> str | None:
    """Durée que dit la fiche d'une page, ou None si elle n'a pas de fiche."""
    for box in page.findall(nodes.admonition):
        if "fiche" in box["classes"]:
            for paragraph in box.findall(nodes.paragraph):
                head, _, told = paragraph.astext().partition(":")
                if head.strip() == "Durée":
                    return told.strip()
    return None


def lesson_of(page: nodes.document) -> Lesson | None:
    """Sections et exercices d'une page qui a une fiche ; None pour une autre page."""
    duration = told_duration(page)
    if duration is None:
        return None
    sections = {section["ids"][0]: _length(section) for section in _chapters(page)}
    whole = minutes(duration)
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
        app.env.metadata[app.env.docname][_KEY] = asdict(lesson)


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


def spoken(left: float) -> str:
    """Une durée arrondie comme on la dit, de même que dans ``progress.js``.

    >>> spoken(0.2), spoken(3.2), spoken(43), spoken(90)
    ('1 min', '3 min', '45 min', '1 h 30')
    """
    step = 1 if left <= 10 else 5
    rounded = max(int(left / step + 0.5), 1) * step
    hours, rest = divmod(rounded, 60)
    if not hours:
        return f"{rest}\u00a0min"
    return f"{hours}\u00a0h" + (f"\u00a0{rest:02}" if rest else "")


class ProgressTable(SphinxDirective):
    """``{avancement}`` : la place du tableau, rempli quand toutes les leçons sont lues."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", _PLACE, format="html")]


def write_progress(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Écrit dans la page ce que le script remplira, et y ajoute le script."""
    order = reading_order(app.env.toctree_includes, app.config.root_doc)
    noted = {name: app.env.metadata[name].get(_KEY) for name in order}
    lessons = {name: Lesson(**lesson) for name, lesson in noted.items() if lesson}
    context |= {"lessons": lessons, "spoken": spoken, "titles": app.env.titles}
    if _PLACE in context.get("body", ""):
        table = app.builder.templates.render("progress-table.html", context)
        context["body"] = context["body"].replace(_PLACE, table)
    elif page not in lessons:
        return
    app.add_js_file(SCRIPT)


def reading_order(below: dict[str, list[str]], page: str) -> Iterator[str]:
    """Pages du sommaire, dans l'ordre où il les montre."""
    yield page
    for child in below.get(page, []):
        yield from reading_order(below, child)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("avancement", ProgressTable)
    app.connect("doctree-read", note_lesson)
    app.connect("html-page-context", write_progress, priority=400)  # avant la dernière main
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
