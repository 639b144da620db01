"""Un rendu malmené dans l'éditeur garde ses points."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from pruning_core.course.classroom.marking import grade, submissions
from pruning_core.course.classroom.mending import mend
from pruning_core.course.classroom.preparing import write_subjects
from tests.classroom.trial import classroom, grade_id, hand_in, marks, mistaken

LAB = "tp1_magnitude"
QUESTIONS: dict[str, dict[str, Any]] = {
    "q1": {"grade_id": "q1", "solution": True, "cell_type": "code"},
    "q1-note": {"grade_id": "q1-note", "solution": False, "cell_type": "code", "points": 2},
    "r2": {"grade_id": "r2", "solution": True, "cell_type": "markdown", "points": 1},
}
FIRSTS = {"def f(n):": "q1", "# Note 1": "q1-note"}


def code(source: str, name: str = "") -> Any:
    cell = new_code_cell(source)
    if name:
        cell.metadata["nbgrader"] = {"grade_id": name}
    return cell


def mended(*cells: Any) -> list[tuple[str, str]]:
    """Nom et texte de chaque cellule, une fois le carnet réparé."""
    notebook = new_notebook(cells=list(cells))
    mend(notebook, QUESTIONS, FIRSTS)
    for cell in notebook.cells:
        if grade_id(cell):
            assert cell.metadata["nbgrader"] == QUESTIONS[grade_id(cell)]
    return [(grade_id(cell), cell.source) for cell in notebook.cells]


def written() -> Any:
    cell = new_markdown_cell("Ma réponse.")
    cell.metadata["nbgrader"] = {"grade_id": "r2"}
    return cell


def test_an_intact_notebook_stays_as_it_is() -> None:
    """Un rendu que rien n'a abîmé reste tel quel."""
    found = mended(code("import torch"), code("f", "q1"), code("note", "q1-note"), written())
    assert found == [
        ("", "import torch"),
        ("q1", "f"),
        ("q1-note", "note"),
        ("r2", "Ma réponse."),
    ]


def test_a_split_answer_is_joined_again() -> None:
    """Une réponse coupée en deux redevient une seule cellule."""
    found = mended(code("a = 1", "q1"), code("b = 2", "q1"), code("note", "q1-note"), written())
    assert found[:2] == [("q1", "a = 1\n\nb = 2"), ("q1-note", "note")]


def test_a_copied_answer_stays_code() -> None:
    """La dernière copie est la réponse ; l'original, défini avant la note, reste du code."""
    found = mended(code("f", "q1"), code("n", "q1-note"), written(), code("copie", "q1"))
    assert [name for name, _ in found] == ["", "q1-note", "r2", "q1"]
    assert found[0][1] == "f"


def test_a_cell_without_metadata_is_recognized() -> None:
    """Une cellule dont l'éditeur a perdu les métadonnées est reconnue à sa première ligne."""
    found = mended(code("def f(n):\n    return n"), code("# Note 1 : ne changez pas"), written())
    assert found[0][0] == "q1"
    assert mended(code("# Note 1"), written())[1][0] == "q1-note"


def test_a_cell_of_another_lab_is_only_code() -> None:
    """Une cellule collée d'un autre sujet n'est que du code."""
    assert ("", "autre") in mended(code("autre", "q9"), code("f", "q1"), written())


def test_a_deleted_answer_gets_its_place_back() -> None:
    """Une réponse effacée avec sa note retrouve sa place."""
    found = mended(code("import torch"), code("note", "q1-note"))
    assert [name for name, _ in found] == ["q1", "", "q1-note", "r2"]
    assert found[0][1] == "# Cellule q1 absente du rendu, remise par la correction."


def test_battered_submission_keeps_its_marks(tmp_path: Path) -> None:
    """Un carnet juste, malmené de toutes ces façons à la fois, garde ses points."""
    room = classroom(tmp_path)
    write_subjects(room, [LAB])
    notebook = mistaken(LAB, {})
    by_id = {grade_id(cell): cell for cell in notebook.cells}
    again = copy.deepcopy(by_id["q2"])
    again.id = "copie"
    for name in ("q3", "q3-note"):
        del by_id[name].metadata["nbgrader"]
    shadow = new_code_cell("sum, list = 0, [1]  # des noms que les tests emploient")
    gone = ("q5", "q5-note", "r6")
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in gone]
    notebook.cells.append(again)
    notebook.cells.insert(1, shadow)
    hand_in(room, "ada", LAB, notebook)
    assert grade(room, list(submissions(room))) == []
    (ada,) = marks(room)
    assert (ada["tests"], ada["tests_sur"]) == ("15", "17")
