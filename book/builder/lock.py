"""Recalculer requirements.lock : les versions exactes, pour toutes les machines visées."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from builder.failure import Failure

HEADER = """\
# Versions exactes de tout ce qui est installé : Python 3.11 à 3.13, Linux, macOS et Windows.
# Écrit par « make lock » à partir de pyproject.toml ; ne pas modifier à la main.
# Les paquets CUDA n'y sont pas : torch épingle lui-même ceux de sa version (aucun pour CPU).
"""

# Dépendances de la seule construction CUDA de torch : une construction CPU ne doit pas les tirer.
_CUDA = re.compile(r"(nvidia-|cuda-|triton\b)")


def write_lock(root: Path) -> None:
    """Résout pyproject.toml avec toutes ses options, et réécrit requirements.lock.

    Raises
    ------
    Failure
        Si aucune combinaison de versions ne convient.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--all-extras"]
    command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--upgrade", "--quiet", "--no-python-downloads"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    if result.returncode:
        raise Failure(f"les versions n'ont pas pu être résolues :\n{result.stderr}")
    (root / "requirements.lock").write_text(
        HEADER + keep_portable(result.stdout), encoding="utf-8", newline="\n"
    )
    print("requirements.lock est à jour ; relancez make test avant de l'enregistrer.")


def keep_portable(resolved: str) -> str:
    """Garde les lignes qui valent pour toute construction de torch."""
    lines = resolved.splitlines()
    return "".join(f"{line}\n" for line in lines if not _CUDA.match(line))
