"""Écrire les carnets à emporter : ceux du lecteur, et leurs corrigés."""

from __future__ import annotations

from pathlib import Path

import nbformat

from builder.notebooks import notebook_paths
from builder.plain.edition import SOLVED, edition
from builder.plain.references import read_references

FOLDER = "carnets"
"""Où sont, dans le dossier du cours, les carnets d'un lecteur ; git les ignore."""


def write_editions(
    root: Path, folder: Path, *, solved: bool = False, again: bool = True
) -> list[Path]:
    """Écrit le carnet à emporter de chaque leçon, aux mêmes places que les leçons.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    folder : Path
        Où les écrire.
    solved : bool
        Vrai pour les corrigés, de ceux qui ont des solutions.
    again : bool
        Faux : un carnet déjà là est celui d'un lecteur, et n'est pas touché.

    Returns
    -------
    list of Path
        Leurs chemins, dans l'ordre des leçons.
    """
    references = read_references(root)
    written = []
    for lesson in notebook_paths(root):
        notebook = nbformat.read(lesson, as_version=4)
        if solved and not any("{solution" in cell.source for cell in notebook.cells):
            continue
        place = folder / lesson.relative_to(root / "notebooks")
        path = place.with_stem(f"{place.stem}{SOLVED}") if solved else place
        written.append(path)
        if path.exists() and not again:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        made = edition(notebook, references, solved=solved)
        path.write_text(nbformat.writes(made) + "\n", encoding="utf-8", newline="\n")
    return written
