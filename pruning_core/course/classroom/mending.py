"""Réparer un rendu avant sa correction : cellules copiées, coupées en deux, effacées, anonymes.

nbgrader reconnaît les questions à leurs métadonnées. Copier une cellule les copie, la couper en
deux aussi ; certains éditeurs les perdent. Il s'arrête alors, et tout le carnet vaudrait zéro.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell

_MISSING = "Cellule {} absente du rendu, remise par la correction."

Metadata = dict[str, Any]


def mend_submission(notebook: Any, resources: Any) -> tuple[Any, Any]:
    """Répare un rendu : un préprocesseur de `nbconvert`, le premier de la correction."""
    from nbgrader.api import Gradebook

    told = resources["nbgrader"]
    with Gradebook(told["db_url"]) as book:
        subject = book.find_notebook(told["notebook"], told["assignment"])
        code = [cell for cell in subject.source_cells if cell.cell_type == "code"]
        firsts = {_first_line(cell.source): cell.name for cell in code}
        mend(notebook, _questions(subject), firsts)
    return notebook, resources


def _questions(subject: Any) -> dict[str, Metadata]:
    """Les cellules notées ou à remplir du sujet, dans l'ordre, avec leurs métadonnées."""
    points = {cell.name: cell.max_score for cell in subject.grade_cells}
    answers = {cell.name for cell in subject.solution_cells}
    return {
        cell.name: {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": cell.name in points,
            "grade_id": cell.name,
            "locked": cell.locked,
            "schema_version": 3,
            "solution": cell.name in answers,
            "task": False,
            **({"points": points[cell.name]} if cell.name in points else {}),
        }
        for cell in subject.source_cells
    }


def mend(notebook: Any, questions: Mapping[str, Metadata], firsts: Mapping[str, str]) -> None:
    """Rend à chaque question une cellule, et une seule.

    Parameters
    ----------
    notebook : NotebookNode
        Le carnet rendu, changé sur place.
    questions : dict
        Les métadonnées de chaque question du sujet, dans l'ordre.
    firsts : dict
        Première ligne d'une cellule du sujet -> question : reconnaît une cellule anonyme.
    """
    for cell in notebook.cells:
        _identify(cell, questions, firsts)
    notebook.cells = _joined(notebook.cells)
    _keep_last(notebook.cells)
    _add_missing_answers(notebook.cells, questions)


def _identify(cell: Any, questions: Mapping[str, Metadata], firsts: Mapping[str, str]) -> None:
    known = cell.metadata.pop("nbgrader", None)
    first = firsts.get(_first_line(cell.source), "")
    name = first if known is None else str(known.get("grade_id"))
    if name in questions:
        cell.metadata["nbgrader"] = dict(questions[name])


def _joined(cells: list[Any]) -> list[Any]:
    """Recolle les morceaux voisins d'une même réponse : une cellule coupée en deux."""
    kept: list[Any] = []
    for cell in cells:
        if kept and _name(cell) and _key(cell) == _key(kept[-1]):
            kept[-1].source += "\n\n" + cell.source
        else:
            kept.append(cell)
    return kept


def _keep_last(cells: list[Any]) -> None:
    """D'une réponse copiée ailleurs, la dernière est la réponse ; les autres restent du code."""
    seen = set()
    for cell in reversed(cells):
        if _name(cell) in seen:
            del cell.metadata["nbgrader"]
        elif _name(cell):
            seen.add(_name(cell))


def _add_missing_answers(cells: list[Any], questions: Mapping[str, Metadata]) -> None:
    """Remet une cellule vide à la place d'une réponse effacée ; nbgrader remet celles de note."""
    place = 0
    for name, metadata in questions.items():
        found = [rank for rank, cell in enumerate(cells) if _name(cell) == name]
        if found:
            place = found[0] + 1
        elif metadata["solution"]:
            cells.insert(place, _blank(metadata))
            place += 1


def _blank(metadata: Metadata) -> Any:
    told = _MISSING.format(metadata["grade_id"])
    is_code = metadata["cell_type"] == "code"
    cell = new_code_cell(f"# {told}") if is_code else new_markdown_cell(told)
    cell.metadata["nbgrader"] = dict(metadata)
    return cell


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _key(cell: Any) -> tuple[str, str]:
    return _name(cell), cell.cell_type


def _first_line(source: str) -> str:
    return source.strip().partition("\n")[0].strip()
