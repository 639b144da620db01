"""Corriger une classe : noter les rendus, écrire un retour par étudiant et le tableau des notes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pruning_core.course.classroom.folders import Classroom, ClassroomError
from pruning_core.course.classroom.grader import demand, grader
from pruning_core.course.classroom.preparing import write_subjects


@dataclass(frozen=True)
class Handed:
    """Un rendu : qui, quel TP, quel fichier."""

    student: str
    lab: str
    path: Path


@dataclass(frozen=True)
class Mark:
    """Une ligne du tableau des notes ; les points sont sur le barème du TP."""

    eleve: str
    tp: str
    note: float
    sur: float
    tests: float
    tests_sur: float
    redige: float
    redige_sur: float
    etat: str


def mark(classroom: Classroom) -> None:
    """Note tous les rendus de la classe, et dit où sont notes et retours.

    Raises
    ------
    ClassroomError
        S'il n'y a aucun rendu, ou si l'un d'eux n'a pas pu être noté (les autres le sont).
    """
    unread = grade(classroom, list(submissions(classroom)))
    print(f"\nNotes   : {classroom.marks}\nRetours : {classroom.feedback}")
    if unread:
        raise ClassroomError("rendus illisibles, notés 0 : " + ", ".join(unread) + ".")


def submissions(classroom: Classroom) -> Iterator[Handed]:
    """Les rendus, par TP puis par étudiant ; signale les carnets mal rangés.

    Raises
    ------
    ClassroomError
        S'il n'y en a aucun.
    """
    folder = classroom.submitted
    labs = [path.stem for path in classroom.sources]
    handed = {
        path: Handed(path.parts[-3], lab, path)
        for lab in labs
        for path in sorted(folder.glob(f"*/{lab}/{lab}.ipynb"))
    }
    for path in sorted(folder.rglob("*.ipynb")):
        if path not in handed and ".ipynb_checkpoints" not in path.parts:
            print(f"Ignoré, mal rangé : {path.relative_to(folder)}")
    if not handed:
        raise ClassroomError(
            f"aucun rendu dans {folder} ; attendu par exemple "
            f"{Path('prenom.nom', 'tp1_magnitude', 'tp1_magnitude.ipynb')}, un dossier par "
            "étudiant."
        )
    yield from handed.values()


def grade(classroom: Classroom, handed: list[Handed]) -> list[str]:
    """Note les rendus nouveaux ou changés, écrit retours et tableau ; rend les illisibles.

    Un rendu déjà noté garde les points donnés à la main.
    """
    write_subjects(classroom, {one.lab for one in handed})
    unread = []
    with grader(classroom) as api:
        marks = []
        for rank, one in enumerate(handed, start=1):
            print(f"[{rank}/{len(handed)}] {one.lab} : {one.student}...", flush=True)
            if _changed(classroom, one):
                result = api.autograde(one.lab, one.student)
                if not result["success"]:
                    unread.append(f"{one.student} ({one.lab})")
                    print(_last_error(result))
            marks.append(_mark(api, one, f"{one.student} ({one.lab})" in unread))
            if marks[-1].etat != _UNREAD:
                _write_feedback(api, one)
    write_marks(classroom.marks, marks)
    return unread


_UNREAD = "illisible"


def _changed(classroom: Classroom, one: Handed) -> bool:
    """Vrai si le rendu, ou le sujet, est plus récent que sa correction."""
    graded = classroom.graded / one.student / one.lab / one.path.name
    if not graded.is_file():
        return True
    sources = [one.path, *(path for path in classroom.sources if path.stem == one.lab)]
    # st_ctime : un fichier recopié d'une clé garde sa date de modification, qui peut être ancienne.
    newest = max(max(s.st_mtime, s.st_ctime) for s in (path.stat() for path in sources))
    return newest > graded.stat().st_mtime


def _last_error(result: dict[str, Any]) -> str:
    lines = [line for line in (result.get("error") or "").splitlines() if line.strip()]
    log = [line.strip() for line in (result.get("log") or "").splitlines() if "Error" in line]
    return "  illisible : " + (log or lines or ["raison inconnue"])[-1]


def _mark(api: Any, one: Handed, unread: bool) -> Mark:
    with api.gradebook as book:
        assignment = book.find_assignment(one.lab)
        found = None if unread else book.find_submission(one.lab, one.student)
        return Mark(
            eleve=one.student,
            tp=one.lab,
            note=found.score if found else 0.0,
            sur=assignment.max_score,
            tests=found.code_score if found else 0.0,
            tests_sur=assignment.max_code_score,
            redige=found.written_score if found else 0.0,
            redige_sur=assignment.max_written_score,
            etat=_state(found),
        )


def _state(submission: Any) -> str:
    if submission is None:
        return _UNREAD
    return "réponses à lire" if submission.needs_manual_grade else "complet"


def _write_feedback(api: Any, one: Handed) -> None:
    # L'interface de nbgrader imposerait son propre modèle, en anglais.
    from nbgrader.converters import GenerateFeedback
    from nbgrader.utils import capture_log, temp_attrs

    with temp_attrs(api.coursedir, assignment_id=one.lab, student_id=one.student):
        converter = GenerateFeedback(coursedir=api.coursedir, parent=api)
        converter.force = True
        demand(capture_log(converter), f"{one.student} : le retour n'a pas pu être écrit")


def write_marks(path: Path, marks: Iterable[Mark]) -> None:
    """Écrit le tableau des notes, lisible par un tableur en français."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow([field.name for field in fields(Mark)])
        for mark in marks:
            values = (getattr(mark, field.name) for field in fields(Mark))
            rows.writerow(
                [f"{v:g}".replace(".", ",") if isinstance(v, float) else v for v in values]
            )
