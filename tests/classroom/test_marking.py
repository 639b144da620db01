"""Ranger et noter les rendus : ce qui est mal rangé ou abîmé se dit, et les autres sont notés."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from pruning_core.course.classroom import ClassroomError
from pruning_core.course.classroom.grader import grader
from pruning_core.course.classroom.marking import grade, submissions
from pruning_core.course.classroom.preparing import write_subjects
from tests.classroom.trial import classroom, grade_id, hand_in, marks, source

LAB = "tp1_magnitude"


def test_no_submission_says_where_to_put_them(tmp_path: Path) -> None:
    """Sans rendu, l'erreur dit où les mettre."""
    with pytest.raises(ClassroomError, match=r"aucun rendu .* attendu par exemple prenom\.nom"):
        list(submissions(classroom(tmp_path)))


def test_misplaced_notebook_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Un rendu qui porte un autre nom est signalé."""
    room = classroom(tmp_path)
    hand_in(room, "ada", LAB, nbformat.v4.new_notebook())
    stray = tmp_path / "rendus" / "bob" / "tp1 (1).ipynb"
    stray.parent.mkdir()
    stray.write_text("{}", encoding="utf-8")
    assert [one.student for one in submissions(room)] == ["ada"]
    assert f"Ignoré, mal rangé : {Path('bob', 'tp1 (1).ipynb')}" in capsys.readouterr().out


def test_unreadable_submission_gets_zero_and_others_their_marks(tmp_path: Path) -> None:
    """Un carnet tronqué a zéro et le dit ; les autres gardent leurs notes."""
    room = classroom(tmp_path)
    write_subjects(room, [LAB])
    subject = (room.subjects / LAB / f"{LAB}.ipynb").read_text(encoding="utf-8")
    truncated = hand_in(room, "ada", LAB, nbformat.v4.new_notebook())
    truncated.write_text(subject[: len(subject) // 2], encoding="utf-8")
    answered = nbformat.from_dict(json.loads(subject))
    # Rien que des réponses, sans les importations : rien ne calcule, et la correction est courte.
    answered.cells = [
        cell for cell in answered.cells if cell.metadata.get("nbgrader", {}).get("solution")
    ]
    (written,) = (cell for cell in answered.cells if grade_id(cell) == "r6")
    written.source = "Ma réponse."
    hand_in(room, "bob", LAB, answered)
    assert grade(room, list(submissions(room))) == ["ada (tp1_magnitude)"]
    ada, bob = marks(room)
    assert (ada["eleve"], ada["note"], ada["etat"]) == ("ada", "0", "illisible")
    assert (bob["eleve"], bob["note"], bob["etat"]) == ("bob", "0", "réponses à lire")
    assert not (room.feedback / "ada").exists()
    graded = nbformat.read(room.graded / "bob" / LAB / f"{LAB}.ipynb", as_version=4)
    # Les cellules de note effacées sont revenues, et n'ont donné aucun point.
    assert "q2-note" in [grade_id(cell) for cell in graded.cells]


def test_only_short_cells_get_a_short_time(tmp_path: Path) -> None:
    """Une cellule courte a trente secondes, celles du défi et des étudiants deux minutes."""
    with grader(classroom(tmp_path)) as api:
        seconds = api.config.Execute.timeout_func
    added = nbformat.v4.new_code_cell("best = ma_methode()")
    challenge = [cell for cell in source("tp3_defi").cells if cell.cell_type == "code"]
    challenge += [cell for cell in source("tp4_mots").cells if "best" in cell.source]
    assert {seconds(cell) for cell in [added, *challenge]} == {120}
    times = {grade_id(cell): seconds(cell) for cell in source(LAB).cells}
    assert (times["q2"], times["q4"], times["q7-note"]) == (30, 30, 120)
