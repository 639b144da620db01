"""nbgrader, réglé pour une classe : il fait les sujets, exécute les rendus et tient les notes."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pruning_core.course.classroom.folders import Classroom, ClassroomError


@contextmanager
def grader(classroom: Classroom) -> Iterator[Any]:
    """L'interface de nbgrader, réglée par `nbgrader_config.py`, pour une classe."""
    from nbformat.warnings import MissingIDFieldWarning
    from nbgrader.apps import NbGraderAPI
    from sqlalchemy.exc import SAWarning
    from traitlets.config.loader import PyFileConfigLoader

    classroom.folder.mkdir(parents=True, exist_ok=True)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(classroom.labs)).load_config()
    config.CourseDirectory.root = str(classroom.folder)
    config.CourseDirectory.source_directory = os.path.relpath(classroom.labs, classroom.folder)
    with _environment(classroom), warnings.catch_warnings():
        # De nbgrader, sans effet : SQLAlchemy 2, et des cellules remises sans identifiant.
        for category in (SAWarning, MissingIDFieldWarning):
            warnings.simplefilter("ignore", category)
        yield NbGraderAPI(config=config)


@contextmanager
def _environment(classroom: Classroom) -> Iterator[None]:
    """Le temps du bloc, les variables de la classe : nbgrader lance `alembic` et des noyaux."""
    before = dict(os.environ)
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    os.environ.clear()
    os.environ.update({**classroom.environment, "PATH": programs})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def demand(result: dict[str, Any], fault: str) -> None:
    """Lève l'échec d'une étape de nbgrader, avec ce qu'il en dit.

    Raises
    ------
    ClassroomError
        Si l'étape a échoué.
    """
    if not result["success"]:
        raise ClassroomError(f"{fault} :\n{result.get('log') or ''}{result.get('error') or ''}")
