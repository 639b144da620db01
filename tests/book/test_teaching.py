"""La page pour enseigner : ses durées sont celles des fiches, ses nombres ceux des leçons."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests.book.lesson_numbers import LINK, numbers, sections

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "classe" / "enseigner.md").read_text(encoding="utf-8")
LESSONS = sorted((ROOT / "notebooks").glob("8_1_*.ipynb"))
MINUTES = {"une heure": 60, "une heure et demie": 90}
PATHS = {"En deux heures": 120, "En huit heures": 480, "En dix-huit heures": 1080}

_SLOT = re.compile(r"^\| (\d+) min \| (.+) \|$", re.MULTILINE)
_CARD = re.compile(r"\*\*Durée\*\* : ([^;]+?) de lecture et d'exercices ;")


def card_duration(lesson: Path) -> str:
    """Durée que donne la fiche d'une leçon ; toutes la disent de même, exercices compris."""
    cells = nbformat.read(lesson, as_version=4).cells
    found = _CARD.search("\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    assert found, lesson.name
    return found[1]


def parts(page: str, marks: str) -> dict[str, str]:
    """Titre -> texte de chaque partie d'un niveau, sous-parties comprises."""
    found = re.split(rf"^{marks} (.+)$", page, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def answers(page: str) -> dict[str, str]:
    """Question -> réponse."""
    return parts(parts(page, "##")["Ce que l'on vous demandera"], "###")


def faults(page: str, root: Path = ROOT) -> list[str]:
    """Réponses sans leçon citée, sans nombre, ou dont un nombre n'est pas imprimé où l'on dit."""
    found = []
    for question, answer in answers(page).items():
        cited = LINK.findall(answer)
        told = [sections(root / path).get(anchor) for path, anchor in cited]
        claimed = numbers(re.sub(r"\[[^]]*\]\([^)]*\)", "", answer))
        if not told or None in told:
            found.append(f"{question} : aucune section citée, ou une section qui n'existe pas")
        elif not claimed:
            found.append(f"{question} : aucun nombre")
        elif missing := claimed - numbers("\n".join(text or "" for text in told)):
            found.append(f"{question} : {sorted(map(str, missing))} n'est pas imprimé")
    return found


def test_durations_are_those_of_the_lessons() -> None:
    """Chaque durée annoncée est celle de la fiche."""
    rows = re.findall(r"^\| \[.+\]\(\.\./\.\./(notebooks/.+)\) \| (.+) \|$", PAGE, re.MULTILINE)
    told = {ROOT / path: duration for path, duration in rows}
    assert told == {lesson: card_duration(lesson) for lesson in LESSONS}


@pytest.mark.parametrize(("title", "minutes"), PATHS.items(), ids=PATHS)
def test_path_fills_its_time(title: str, minutes: int) -> None:
    """Chaque parcours remplit son temps, sans le dépasser."""
    slots = _SLOT.findall(parts(PAGE, "##")[title])
    assert sum(int(duration) for duration, _ in slots) == minutes


@pytest.mark.parametrize(
    ("title", "lessons"), [("En huit heures", 5), ("En dix-huit heures", len(LESSONS))]
)
def test_whole_lesson_gets_its_duration(title: str, lessons: int) -> None:
    """Chaque leçon entière a sa durée dans le parcours, dans l'ordre du cours."""
    slots = _SLOT.findall(parts(PAGE, "##")[title])
    whole = [int(duration) for duration, what in slots if "entière" in what]
    assert whole == [MINUTES[card_duration(lesson)] for lesson in LESSONS[:lessons]]


def test_answers_are_proved() -> None:
    """Chaque nombre d'une réponse est imprimé par la leçon citée."""
    assert len(answers(PAGE)) >= 10
    assert faults(PAGE) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("96,4 %", "96,5 %", "96.5"),
        ("#la-question)", "#une-autre)", "section qui n'existe pas"),
        ("de 90,0 % à 19,7 %", "beaucoup", "aucun nombre"),
    ],
)
def test_planted_fault_is_seen(old: str, new: str, told: str) -> None:
    """Chaque faute plantée est vue."""
    assert old in PAGE
    assert [fault for fault in faults(PAGE.replace(old, new)) if told in fault]


def test_oral_questions_are_not_answered() -> None:
    """Les questions orales sont publiées sans corrigé."""
    text = parts(PAGE, "##")["Pour un oral ou un examen"]
    asked = re.findall(r"^\d+\. (.+?)(?=\n\d+\. |\n*\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(asked) == 10
    assert [one for one in asked if not re.search(r"[?.]$", one.strip())] == []
    assert "Oui" not in text
    assert numbers(re.sub(r"^\d+\. ", "", text, flags=re.MULTILINE)) == set()
