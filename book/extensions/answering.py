"""Répondre sur la page : les exercices à la main et le quiz, sans noyau.

Tout est écrit à la construction, d'après les mêmes données que ``check`` ; le script
``answers.js`` ne fait que lire, juger et retenir. Sans lui, un exercice est un énoncé, et un choix
du quiz un repli.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx
from typography import french

from pruning_core.course.exercises.forms import FORMS, Form

_CHECK = re.compile(r'\bcheck\(\s*"([\w-]+)"')
_TO_BE_DONE = "Remplacez ... par votre réponse"  # ce qu'affiche `check` tant que rien n'est répondu
_EXAMPLE = {True: "par exemple : 0, 4", False: "par exemple : 0,5 ou 1/3"}


def ask_by_hand(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Pose sous chaque exercice à la main de quoi y répondre."""
    for cell in body.select(".cell"):
        asked = _CHECK.search(cell.get_text())
        exercise = cell.find_previous(class_="exercise")
        if asked and asked[1] in FORMS and exercise and not exercise.select(".repondre"):
            exercise.append(_form(FORMS[asked[1]], str(exercise["id"])))


def _form(form: Form, exercise: str) -> Tag:
    rules = json.dumps(_spoken(form.data()), ensure_ascii=False)
    written = BeautifulSoup("", "html.parser")
    data = {"data-exercice": exercise, "data-regles": rules}
    box = written.new_tag("form", attrs={"class": "repondre", "autocomplete": "off", **data})
    for name in form.fields:
        label = written.new_tag("label")
        label.extend([f"{name[0].upper()}{name[1:]} ", _field(form, written)])
        box.append(label)
    button = written.new_tag("button", attrs={"type": "submit"})
    button.string = "Vérifier"
    box.extend([button, written.new_tag("p", attrs={"role": "status"})])
    return box


def _field(form: Form, written: BeautifulSoup) -> Tag:
    if not form.options:
        field = {"type": "text", "placeholder": _EXAMPLE[form.asks_indices], "spellcheck": "false"}
        return written.new_tag("input", attrs=field)
    menu = written.new_tag("select")
    for value, told in (("", "Choisissez"), *enumerate(form.options)):
        option = written.new_tag("option", attrs={"value": str(value)})
        option.string = french(told)
        menu.append(option)
    return menu


def _spoken(data: dict[str, Any]) -> dict[str, Any]:
    """Les mêmes règles, leurs phrases composées comme le reste de la page."""
    rules = [rule | {"told": french(rule["told"])} for rule in data["rules"]]
    return data | {"rules": rules}


def drop_asking_code(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Ôte le code qui ne fait que poser une question : il n'apprend rien."""
    guesses = ":is(lesson-guess, lesson-outcome, lesson-guesses)"
    for code in body.select(f".cell:has({guesses}) > :is(.cell_input, details.hide)"):
        code.decompose()


def drop_unanswered(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Ôte ce qu'affiche une cellule de vérification que personne n'a exécutée."""
    for output in body.select(".cell_output"):
        if output.get_text().strip().startswith(_TO_BE_DONE):
            output.decompose()


def name_choices(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Dit de chaque choix du quiz sa question, et s'il est juste ; un seul reste ouvert."""
    for quiz in body.select("section#quiz"):
        rank = 0
        for choice in quiz.select("details.sd-dropdown"):
            before = choice.find_previous_sibling()
            rank += before is None or before.name != "details"
            explained = choice.select_one(".sd-summary-content")
            right = explained is not None and explained.get_text().strip().startswith("Oui.")
            choice["name"], choice["data-choix"] = f"quiz-{rank}", "juste" if right else "faux"
        quiz.append(
            BeautifulSoup(
                '<div class="bilan-quiz" hidden=""><p role="status"></p>'
                '<button type="button">Recommencer le quiz</button></div>',
                "html.parser",
            )
        )
