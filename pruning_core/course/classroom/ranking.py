"""Le classement des défis (TP 3 et TP 4) : chaque fichier est recompté et mesuré de nouveau."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pruning_core.course.classroom.folders import Classroom, ClassroomError
from pruning_core.course.exercises.challenge import ENTRY, Challenge, Entry
from pruning_core.course.exercises.challenges import CHALLENGES

_LONGEST_NAME = 40


@dataclass(frozen=True)
class Row:
    """Une ligne du classement ; sans rang, un fichier refusé, et pourquoi."""

    tp: str
    rang: str
    eleve: str
    pseudonyme: str = ""
    test: str = ""
    validation: str = ""
    unite: str = ""
    poids: str = ""
    refus: str = ""


def rank(classroom: Classroom) -> None:
    """Rassemble les fichiers des défis et écrit le classement de la classe.

    Raises
    ------
    ClassroomError
        S'il n'y a aucun rendu.
    """
    lab = ""
    for row in ranking(classroom):
        if row.tp != lab:
            lab = row.tp
            print(lab)
        told = row.refus or (
            f"{row.test} {row.unite} sur le test, {row.validation} {row.unite} en validation, "
            f"{row.poids} poids"
        )
        print(f"{row.rang or 'refusé':>6}  {row.eleve} : {told}")
    print(f"\nClassement : {classroom.ranking}")


def ranking(classroom: Classroom) -> list[Row]:
    """Écrit `classement.csv` et rend ses lignes : défi par défi, les classés, puis les refusés.

    Le jeu de test décide ; à égalité, le moins de poids ; sinon, ils sont ex æquo.

    Raises
    ------
    ClassroomError
        S'il n'y a aucun rendu.
    """
    rows = [row for challenge in CHALLENGES for row in _ranking(classroom, challenge)]
    if not rows:
        expected = " ou ".join(
            str(Path("prenom.nom") / challenge.lab / ENTRY) for challenge in CHALLENGES
        )
        raise ClassroomError(
            f"aucun rendu d'un défi dans {classroom.submitted} ; attendu par exemple {expected}."
        )
    with classroom.ranking.open("w", encoding="utf-8-sig", newline="") as file:
        columns = [field.name for field in fields(Row)]
        csv.writer(file, delimiter=";").writerows([columns, *map(astuple, rows)])
    return rows


def _ranking(classroom: Classroom, challenge: Challenge) -> Iterator[Row]:
    found: list[tuple[str, Entry]] = []
    refused: list[Row] = []
    for folder in sorted(classroom.submitted.glob(f"*/{challenge.lab}")):
        student = folder.parent.name
        # Un fichier oublié a été refait par la correction, qui a exécuté le carnet.
        remade = classroom.graded / student / challenge.lab / ENTRY
        path = folder / ENTRY
        try:
            entry = challenge.read(path if path.is_file() or not remade.is_file() else remade)
            found.append((student, entry))
        except (FileNotFoundError, ValueError) as error:
            refused.append(Row(challenge.lab, "", student, refus=str(error)))
    found.sort(key=lambda one: (challenge.merit(one[1]), one[0]))
    merits = [challenge.merit(entry) for _, entry in found]
    for student, entry in found:
        # Deux réseaux qui se valent ont le même rang : la même recette donne les mêmes poids.
        yield _row(challenge, 1 + merits.index(challenge.merit(entry)), student, entry)
    yield from refused


def _row(challenge: Challenge, place: int, student: str, entry: Entry) -> Row:
    return Row(
        tp=challenge.lab,
        rang=str(place),
        eleve=student,
        pseudonyme=_harmless(entry.name),
        test=challenge.written(entry.test),
        validation=challenge.written(entry.validation),
        unite=challenge.unit,
        poids=str(entry.weights),
    )


def _harmless(name: str) -> str:
    """Un pseudonyme d'une ligne, que le tableur n'exécute pas comme une formule."""
    line = " ".join(name.split())[:_LONGEST_NAME]
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
