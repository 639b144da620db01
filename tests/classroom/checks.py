"""Ce que tout TP doit tenir ; chaque fichier de test l'applique au sien."""

from __future__ import annotations

from tests.classroom.classroom import BLANK, TEACHER, Classroom, Wrong, secrets


def check_teacher_and_blank(room: Classroom) -> None:
    best, blank = room.marks[TEACHER], room.marks[BLANK]
    assert room.unread == []
    assert best["sur"] == "20"
    assert best["tests"] == best["tests_sur"]
    assert best["etat"] == "réponses à lire"
    assert (blank["note"], blank["etat"]) == ("0", "complet")


def check_solution_is_silent(room: Classroom) -> None:
    loud = [
        (code, output)
        for code, output in room.outputs(TEACHER)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert loud == []


def check_nothing_leaks(room: Classroom) -> None:
    text = "\n".join(cell.source for cell in room.subject.cells)
    hidden = list(secrets(room.lab))
    assert len(hidden) > 50
    assert [line for line in hidden if line in text.splitlines()] == []
    for word in ("BEGIN", "**Barème.**", "Réponse attendue", "Marking", "forbid("):
        assert word not in text
    assert "# VOTRE CODE ICI" in text
    assert "VOTRE RÉPONSE ICI" in text
    assert all(not cell.get("outputs") for cell in room.subject.cells)


def check_verdict(room: Classroom, wrong: Wrong) -> None:
    points, told = room.verdict(wrong)
    assert wrong.told in told
    assert points == wrong.points
