"""Ce que la construction du site écrit pour l'avancement du lecteur."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from jinja2 import Environment, FileSystemLoader
from reading_progress import (
    EXERCISE_WORDS,
    Lesson,
    add_checkboxes,
    lesson_of,
    minutes,
)

ROOT = Path(__file__).parents[2]

EXERCISE = (
    '<div class="exercise admonition" id="exo-a">\n\n<p class="admonition-title">'
    '<span class="caption-number">Exercice 1 </span> (Un « &lt; » deux)</p>\n<section>'
)


def section(name: str, *content: nodes.Node) -> nodes.section:
    made = nodes.section("", *content)
    made["ids"].append(name)
    return made


def exercise(name: str) -> nodes.admonition:
    return nodes.admonition("", classes=["exercise"], ids=[name])


def lesson_page(duration: str, *sections: nodes.section) -> nodes.document:
    page = new_document("essai", get_default_settings())
    told = nodes.paragraph("", "", nodes.strong("", "Durée"), nodes.Text(f"\u00a0: {duration}"))
    page += section("lecon", nodes.admonition("", told, classes=["fiche"]), *sections)
    return page


def words(count: int) -> nodes.paragraph:
    return nodes.paragraph("", "mot " * count)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("une heure de lecture ; le carnet en moins d’une minute", 60),
        ("une heure\u00a0et demie\u202f; le reste", 90),
        ("deux heures", 120),
        ("45 minutes", 45),
        ("20\u00a0min", 20),
        ("dix minutes ; le carnet en une demi-minute", 10),
        ("un quart d'heure ; le carnet s'exécute en une demi-minute", 15),
        ("une demi-heure", 30),
        ("trois quarts d’heure", 45),
    ],
)
def test_duration_is_read_from_the_card(told: str, expected: int) -> None:
    """La durée est celle de la fiche, demi-heures comprises."""
    assert minutes(told) == expected


def test_unreadable_duration_is_an_error() -> None:
    """Une durée illisible est une erreur."""
    with pytest.raises(ValueError, match=r"reçu « un moment » ; attendu « une heure »"):
        minutes("un moment")


def test_sections_share_the_card_s_duration() -> None:
    """Les sections se partagent la durée de la fiche, exercices compris."""
    inner = section("dedans", words(100))
    page = lesson_page(
        "une heure",
        section("a", words(100), inner),
        section("b", nodes.literal_block("", "x = 1 + 2"), words(195)),
        section("c", exercise("exo-1"), words(200 - EXERCISE_WORDS % 200)),
    )
    lesson = lesson_of(page)
    assert lesson is not None
    assert lesson.exercises == ["exo-1"]
    length = EXERCISE_WORDS + 200 - EXERCISE_WORDS % 200
    assert lesson.sections == pytest.approx(
        {
            "a": 60 * 200 / (400 + length),
            "b": 60 * 200 / (400 + length),
            "c": 60 * length / (400 + length),
        },
        abs=0.05,
    )
    assert sum(lesson.sections.values()) == pytest.approx(60, abs=0.2)


def test_page_without_card_has_no_progress() -> None:
    """Une page sans fiche n'a pas d'avancement."""
    page = new_document("essai", get_default_settings())
    page += section("a", words(10))
    assert lesson_of(page) is None


def with_checkboxes(page: str) -> str:
    body = BeautifulSoup(page, "html.parser")
    add_checkboxes(body, None, "p")
    return str(body)


def test_checkbox_names_its_exercise() -> None:
    """Chaque case, au bout du titre, nomme son exercice."""
    page = with_checkboxes(EXERCISE)
    assert 'aria-label="Fait : Exercice 1 (Un « &lt; » deux)" data-exercice="exo-a"' in page
    assert page.index("deux)") < page.index("<label") < page.index("</p>")


def test_solution_gets_no_checkbox() -> None:
    """Ni une solution ni un encadré n'ont de case."""
    box = EXERCISE.replace('"exercise ', '"solution ')
    assert "checkbox" not in with_checkboxes(box)


def rendered(template: str, lesson: Lesson, title: str) -> str:
    """Un gabarit du livre, rempli pour une leçon nommée « n »."""
    environment = Environment(loader=FileSystemLoader(ROOT / "book/templates"))
    return environment.get_template(template).render(
        lessons={"n": lesson},
        titles={"n": nodes.title("", title)},
        pathto=lambda name: f"{name}.html",
        pagename="n",
    )


def test_templates_tell_the_lesson_and_escape_its_title() -> None:
    """Le tableau compte les exercices ; sections et titre restent dans leurs guillemets."""
    lesson = lesson_of(lesson_page("une heure", section("l'a", exercise("e"), exercise("f"))))
    assert lesson is not None
    table = rendered("progress-table.html", lesson, "A < B")
    gauge = rendered("reading-progress.html", lesson, "A < B")
    assert '<a href="n.html">A &lt; B</a>' in table
    assert "sur 2</td>" in table
    for page in (table, gauge):
        place = BeautifulSoup(page, "html.parser").find(attrs={"data-page": "n"})
        assert json.loads(str(place["data-sections"])) == {"l'a": 60.0}
        assert place["data-exercices"] == "e f"
