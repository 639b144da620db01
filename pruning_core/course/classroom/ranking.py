"""Le classement du défi (TP 3) : chaque fichier rendu est recompté et mesuré de nouveau."""

from __future__ import annotations

import csv
from pathlib import Path

from pruning_core.course.classroom.folders import Classroom, ClassroomError
from pruning_core.course.exercises.challenge import ENTRY, Entry, read_entry

LAB = "tp3_defi"
_LONGEST_NAME = 40
_COLUMNS = ("rang", "eleve", "pseudonyme", "test", "validation", "poids", "refus")

Row = tuple[str, str, str, str, str, str, str]


def rank(classroom: Classroom) -> None:
    """Rassemble les fichiers du défi et écrit le classement de la classe.

    Raises
    ------
    ClassroomError
        S'il n'y a aucun rendu.
    """
    rows = ranking(classroom)
    for row in rows:
        place, student, _, test, validation, weights, refusal = row
        told = refusal or f"{test} % sur le test, {validation} % en validation, {weights} poids"
        print(f"{place or 'refusé':>6}  {student} : {told}")
    print(f"\nClassement : {classroom.ranking}")


def ranking(classroom: Classroom) -> list[Row]:
    """Écrit `classement.csv` et rend ses lignes : les classés, puis les refusés et pourquoi.

    Le jeu de test décide ; à égalité, le moins de poids ; sinon, ils sont ex æquo.

    Raises
    ------
    ClassroomError
        S'il n'y a aucun rendu.
    """
    handed = sorted(classroom.submitted.glob(f"*/{LAB}"))
    if not handed:
        raise ClassroomError(
            f"aucun rendu du défi dans {classroom.submitted} ; attendu par exemple "
            f"{Path('prenom.nom') / LAB / ENTRY}."
        )
    found: list[tuple[str, Entry]] = []
    refused: list[Row] = []
    for folder in handed:
        student = folder.parent.name
        # Un fichier oublié a été refait par la correction, qui a exécuté le carnet.
        remade = classroom.graded / student / LAB / ENTRY
        path = folder / ENTRY
        try:
            entry = read_entry(path if path.is_file() or not remade.is_file() else remade)
            found.append((student, entry))
        except (FileNotFoundError, ValueError) as error:
            refused.append(("", student, "", "", "", "", str(error)))
    found.sort(key=lambda one: (_merit(one[1]), one[0]))
    merits = [_merit(entry) for _, entry in found]
    # Deux réseaux qui se valent ont le même rang : la même recette donne les mêmes poids.
    rows = [_row(1 + merits.index(_merit(one[1])), *one) for one in found] + refused
    with classroom.ranking.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows([_COLUMNS, *rows])
    return rows


def _merit(entry: Entry) -> tuple[float, int]:
    return -entry.test, entry.weights


def _row(place: int, student: str, entry: Entry) -> Row:
    test, validation = (f"{100 * v:.1f}".replace(".", ",") for v in (entry.test, entry.validation))
    return (str(place), student, _harmless(entry.name), test, validation, str(entry.weights), "")


def _harmless(name: str) -> str:
    """Un pseudonyme d'une ligne, que le tableur n'exécute pas comme une formule."""
    line = " ".join(name.split())[:_LONGEST_NAME]
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
