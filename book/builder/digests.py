"""Ce qui a déjà été vérifié : une empreinte du contenu par étape, dans `_build/state`."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

_IGNORED = {"__pycache__", ".ipynb_checkpoints"}


def source_files(root: Path, *patterns: str) -> list[Path]:
    """Fichiers désignés par des chemins ou des dossiers (récursifs), triés, sans les caches."""
    found: set[Path] = set()
    for pattern in patterns:
        path = root / pattern
        found.update([path] if path.is_file() else path.rglob("*"))
    return sorted(p for p in found if p.is_file() and not _IGNORED & set(p.parts))


def content_digest(root: Path, files: Iterable[Path], *facts: str) -> str:
    """Empreinte du nom et du contenu des fichiers, de Python, de la machine et de ``facts``."""
    digest = hashlib.sha256()
    for fact in (sys.version, platform.platform(), *facts):
        digest.update(fact.encode() + b"\0")
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\0{content}\0".encode())
    return digest.hexdigest()


def tree_digest(folder: Path) -> str:
    """Empreinte des noms et des tailles d'un dossier construit : le sait-on encore entier ?"""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
    return digest.hexdigest()


class Record:
    """La dernière empreinte pour laquelle une étape a réussi."""

    def __init__(self, root: Path, step: str) -> None:
        self.path = root / "_build" / "state" / step

    def matches(self, digest: str) -> bool:
        return self.path.is_file() and self.path.read_text(encoding="utf-8") == digest

    def write(self, digest: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(digest, encoding="utf-8")

    def erase(self) -> None:
        self.path.unlink(missing_ok=True)
