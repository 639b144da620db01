"""Dire ce qu'une tâche d'entretien a trouvé."""

from __future__ import annotations

import os
from pathlib import Path


def tell(root: Path, title: str, text: str) -> None:
    """Affiche un texte, et l'écrit aussi dans le fichier que donne ``RAPPORT``, s'il y en a un."""
    print(text)
    if name := os.environ.get("RAPPORT"):
        report = root / name
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(f"## {title}\n\n{text}\n", encoding="utf-8", newline="\n")
