"""La classe, vue du livre : ses dossiers, ses réglages, et les sujets que le site publie."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from builder import installation, notebooks
from builder.commands import tool_environment
from builder.failure import Failure
from builder.notebooks import labs_folder

if TYPE_CHECKING:
    from pruning_core.course.classroom import Classroom


def classroom_folder(root: Path) -> Path:
    """Dossier d'une classe : sujets, rendus, notes. Ni publié, ni suivi par git, ni nettoyé."""
    return root / "classe"


@contextmanager
def classroom(root: Path, folder: Path | None = None) -> Iterator[Classroom]:
    """La classe du cours, ou celle d'un autre dossier ; son échec devient celui de la tâche."""
    from pruning_core.course.classroom import Classroom, ClassroomError

    place = classroom_folder(root) if folder is None else folder
    try:
        yield Classroom(labs_folder(root), place, tool_environment(root))
    except ClassroomError as error:
        raise Failure(str(error)) from None


def prepare(root: Path) -> None:
    """Prépare les sujets, et leurs corrigés exécutés."""
    from pruning_core.course.classroom import preparing

    with classroom(root) as room:
        preparing.prepare(room, execute=partial(notebooks.execute, root))


def mark(root: Path) -> None:
    """Note les rendus."""
    from pruning_core.course.classroom import marking

    with classroom(root) as room:
        marking.mark(room)


def rank(root: Path) -> None:
    """Classe les réseaux des défis."""
    from pruning_core.course.classroom import ranking

    with classroom(root) as room:
        ranking.rank(room)


def release(root: Path, folder: Path) -> None:
    """Écrit dans ``folder`` le carnet de l'étudiant de chaque TP, sans solution ni test caché.

    Ouvert seul sur Colab, il installe d'abord ce qui y manque, comme une leçon. L'archive du cours,
    qui n'a pas les sources des TP, n'en écrit aucun.

    Raises
    ------
    Failure
        Si nbgrader refuse une source ; rien n'est alors écrit.
    """
    from pruning_core.course.classroom.preparing import write_subjects

    with tempfile.TemporaryDirectory() as aside, classroom(root, Path(aside)) as room:
        subjects = write_subjects(room) if room.sources else []
        folder.mkdir(parents=True, exist_ok=True)
        for path in subjects:
            notebook = nbformat.read(path, as_version=4)
            installation.prepare(notebook)
            notebooks.fold(notebook)
            text = nbformat.writes(notebook) + "\n"
            (folder / path.name).write_text(text, encoding="utf-8", newline="\n")
