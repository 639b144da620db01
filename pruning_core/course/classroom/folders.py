"""Où sont les sources des travaux pratiques, et où vont les fichiers d'une classe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")  # la page qu'un étudiant reçoit en retour


class ClassroomError(Exception):
    """Une étape n'a pas abouti ; le message dit laquelle et que faire."""


@dataclass(frozen=True)
class Classroom:
    """Une classe.

    Attributes
    ----------
    labs : Path
        Dossier des sources des TP et des réglages de nbgrader ; il n'est que lu.
    folder : Path
        Dossier de la classe : sujets, rendus, notes.
    environment : Mapping[str, str]
        Variables des programmes que la correction lance ; celles du processus, sauf avis contraire.
    """

    labs: Path
    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def sources(self) -> list[Path]:
        """Sources des TP, dans l'ordre des noms : un dossier par TP, son carnet du même nom."""
        return sorted(
            folder / f"{folder.name}.ipynb" for folder in self.labs.glob("tp*") if folder.is_dir()
        )

    @property
    def subjects(self) -> Path:
        return self.folder / "sujets"

    @property
    def solutions(self) -> Path:
        return self.folder / "enseignant"

    @property
    def submitted(self) -> Path:
        return self.folder / "rendus"

    @property
    def graded(self) -> Path:
        return self.folder / "corriges"

    @property
    def feedback(self) -> Path:
        return self.folder / "retours"

    @property
    def marks(self) -> Path:
        return self.folder / "notes.csv"

    @property
    def ranking(self) -> Path:
        return self.folder / "classement.csv"
