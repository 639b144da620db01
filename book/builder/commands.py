"""Lancer un outil de l'environnement, à l'abri des réglages personnels de qui le lance."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from builder.failure import Failure


def tool_environment(root: Path) -> dict[str, str]:
    """Variables d'environnement des outils : un fil de calcul, aucun réglage personnel."""
    settings = {
        name: root / "_build" / "settings" / name
        for name in ("MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR")
    }
    for folder in settings.values():
        folder.mkdir(parents=True, exist_ok=True)
    own = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return {
        **own,
        "OMP_NUM_THREADS": "1",  # deux fils sur de petites matrices peuvent être 50 fois plus lents
        "PYTHONHASHSEED": "0",
        "TQDM_DISABLE": "1",  # une barre de progression n'est jamais deux fois la même
        **{name: str(folder) for name, folder in settings.items()},
    }


def ask_python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Lance l'interpréteur de l'environnement depuis la racine ; rend ce qu'il a dit."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=tool_environment(root),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def run_python(root: Path, *arguments: str, quiet: bool = False) -> bool:
    """Lance l'interpréteur de l'environnement depuis la racine ; rend True s'il réussit.

    Avec ``quiet``, sa sortie n'est montrée que s'il échoue.
    """
    if not quiet:
        command = [sys.executable, *arguments]
        return subprocess.call(command, cwd=root, env=tool_environment(root)) == 0
    result = ask_python(root, *arguments)
    if result.returncode:
        print(result.stdout, result.stderr)
    return result.returncode == 0


def check_python(root: Path, fault: str, *arguments: str) -> None:
    """Lance l'interpréteur de l'environnement ; son échec devient celui de la tâche."""
    if not run_python(root, *arguments):
        raise Failure(fault)


def run_until_interrupted(root: Path, *module: str) -> None:
    """Lance un module, que Ctrl+C arrête sans que ce soit un échec."""
    with suppress(KeyboardInterrupt):
        subprocess.call([sys.executable, "-m", *module], cwd=root)
