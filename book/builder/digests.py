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


def is_done(root: Path, step: str, digest: str) -> bool:
    """Cette étape a-t-elle réussi la dernière fois, et sur ce contenu ?"""
    path = _state(root, step)
    return path.is_file() and path.read_text(encoding="utf-8") == digest


def mark_done(root: Path, step: str, digest: str) -> None:
    """Retient le contenu sur lequel une étape vient de réussir (vide : elle est à refaire)."""
    path = _state(root, step)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(digest, encoding="utf-8")


def _state(root: Path, step: str) -> Path:
    return root / "_build" / "state" / step
