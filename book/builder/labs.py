"""Les travaux pratiques : une source par TP, d'où viennent sujet, corrigé et tests cachés."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from builder import installation, notebooks
from builder.commands import tool_environment
from builder.failure import Failure
from builder.guard import lab_paths, labs_folder

SUBJECTS, TEACHER, SUBMITTED = "sujets", "enseignant", "rendus"
AUTOGRADED, FEEDBACK = "corriges", "retours"


def classroom_folder(root: Path) -> Path:
    """Dossier d'une classe : sujets, rendus, notes. Ni publié, ni suivi par git, ni nettoyé."""
    return root / "classe"


def release(root: Path, folder: Path) -> list[Path]:
    """Écrit dans ``folder`` le carnet de l'étudiant de chaque TP, sans solution ni test caché.

    Ouvert seul sur Colab, il installe d'abord ce qui y manque, comme une leçon. L'archive du cours,
    qui n'a pas les sources des TP, n'en écrit aucun.

    Raises
    ------
    Failure
        Si nbgrader refuse une source ; rien n'est alors écrit.
    """
    if not lab_paths(root):
        folder.mkdir(parents=True, exist_ok=True)
        return []
    with tempfile.TemporaryDirectory() as name:
        aside = Path(name)
        generate(root, aside)
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for lab in lab_paths(root):
            notebook = nbformat.read(aside / SUBJECTS / lab.stem / lab.name, as_version=4)
            installation.prepare(notebook)
            notebooks.fold(notebook)
            paths.append(folder / lab.name)
            text = nbformat.writes(notebook) + "\n"
            paths[-1].write_text(text, encoding="utf-8", newline="\n")
        return paths


def generate(root: Path, classroom: Path) -> None:
    """Écrit les sujets d'une classe et inscrit leurs questions dans son registre de notes.

    Raises
    ------
    Failure
        En nommant la source que nbgrader refuse, ou s'il n'y a pas de source.
    """
    if not lab_paths(root):
        raise Failure(
            f"aucun TP dans {labs_folder(root)} : leurs sources, solutions comprises, sont dans le "
            "dépôt du cours, et non dans son archive."
        )
    with grader(root, classroom) as api:
        for lab in lab_paths(root):
            demand(api.generate_assignment(lab.stem), f"{lab.name} : nbgrader refuse cette source")


def prepare(root: Path) -> None:
    """Prépare une classe : les sujets à distribuer, les corrigés exécutés, le dossier des rendus.

    Raises
    ------
    Failure
        Si une source est refusée, ou si un corrigé ne s'exécute pas.
    """
    classroom = classroom_folder(root)
    print("Sujets : sans solutions ni tests cachés...", flush=True)
    generate(root, classroom)
    for lab in lab_paths(root):
        print(f"Corrigé : {lab.stem}, exécuté...", flush=True)
        copy = classroom / TEACHER / lab.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(lab, copy)
        notebooks.execute(root, copy)
    (classroom / SUBMITTED).mkdir(exist_ok=True)
    print(
        f"\nÀ distribuer : {classroom / SUBJECTS}\n"
        f"Pour vous    : {classroom / TEACHER}\n"
        f"À remplir    : {classroom / SUBMITTED}, un dossier par étudiant, un par TP ; "
        "puis make corriger"
    )


@contextmanager
def grader(root: Path, classroom: Path) -> Iterator[Any]:
    """L'interface de nbgrader, réglée par ``nbgrader_config.py``, pour le dossier d'une classe."""
    from nbformat.warnings import MissingIDFieldWarning
    from nbgrader.apps import NbGraderAPI
    from sqlalchemy.exc import SAWarning
    from traitlets.config.loader import PyFileConfigLoader

    classroom.mkdir(parents=True, exist_ok=True)
    labs = labs_folder(root)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(labs)).load_config()
    config.CourseDirectory.root = str(classroom)
    config.CourseDirectory.source_directory = os.path.relpath(labs, classroom)
    with _environment(root), warnings.catch_warnings():
        # De nbgrader, sans effet : SQLAlchemy 2, et des cellules remises sans identifiant.
        for category in (SAWarning, MissingIDFieldWarning):
            warnings.simplefilter("ignore", category)
        yield NbGraderAPI(config=config)


@contextmanager
def _environment(root: Path) -> Iterator[None]:
    """Le temps du bloc, les variables des outils : nbgrader lance `alembic` et des noyaux."""
    before = dict(os.environ)
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    os.environ.update({**tool_environment(root), "PATH": programs})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def demand(result: dict[str, Any], fault: str) -> None:
    """Lève l'échec d'une étape de nbgrader, avec ce qu'il en dit."""
    if not result["success"]:
        raise Failure(f"{fault} :\n{result.get('log') or ''}{result.get('error') or ''}")
