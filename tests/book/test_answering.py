"""Répondre sur la page : ce que la construction y pose, et que le script juge comme Python."""

from __future__ import annotations

import json
import os
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from answering import _spoken, ask_by_hand, drop_asking_code, drop_unanswered, name_choices
from bs4 import BeautifulSoup
from builder.scripts import ensure_tools, run_node
from typography import french

from pruning_core.course.exercises import assess, check
from pruning_core.course.exercises.forms import FORMS, Form
from tests.course.answers import RIGHT, WRONG

ROOT = Path(__file__).parents[2]
APP: Any = SimpleNamespace()
OPTIONS = FORMS["langue-echelle"].options
VALUES = (-1.95, -1, -0.05, 0, 0.03, 1 / 32, 0.05, 0.25, 0.5, 0.95, 1, 2, 3, 8, 9)
EXERCISE = (
    '<div class="exercise admonition" id="exo"><p>Calculez.</p></div>'
    '<div class="cell"><div class="cell_input"><pre>x = ...\ncheck("gradient-main", x)</pre></div>'
    '<div class="cell_output"><pre>{}</pre></div></div>'
)


def written(answer: Any) -> list[str]:
    """Une réponse de Python, comme on l'écrit dans les champs de la page."""
    if any(isinstance(value, str) for value in answer):
        return [str(OPTIONS.index(value)) for value in answer]
    values = [*answer] if isinstance(answer, (set, frozenset)) else answer
    return [str(float(value)).replace(".", ",") for value in values]


def _can_be_written(form: Form, answer: tuple[Any, ...]) -> bool:
    """Vrai si les champs de la page permettent cette réponse."""
    if form.options:
        fits = [value in form.options for value in answer]
    else:
        fits = [not isinstance(value, str) and value == value for value in answer]
    return len(fits) == len(form.fields) and all(fits)


def cases() -> list[dict[str, Any]]:
    """Les réponses des tests de `check`, et une grille, avec ce qu'en dit `check`."""
    by_hand = [pair[:2] for pair in (*RIGHT, *WRONG) if pair[0] in FORMS]
    answers = [(key, answer) for key, answer in by_hand if isinstance(answer, tuple)]
    for key, form in FORMS.items():
        if form.options:
            answers += [(key, one) for one in product(OPTIONS, repeat=len(form.fields))]
        elif not form.asks_indices:
            answers += [(key, pair) for pair in product(VALUES, repeat=2)]
    found = [
        {"exercise": key, "texts": written(answer), "told": french(assess(key, answer).message)}
        for key, answer in answers
        if _can_be_written(FORMS[key], answer)
    ]
    subsets = [[i for i in range(6) if bits >> i & 1] for bits in range(1, 64)]
    return found + [
        {
            "exercise": "magnitude-main",
            "texts": [", ".join(map(str, subset))],
            "told": french(assess("magnitude-main", subset).message),
        }
        for subset in subsets
    ]


def test_the_page_judges_as_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque réponse reçoit sur la page les mots de `check` ; le quiz et les réponses restent."""
    forms = {key: _spoken(form.data()) for key, form in FORMS.items()}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": cases(), "forms": forms}), encoding="utf-8")
    monkeypatch.setitem(os.environ, "ANSWER_CASES", str(path))
    ensure_tools(ROOT)
    done = run_node(ROOT, "--test", "tests/book/answers.test.mjs")
    assert done.returncode == 0, done.stdout


def test_an_exercise_by_hand_is_asked_under_its_text() -> None:
    """Un champ par nombre demandé, nommé, dans l'énoncé ; une seule fois."""
    body = BeautifulSoup(EXERCISE.format("Remplacez") + EXERCISE.format(""), "html.parser")
    ask_by_hand(body, APP, "lecon")
    form = body.select_one(".exercise > form.repondre")
    assert form is not None
    labels = [" ".join(label.get_text().split()) for label in form.select("label")]
    assert labels == ["Par lots de 1", "Par un lot de 2"]
    assert form["data-exercice"] == "exo"
    rules = json.loads(str(form["data-regles"]))["rules"]
    assert [rule["right"] for rule in rules].count(True) == 1
    assert len(body.select("form")) == 2


def test_a_choice_is_made_in_a_menu() -> None:
    """Un exercice à choix a un menu par champ, où rien n'est choisi d'avance."""
    body = BeautifulSoup(EXERCISE.replace("gradient-main", "langue-echelle"), "html.parser")
    ask_by_hand(body, APP, "lecon")
    menus = body.select("form.repondre select")
    assert len(menus) == 4
    assert [option["value"] for option in menus[0].select("option")] == ["", "0", "1"]


def test_an_exercise_to_code_is_left_to_the_notebook() -> None:
    """Ce qui demande un noyau ne se répond pas sur la page."""
    body = BeautifulSoup(EXERCISE.replace("gradient-main", "gradient-code"), "html.parser")
    ask_by_hand(body, APP, "lecon")
    assert body.select("form") == []


def test_an_unanswered_cell_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Un exercice à faire se reconnaît à son message ; il ne se publie pas."""
    check("gradient-main", ...)
    body = BeautifulSoup(EXERCISE.format(capsys.readouterr().out), "html.parser")
    drop_unanswered(body, APP, "lecon")
    assert body.select(".cell_output") == []
    assert body.select(".cell_input") != []


def test_a_guess_shows_no_code() -> None:
    """Le code d'un pronostic ne se montre pas, même replié ; celui des autres cellules, si."""
    cells = (
        '<div class="cell"><details class="hide"><div class="cell_input">Guess()</div></details>'
        '<div class="cell_output"><lesson-guess><p>?</p></lesson-guess></div></div>'
        '<div class="cell"><div class="cell_input">x = 1</div></div>'
    )
    body = BeautifulSoup(cells, "html.parser")
    drop_asking_code(body, APP, "lecon")
    assert body.get_text() == "?x = 1"


def test_each_choice_says_its_question_and_its_worth() -> None:
    """Les choix d'une question sont un groupe ; le juste est celui que son explication dit."""
    choice = (
        '<details class="sd-dropdown"><summary><span class="sd-summary-text">{}. x</span></summary>'
        '<div class="sd-summary-content"><p><strong>{}.</strong> Parce que.</p></div></details>'
    )
    texts = [("a", "Non"), ("b", "Oui")], [("a", "Oui"), ("b", "Non")]
    questions = "".join(
        f"<p>Question {rank}.</p>" + "".join(choice.format(*one) for one in choices)
        for rank, choices in enumerate(texts, 1)
    )
    body = BeautifulSoup(f'<section id="quiz"><h2>Quiz</h2>{questions}</section>', "html.parser")
    name_choices(body, APP, "lecon")
    found = [(one["name"], one["data-choix"]) for one in body.select("details")]
    assert found == [
        ("quiz-1", "faux"),
        ("quiz-1", "juste"),
        ("quiz-2", "juste"),
        ("quiz-2", "faux"),
    ]
    assert len(body.select(".bilan-quiz[hidden]")) == 1
