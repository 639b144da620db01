"""Recalculer requirements.lock : les versions exactes, pour toutes les machines visées."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from builder.failure import Failure
from builder.moves import markdown, moves, summary, table

HEADER = """\
# Versions exactes de tout ce qui est installé : Python 3.11 à 3.13, Linux, macOS et Windows.
# Écrit par « make lock » à partir de pyproject.toml ; ne pas modifier à la main.
# Les paquets CUDA n'y sont pas : torch épingle lui-même ceux de sa version (aucun pour CPU).
"""

PROJECTS = ("pyproject.toml", "pruning_core/course/pyproject.toml")

# Dépendances de la seule construction CUDA de torch : une construction CPU ne doit pas les tirer.
_CUDA = re.compile(r"(nvidia-|cuda-|triton\b)")


def write_lock(root: Path, report: Path | None = None) -> None:
    """Résout pyproject.toml avec toutes ses options, réécrit requirements.lock, dit ce qui a bougé.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    report : Path or None
        Fichier `.md` où écrire aussi ce qui a bougé.

    Raises
    ------
    Failure
        Si aucune combinaison de versions ne convient ; rien n'est alors écrit.
    """
    lock = root / "requirements.lock"
    before = lock.read_text(encoding="utf-8")
    after = HEADER + keep_portable(_resolve(root))
    lock.write_text(after, encoding="utf-8", newline="\n")
    moved = moves(before, after)
    if moved:
        print(f"{table(moved)}\n")
    print(summary(moved))
    if moved:
        print("Relancez make test avant d'enregistrer requirements.lock.")
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(markdown(moved), encoding="utf-8", newline="\n")
        print(f"Rapport : {report}")


def _resolve(root: Path) -> str:
    print("Recherche des versions les plus récentes qui vont ensemble...", flush=True)
    command = [sys.executable, "-m", "uv", "pip", "compile", *PROJECTS, "--all-extras"]
    command += [f"--group={name}" for name in _groups(root)]
    command += ["--no-emit-package", "pruning-core"]  # celui de ce dépôt
    command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--upgrade", "--quiet", "--no-python-downloads"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    if result.returncode:
        raise Failure(f"les versions n'ont pas pu être résolues :\n{result.stderr}")
    return result.stdout


def _groups(root: Path) -> list[str]:
    project = tomllib.loads((root / PROJECTS[0]).read_text(encoding="utf-8"))
    return list(project["dependency-groups"])


def keep_portable(resolved: str) -> str:
    """Garde les lignes qui valent pour toute construction de torch."""
    lines = resolved.splitlines()
    return "".join(f"{line}\n" for line in lines if not _CUDA.match(line))
