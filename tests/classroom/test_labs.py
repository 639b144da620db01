"""Les TP : leurs points, ce que leur sujet cache, et ce que dit le retour d'une erreur."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from builder.notebooks import labs_folder, notebook_paths

from pruning_core.course.classroom.grader import grader
from pruning_core.course.classroom.marking import grade, submissions
from tests.classroom.mistakes import tp1_magnitude, tp2_obd_obs, tp3_defi, tp4_mots
from tests.classroom.trial import (
    BLANK,
    ROOT,
    TEACHER,
    Trial,
    Wrong,
    classroom,
    grade_id,
    marks,
    secrets,
    source,
)

MISTAKES = {
    "tp1_magnitude": tp1_magnitude.WRONG,
    "tp2_obd_obs": tp2_obd_obs.WRONG,
    "tp3_defi": tp3_defi.WRONG,
    "tp4_mots": tp4_mots.WRONG,
}
PAGE = (ROOT / "book" / "classe" / "travaux_pratiques.md").read_text(encoding="utf-8")
_PART = re.compile(r'marking\.part\(\s*([\d.]+),\s*"([^"]+)"')

every_lab = pytest.mark.parametrize("lab", MISTAKES)
every_mistake = pytest.mark.parametrize(
    ("lab", "wrong"),
    [
        pytest.param(lab, wrong, id=f"{lab} {wrong.question} {wrong.mistake}")
        for lab, table in MISTAKES.items()
        for wrong in table
    ],
)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trial]:
    """La classe d'essai d'un TP, notée une seule fois."""
    return cache(lambda lab: Trial(tmp_path_factory.mktemp(lab), lab, MISTAKES[lab]))


def test_labs_have_one_source_each_apart_from_the_lessons() -> None:
    """Chaque TP a sa source, et aucune, solutions comprises, n'est publiée avec les leçons."""
    assert [path.stem for path in classroom(ROOT / "classe").sources] == list(MISTAKES)
    assert all(path.is_file() for path in classroom(ROOT / "classe").sources)
    assert not {path.parent for path in notebook_paths(ROOT)} & {labs_folder(ROOT)}


@every_lab
def test_source_is_kept_without_outputs(lab: str) -> None:
    """Une source n'a aucune sortie, et chaque question y a son nom."""
    cells = source(lab).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    ids = [grade_id(cell) for cell in cells if grade_id(cell)]
    assert len(ids) == len(set(ids))


@every_lab
def test_page_gives_the_points_that_the_tests_give(lab: str) -> None:
    """Le barème publié est celui de la correction, et fait 20."""
    section = PAGE.split("## Barèmes")[1].split(f"### TP {lab[2]}\n")[1].split("###")[0]
    rows = {
        line.split("|")[1].strip().split(".")[0]: line
        for line in section.splitlines()
        if line.startswith("|")
    }
    graded = [cell for cell in source(lab).cells if "points" in cell.metadata.get("nbgrader", {})]
    assert sum(cell.metadata.nbgrader.points for cell in graded) == 20
    for cell in graded:
        row = rows[grade_id(cell)[1:].removesuffix("-note")]
        assert row.split("|")[2].strip() == french(cell.metadata.nbgrader.points)
        for points, title in _PART.findall(cell.source):
            assert f"{title} : {french(points)}" in row
        assert ("à lire" in row) == (cell.cell_type == "markdown")


_ROW = re.compile(r"^\| (\d+\. [^|]+) \| ([^|]+) \| ([\d,]+) \|$", re.MULTILINE)
_QUESTION = re.compile(r"\*\*Question (\d+)(?:, rédigée)? \(([\d,]+) points?\)")


def minutes(told: str) -> int:
    """« 1 h 50 », « 2 h » ou « 20 min »."""
    hours, rest = re.fullmatch(r"(?:(\d+) h)? ?(?:(\d+)(?: min)?)?", told).groups("0")  # type: ignore[union-attr]
    return 60 * int(hours) + int(rest)


@every_lab
def test_the_subject_adds_up(lab: str) -> None:
    """Durées et points des parties, points de chaque question et de la fiche : ceux des tests."""
    card = next(cell.source for cell in source(lab).cells if "**Durée**" in cell.source)
    rows = {title: (time, points) for title, time, points in _ROW.findall(card)}
    told = re.search(r"\*\*Durée\*\* : ([^.]+)\.", card)[1]  # type: ignore[index]
    assert sum(minutes(time) for time, _ in rows.values()) == minutes(told)
    parts, questions, written = _points(lab)
    assert {title: points for title, (_, points) in rows.items()} == parts
    subject = "\n".join(cell.source for cell in source(lab).cells if cell.cell_type == "markdown")
    assert dict(_QUESTION.findall(subject)) == questions
    assert f"20 points ; {french(20 - written)} par des tests, {french(written)} pour" in card


def _points(lab: str) -> tuple[dict[str, str], dict[str, str], float]:
    """Points des tests, par partie et par question, et ceux des réponses à lire."""
    parts: dict[str, float] = {}
    questions: dict[str, float] = {}
    written, part = 0.0, ""
    for cell in source(lab).cells:
        heading = re.search(r"^## (\d+\. .+)$", cell.source, re.MULTILINE)
        part = heading[1].strip() if heading else part
        points = cell.metadata.get("nbgrader", {}).get("points")
        if points is None:
            continue
        question = re.sub(r"\D.*", "", grade_id(cell)[1:])
        parts[part] = parts.get(part, 0) + points
        questions[question] = questions.get(question, 0) + points
        written += points if cell.cell_type == "markdown" else 0
    return (
        {title: french(total) for title, total in parts.items()},
        {number: french(total) for number, total in questions.items()},
        written,
    )


def french(points: object) -> str:
    return f"{float(str(points)):g}".replace(".", ",")


@every_lab
def test_solution_gets_full_marks_and_blank_none(trial: Callable[[str], Trial], lab: str) -> None:
    """Le corrigé a tous les points des tests, et le sujet intact aucun."""
    best, blank = trial(lab).marks[TEACHER], trial(lab).marks[BLANK]
    assert trial(lab).unread == []
    assert best["sur"] == "20"
    assert best["tests"] == best["tests_sur"]
    assert best["etat"] == "réponses à lire"
    assert (blank["note"], blank["etat"]) == ("0", "complet")


@every_lab
def test_solution_runs_silently(trial: Callable[[str], Trial], lab: str) -> None:
    """Le corrigé s'exécute sans erreur ni avertissement."""
    loud = [
        (code, output)
        for code, output in trial(lab).outputs(TEACHER)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert loud == []


@every_lab
def test_subject_hides_solutions_and_tests(trial: Callable[[str], Trial], lab: str) -> None:
    """Le sujet distribué ne montre rien d'une solution, d'un test caché ou d'un barème."""
    subject = trial(lab).subject
    text = "\n".join(cell.source for cell in subject.cells)
    hidden = list(secrets(lab))
    assert len(hidden) > 50
    assert [line for line in hidden if line in text.splitlines()] == []
    for word in ("BEGIN", "**Barème.**", "Réponse attendue", "Marking", "forbid("):
        assert word not in text
    assert "# VOTRE CODE ICI" in text
    assert "VOTRE RÉPONSE ICI" in text
    assert all(not cell.get("outputs") for cell in subject.cells)


@every_mistake
def test_mistake_is_named_and_partly_credited(
    trial: Callable[[str], Trial], lab: str, wrong: Wrong
) -> None:
    """Une erreur typique garde les points de ce qui est juste, et le retour la nomme."""
    points, told = trial(lab).verdict(wrong)
    assert wrong.told in told
    assert points == wrong.points


def test_marks_given_by_hand_are_kept_without_running_again(trial: Callable[[str], Trial]) -> None:
    """Les points donnés à la main restent et s'ajoutent, sans rien exécuter de nouveau."""
    room, lab = trial("tp1_magnitude").room, "tp1_magnitude"
    handed = [one for one in submissions(room) if one.student == TEACHER]
    graded = room.graded / TEACHER / lab / f"{lab}.ipynb"
    before = graded.stat().st_mtime_ns
    with grader(room) as api, api.gradebook as book:
        for question, points in (("r6", 1.5), ("r9", 1)):
            found = book.find_grade(question, lab, lab, TEACHER)
            found.manual_score, found.needs_manual_grade = points, False
        book.db.commit()
    assert grade(room, handed) == []
    (mark,) = marks(room)
    assert (mark["note"], mark["redige"], mark["etat"]) == ("19,5", "2,5", "complet")
    assert graded.stat().st_mtime_ns == before
    assert "19,5 / 20" in trial(lab).feedback(TEACHER)
