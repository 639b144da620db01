"""Les diapositives : quelles cellules, quel partage, quelles notes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup
from deck import Slide, slides_of
from jinja2 import Environment, FileSystemLoader
from slides import mark_cells, take_slides

ROOT = Path(__file__).parents[2]


def page(body: str) -> BeautifulSoup:
    return BeautifulSoup(body, "html.parser")


def deck_of(body: BeautifulSoup) -> str:
    """La page des diapositives de la leçon ``notebooks/x``."""
    environment = Environment(loader=FileSystemLoader(ROOT / "book/templates"))
    return environment.get_template("deck.html").render(
        slides=slides_of(body),
        lesson="notebooks/x",
        pathto=lambda name, resource=0: f"../{name}" if resource else f"../{name}.html",
        css_files=[],
    )


def marked(body: str, kind: str = "-") -> str:
    return f"<!-- diapo {kind} -->{body}<!-- /diapo -->"


def texts(slide: Slide) -> list[str]:
    return [block.get_text(" ", strip=True) for block in slide.blocks]


def test_marks_follow_the_metadata() -> None:
    """Seules les cellules qui se projettent sont entourées de marques, et aucune ne change."""
    kinds = {"a": None, "b": "slide", "c": "-", "d": "skip"}
    cells = [
        {"id": id_, "source": id_, "metadata": {"slideshow": {"slide_type": kind}} if kind else {}}
        for id_, kind in kinds.items()
    ]
    source = [json.dumps({"cells": cells})]
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: f"{name}.ipynb"))
    mark_cells(app, "notebooks/8_1", source)
    marked_cells = json.loads(source[0])["cells"]
    assert [cell["source"] for cell in marked_cells] == [
        *("a", "<!-- diapo slide -->", "b", "<!-- /diapo -->"),
        *("<!-- diapo - -->", "c", "<!-- /diapo -->", "d"),
    ]
    assert [cell for cell in marked_cells if cell in cells] == cells
    assert len({cell["id"] for cell in marked_cells}) == len(marked_cells)


def test_page_keeps_no_mark() -> None:
    """La page d'une leçon ne garde aucune marque ; ses diapositives sont retenues."""
    cell = '<div class="cell tag_hide-input">b</div>'
    body = page(marked("<h1>T</h1><p>a</p>", "slide") + marked(cell))
    app: Any = SimpleNamespace(env=SimpleNamespace(metadata={"n": {}}))
    take_slides(body, app, "n")
    assert str(body) == f"<h1>T</h1><p>a</p>{cell}"
    (slide,) = app.env.metadata["n"]["slides"]
    assert texts(slide) == ["a", "b"]


def test_headings_begin_slides() -> None:
    """Chaque titre commence une diapositive, et une suite répète le sien."""
    slides = slides_of(
        page(
            "<section><h1>Un</h1>"
            + marked("<p>a</p></section><section><h2>Deux</h2><pre>b</pre>")
            + "<p>tu</p>"
            + marked("<pre>c</pre>", "slide")
            + "</section>"
        )
    )
    assert [(slide.title, texts(slide)) for slide in slides] == [
        ("Un", ["a"]),
        ("Deux", ["b"]),
        ("Deux", ["c"]),
    ]


def test_mark_within_a_cell_begins_a_slide() -> None:
    """Une marque, au milieu d'un texte ou d'une liste, le partage entre deux diapositives."""
    body = "<h2>Un</h2><p>a</p><ol><li>b</li></ol><!-- diapo slide --><ol start='2'><li>c</li></ol>"
    first, second = slides_of(page(marked(body + "<p>d</p>")))
    assert (texts(first), texts(second)) == (["a", "b"], ["c", "d"])
    assert first.title == second.title == "Un"


def test_unmarked_page_has_no_slide() -> None:
    """Une page sans marque n'a pas de diapositives."""
    assert slides_of(page("<h1>Un</h1><p>a</p>")) == []


def test_section_shows_its_part() -> None:
    """Une section montre le titre de sa partie, quand celle-ci n'a pas de diapositive."""
    body = "<h1>Un</h1><p>a</p><h2>Les pièges</h2><h3>Deux</h3><p>b</p><h3>Trois</h3><p>c</p>"
    slides = slides_of(page(marked(f"{body}<h2>Fin</h2><p>d</p>")))
    assert [(slide.part, slide.title) for slide in slides] == [
        ("", "Un"),
        ("Les pièges", "Deux"),
        ("Les pièges", "Trois"),
        ("", "Fin"),
    ]


def test_quiz_keeps_its_answers_for_the_speaker() -> None:
    """Les réponses d'un quiz, juste ou non, sont dans les notes de qui parle."""

    def choice(label: str, told: str) -> str:
        return (
            '<details class="sd-dropdown"><summary><span class="sd-summary-text">'
            f'{label}</span></summary><div class="sd-summary-content"><p>{told}</p></div></details>'
        )

    choices = choice("a. Oui", "Non. Voici pourquoi.") + choice("b. Non", "Oui. En effet.")
    questions = f"<p>Question 1. Quoi ?</p>{choices}<p>Question 2. Qui ?</p>{choices}"
    slides = slides_of(page(marked(f"<h2>Quiz</h2><p>Ouvrez.</p>{questions}<h2>Fin</h2><p>f</p>")))
    assert [slide.title for slide in slides] == ["Quiz", "Quiz", "Fin"]
    assert texts(slides[0]) == ["Question 1. Quoi ?", "a. Oui", "b. Non"]
    assert [note.get_text() for note in slides[0].notes] == [
        "a. Oui",
        "Non. Voici pourquoi.",
        "b. Non",
        "Oui. En effet.",
    ]
    right = [block.get_text() for block in slides[0].blocks if "fragment" in str(block)]
    assert right == ["b. Non"]


def test_exercises_stay_in_the_notebook() -> None:
    """Énoncés et cellules à compléter restent dans le carnet."""
    assert slides_of(page(marked("<h2>Exercices</h2><p>Calculez.</p>"))) == []


def test_code_is_shown_if_it_is_short() -> None:
    """Un code court se projette ; replié ou long, il laisse sa figure."""

    def cell(code: str) -> str:
        shown = f'<div class="cell_input"><pre>{code}</pre></div>'
        return marked(
            f'<div class="cell">{shown}<div class="cell_output">sortie</div></div>', "slide"
        )

    short, long = slides_of(page(cell("x = 1\n" * 7) + cell("x = 1\n" * 8)))
    assert texts(short) == ["x = 1\n" * 6 + "x = 1 sortie"]
    assert texts(long) == ["sortie"]


def test_summary_of_the_lesson_is_said() -> None:
    """La fiche de la leçon se dit, sans se projeter."""
    fiche = '<div class="fiche admonition"><p>Durée</p></div>'
    (slide,) = slides_of(page(marked(f"<h1>Un</h1><p>a</p>{fiche}")))
    assert texts(slide) == ["a"]
    assert [note.get_text() for note in slide.notes] == ["Durée"]


def test_explorer_leaves_its_chart_and_the_way_to_it() -> None:
    """L'explorateur laisse son graphique, et le lien qui y mène."""
    explorer = (
        '<div class="cell"><pruning-explorer><div class="pruning-static"><p>Sans.</p>'
        "<svg></svg><table><tr><td>9</td></tr></table></div></pruning-explorer></div>"
    )
    body = page(marked("<h2>À vous</h2><p>a</p>") + marked(explorer))
    written = deck_of(body)
    assert "<svg></svg></div>" in written
    assert "<table>" not in written
    assert '<a href="../notebooks/x.html">Ouvrir la leçon</a>' in written


def test_explorer_of_words_leaves_its_table() -> None:
    """L'explorateur de mots laisse son tableau, sans la phrase de qui n'a pas JavaScript."""
    explorer = (
        '<div class="cell"><pruning-words><style>a</style><div class="pruning-static">'
        "<table><tr><td>mots</td></tr></table><p>Sans.</p></div></pruning-words></div>"
    )
    written = deck_of(page(marked("<h2>À vous</h2><p>a</p>") + marked(explorer)))
    assert "<td>mots</td>" in written
    assert "Sans." not in written and "<style>a" not in written
    assert '<a href="../notebooks/x.html">Ouvrir la leçon</a>' in written


def test_deck_begins_with_the_ways_out_of_it() -> None:
    """La première diapositive mène à l'impression et à la leçon."""
    body = page(marked("<h1>Un</h1><p>a</p><h2>Deux</h2><pre>b</pre>"))
    first, _, second = deck_of(body).partition("<h2>")
    assert '<a href="../notebooks/x.html">Ouvrir la leçon</a>' in first
    assert '<a href="x.html?print-pdf">Imprimer</a>' in first
    assert 'class="liens"' not in second


def test_deck_has_no_dead_link_nor_repeated_anchor() -> None:
    """Chaque lien mène de là où sont les diapositives, et chaque ancre est unique."""
    body = marked('<h1>Un</h1><p id="x"><a href="#x">ici</a> <a href="https://a.fr">là</a></p>')
    written = deck_of(page(body))
    assert 'href="#x"' not in written
    assert 'id="x"' not in written
    assert 'href="https://a.fr"' in written


def test_reference_to_a_formula_has_one_pair_of_parentheses() -> None:
    """Un renvoi à une formule a une seule paire de parenthèses."""
    body = page(marked('<h1>Un</h1><p>la sélection (<a href="#eq">(2)</a>) retire</p>'))
    assert "la sélection (2) retire" in deck_of(body)
