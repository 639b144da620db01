"""Une classe d'essai : le corrigé, le sujet intact, et des étudiants qui se trompent."""

from __future__ import annotations

import csv
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from builder.commands import tool_environment
from builder.notebooks import labs_folder

from pruning_core.course.classroom import Classroom
from pruning_core.course.classroom.marking import grade, submissions
from pruning_core.course.classroom.preparing import write_subjects

ROOT = Path(__file__).parents[2]
TEACHER, BLANK = "corrige", "intact"


@dataclass(frozen=True)
class Wrong:
    """Une erreur typique : ce qu'elle change au corrigé, les points qui restent, ce qu'on en dit.

    Avec ``old`` vide, ``new`` remplace toute la solution.
    """

    question: str
    mistake: str
    old: str
    new: str
    points: float
    told: str


_SOLUTION = re.compile(r"( *)### BEGIN SOLUTION\n(.*?) *### END SOLUTION", re.DOTALL)
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)


def classroom(folder: Path) -> Classroom:
    """Une classe du cours, dans un dossier d'essai."""
    return Classroom(labs_folder(ROOT), folder, tool_environment(ROOT))


def hand_in(room: Classroom, student: str, lab: str, notebook: Any) -> Path:
    """Range un carnet là où un étudiant le rendrait."""
    path = room.submitted / student / lab / f"{lab}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


def marks(room: Classroom) -> list[dict[str, str]]:
    """Les lignes du tableau des notes."""
    with room.marks.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def source(lab: str) -> Any:
    path = labs_folder(ROOT) / lab / f"{lab}.ipynb"
    return nbformat.read(path, as_version=4)


def grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def secrets(lab: str) -> Iterator[str]:
    """Chaque ligne d'une solution, d'un test caché ou d'une réponse attendue."""
    cells = source(lab).cells
    public = {
        line.strip()
        for cell in cells
        for line in _HIDDEN.sub("", _SOLUTION.sub("", cell.source)).splitlines()
        if not (cell.cell_type == "markdown" and grade_id(cell))
    }
    for cell in cells:
        parts = [match[2] for match in _SOLUTION.finditer(cell.source)]
        parts += _HIDDEN.findall(cell.source)
        if cell.cell_type == "markdown" and grade_id(cell):
            parts.append(cell.source)
        for line in "\n".join(parts).splitlines():
            if len(line.strip()) > 8 and line.strip() not in public:
                yield line.strip()


def mistaken(lab: str, wrong: dict[str, Wrong]) -> Any:
    """Le corrigé, une erreur à chacune de ces questions ; sans les figures, pour aller vite."""
    notebook = source(lab)
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    kept = [cell for cell in notebook.cells if cell is setup or grade_id(cell)]
    for cell in kept:
        if grade_id(cell) in wrong:
            cell.source = _patched(cell.source, wrong[grade_id(cell)])
    notebook.cells = kept
    return notebook


def _patched(text: str, wrong: Wrong) -> str:
    match = _SOLUTION.search(text)
    assert match, wrong
    if not wrong.old:
        lines = wrong.new.strip("\n").splitlines()
        body = "".join(f"{match[1]}{line}\n" for line in lines)
    else:
        assert wrong.old in match[2], wrong
        body = match[2].replace(wrong.old, wrong.new)
    return text[: match.start()] + body + text[match.end() :]


class Trial:
    """Les notes et les retours d'une classe où chaque erreur du tableau a été rendue."""

    def __init__(self, folder: Path, lab: str, table: list[Wrong]) -> None:
        self.room, self.lab = classroom(folder), lab
        self.students: dict[Wrong, str] = {}
        write_subjects(self.room, [lab])
        self.subject = nbformat.read(self.room.subjects / lab / f"{lab}.ipynb", as_version=4)
        hand_in(self.room, TEACHER, lab, source(lab))
        hand_in(self.room, BLANK, lab, self.subject)
        for rank, wrong in enumerate(self._sets(table), start=1):
            student = f"etudiant{rank}"
            self.students.update(dict.fromkeys(wrong.values(), student))
            hand_in(self.room, student, lab, mistaken(lab, wrong))
        self.unread = grade(self.room, list(submissions(self.room)))
        self.marks = {row["eleve"]: row for row in marks(self.room)}

    @staticmethod
    def _sets(table: list[Wrong]) -> list[dict[str, Wrong]]:
        """Range les erreurs en aussi peu d'étudiants que possible, une par question chacun."""
        by_question: dict[str, list[Wrong]] = defaultdict(list)
        for wrong in table:
            by_question[wrong.question].append(wrong)
        most = max((len(wrongs) for wrongs in by_question.values()), default=0)
        return [
            {q: wrongs[rank] for q, wrongs in by_question.items() if rank < len(wrongs)}
            for rank in range(most)
        ]

    def graded(self, student: str) -> Any:
        path = self.room.graded / student / self.lab / f"{self.lab}.ipynb"
        return nbformat.read(path, as_version=4)

    def feedback(self, student: str) -> str:
        path = self.room.feedback / student / self.lab / f"{self.lab}.html"
        return html.unescape(path.read_text(encoding="utf-8"))

    def verdict(self, wrong: Wrong) -> tuple[float, str]:
        """Points et message d'une question, tels que le retour les montre."""
        page = self.feedback(self.students[wrong])
        part = page.split(f'<h3 id="{wrong.question}-note">')[1].split("<h2")[0]
        points = re.search(r'class="points">([\d,]+) /', part)
        assert points, part
        return float(points[1].replace(",", ".")), " ".join(part.split())

    def outputs(self, student: str) -> Iterator[tuple[str, Any]]:
        for cell in self.graded(student).cells:
            for output in cell.get("outputs", []):
                yield cell.source, output
