"""Préparer une classe : d'une source par TP viennent le sujet, le corrigé et les tests cachés."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from pruning_core.course.classroom.folders import Classroom, ClassroomError
from pruning_core.course.classroom.grader import demand, grader


def prepare(classroom: Classroom, execute: Callable[[Path], None]) -> None:
    """Prépare une classe : les sujets à distribuer, les corrigés exécutés, le dossier des rendus.

    Parameters
    ----------
    classroom : Classroom
        La classe.
    execute : fonction (Path) -> None
        Exécute sur place un carnet corrigé.

    Raises
    ------
    ClassroomError
        Si une source est refusée.
    """
    print("Sujets : sans solutions ni tests cachés...", flush=True)
    write_subjects(classroom)
    for source in classroom.sources:
        print(f"Corrigé : {source.stem}, exécuté...", flush=True)
        copy = classroom.solutions / source.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
        execute(copy)
    classroom.submitted.mkdir(exist_ok=True)
    print(
        f"\nÀ distribuer : {classroom.subjects}\n"
        f"Pour vous    : {classroom.solutions}\n"
        f"À remplir    : {classroom.submitted}, un dossier par étudiant, un par TP ; "
        "puis make corriger"
    )


def write_subjects(classroom: Classroom, labs: Collection[str] | None = None) -> list[Path]:
    """Écrit les sujets d'une classe et inscrit leurs questions dans son registre de notes.

    Parameters
    ----------
    classroom : Classroom
        La classe.
    labs : suite de str, optionnel
        Noms des TP, tous par défaut.

    Returns
    -------
    list[Path]
        Le carnet de l'étudiant, un par TP.

    Raises
    ------
    ClassroomError
        En nommant la source que nbgrader refuse, ou s'il n'y a pas de source.
    """
    if not classroom.sources:
        raise ClassroomError(
            f"aucun TP dans {classroom.labs} : leurs sources, solutions comprises, sont dans le "
            "dépôt du cours, et non dans son archive."
        )
    chosen = [one for one in classroom.sources if labs is None or one.stem in labs]
    with grader(classroom) as api:
        for source in chosen:
            fault = f"{source.name} : nbgrader refuse cette source"
            demand(api.generate_assignment(source.stem), fault)
    return [classroom.subjects / source.stem / source.name for source in chosen]
