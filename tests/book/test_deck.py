"""Les diapositives : quelles cellules, quel partage, quelles notes."""

from __future__ import annotations

import json
from types import SimpleNamespace

from deck import Slide, slides_of, write_deck
from slides import _MARKS, mark_cells


def page(body: str) -> str:
    return f"<html><head><title>Leçon</title></head><article>{body}</article></html>"


def marked(body: str, kind: str = "-") -> str:
    return f"<!-- diapo {kind} -->{body}<!-- /diapo -->"


def texts(slide: Slide) -> list[str]:
    return [block.get_text(" ", strip=True) for block in slide.blocks]


def test_marks_follow_the_metadata() -> None:
    """Une cellule projetée sans qu'on l'ait demandé, ou dont la marque change le texte."""
    cells = [
        {"cell_type": "markdown", "source": ["# Titre\n", "Texte"], "metadata": {}},
        {
            "cell_type": "markdown",
            "source": "Vu",
            "metadata": {"slideshow": {"slide_type": "slide"}},
        },
        {
            "cell_type": "code",
            "source": "1",
            "metadata": {"tags": ["hide-input"], "slideshow": {"slide_type": "-"}},
        },
    ]
    source = [json.dumps({"cells": cells})]
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: f"{name}.ipynb"))
    mark_cells(app, "notebooks/8_1", source)
    first, second, third = json.loads(source[0])["cells"]
    assert first == cells[0]
    assert second["source"] == "<!-- diapo slide -->\n\nVu\n\n<!-- /diapo -->"
    assert third["metadata"]["tags"] == ["hide-input", "diapo--"]


def test_page_keeps_no_mark() -> None:
    """Une page de leçon alourdie par les marques."""
    written = marked("<p>a</p>", "slide") + '<div class="cell tag_hide-input tag_diapo-- x">b</div>'
    assert _MARKS.sub("", written) == '<p>a</p><div class="cell tag_hide-input x">b</div>'


def test_headings_begin_slides() -> None:
    """Deux parties sur une diapositive, ou une suite sans titre."""
    slides = slides_of(
        page(
            "<section><h1>Un</h1>"
            + marked("<p>a</p></section><section><h2>Deux</h2><p>b</p>")
            + "<p>tu</p>"
            + marked("<p>c</p>", "slide")
            + "</section>"
        )
    )
    assert [(slide.title, texts(slide)) for slide in slides] == [
        ("Un", ["a"]),
        ("Deux", ["b"]),
        ("Deux", ["c"]),
    ]


def test_unmarked_page_has_no_slide() -> None:
    """Des diapositives pour une leçon qui n'en veut pas."""
    assert slides_of(page("<h1>Un</h1><p>a</p>")) == []


def test_quiz_keeps_its_answers_for_the_speaker() -> None:
    """La réponse d'un quiz projetée avec la question."""
    choice = (
        '<details class="sd-dropdown"><summary><span class="sd-summary-text">a. Oui</span>'
        '</summary><div class="sd-summary-content"><p>Non. Voici pourquoi.</p></div></details>'
    )
    questions = f"<p>Question 1. Quoi ?</p>{choice}<p>Question 2. Qui ?</p>{choice}"
    slides = slides_of(page(marked(f"<h2>Quiz</h2><p>Ouvrez.</p>{questions}<h2>Fin</h2><p>f</p>")))
    assert [slide.title for slide in slides] == ["Quiz", "Quiz", "Fin"]
    assert texts(slides[0]) == ["Question 1. Quoi ?", "a. Oui"]
    assert [note.get_text() for note in slides[0].notes] == ["a. Oui", "Non. Voici pourquoi."]


def test_exercises_stay_in_the_notebook() -> None:
    """Un énoncé projeté, avec sa cellule à compléter."""
    assert slides_of(page(marked("<h2>Exercices</h2><p>Calculez.</p>"))) == []


def test_code_is_shown_if_it_is_short() -> None:
    """Un code replié ou d'un écran entier, projeté ; ou sa figure perdue."""

    def cell(code: str) -> str:
        return (
            '<div class="cell tag_diapo-slide"><div class="cell_input"><pre>'
            f'{code}</pre></div><div class="cell_output">sortie</div></div>'
        )

    short, long = slides_of(page(cell("x = 1") + cell("x = 1\n" * 30)))
    assert texts(short) == ["x = 1 sortie"]
    assert texts(long) == ["sortie"]


def test_full_slide_says_its_last_paragraphs() -> None:
    """Un mur de texte, ou un paragraphe perdu."""
    paragraphs = "".join(f"<p>{letter * 400}</p>" for letter in "abcd")
    (slide,) = slides_of(page(marked(f"<h2>Long</h2>{paragraphs}")))
    assert [text[0] for text in texts(slide)] == ["a", "b"]
    assert [note.get_text()[0] for note in slide.notes] == ["c", "d"]


def test_deck_has_no_dead_link_nor_repeated_anchor() -> None:
    """Un lien relatif à la leçon, mort dans le dossier des diapositives."""
    body = marked('<h1>Un</h1><p id="x"><a href="#x">ici</a> <a href="https://a.fr">là</a></p>')
    written = write_deck(page(body), slides_of(page(body)))
    assert 'href="#x"' not in written
    assert 'id="x"' not in written
    assert 'href="https://a.fr"' in written
