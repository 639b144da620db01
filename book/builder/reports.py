"""Dire ce qu'une tâche a trouvé, ou fait."""

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


def tell_file(what: str, path: Path) -> None:
    """Dit où est un fichier qui vient d'être fait, et ce qu'il pèse."""
    print(f"{what} ({french_size(path.stat().st_size)}) :\n  {path.as_uri()}")


def french_size(size: int) -> str:
    """Une taille de fichier, comme on la dit.

    >>> french_size(840), french_size(62_300), french_size(4_450_000)
    ('1\\xa0ko', '62\\xa0ko', '4,5\\xa0Mo')
    """
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\u00a0ko"
    return f"{size / 1_000_000:.1f}\u00a0Mo".replace(".", ",")
