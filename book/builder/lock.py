"""Recalculer requirements.lock : les versions exactes, pour toutes les machines visées."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

from builder.commands import ask_python
from builder.environment import LOCK
from builder.failure import Failure
from builder.reports import tell

HEADER = """\
# Versions exactes de tout ce qui est installé : Python 3.11 à 3.13, Linux, macOS et Windows.
# Écrit par « make lock » à partir de pyproject.toml ; ne pas modifier à la main.
# Les paquets CUDA n'y sont pas : torch épingle lui-même ceux de sa version (aucun pour CPU).
"""

PROJECTS = ("pyproject.toml", "pruning_core/course/pyproject.toml")

# Dépendances de la seule construction CUDA de torch : une construction CPU ne doit pas les tirer.
CUDA = re.compile(r"^(?:nvidia-|cuda-|triton\b).*\n", re.MULTILINE)


def write_lock(root: Path) -> None:
    """Résout les deux projets avec toutes leurs options, réécrit le fichier, dit ce qui a bougé.

    Raises
    ------
    Failure
        Si aucune combinaison de versions ne convient ; rien n'est alors écrit.
    """
    lock = root / LOCK
    before = lock.read_text(encoding="utf-8")
    after = HEADER + CUDA.sub("", _resolve(root))
    lock.write_text(after, encoding="utf-8", newline="\n")
    moved = "\n".join(f"- {move}" for move in moves(before, after))
    rest = "Relancez make test avant d'enregistrer requirements.lock."
    nothing = "Rien n'a bougé : les versions fixées sont les plus récentes possibles."
    tell(root, f"Ce qui a bougé dans {LOCK}", f"{moved}\n\n{rest}" if moved else nothing)


def _resolve(root: Path) -> str:
    print("Recherche des versions les plus récentes qui vont ensemble...", flush=True)
    project = tomllib.loads((root / PROJECTS[0]).read_text(encoding="utf-8"))
    command = ["-m", "uv", "pip", "compile", *PROJECTS, "--all-extras"]
    command += [f"--group={name}" for name in project["dependency-groups"]]
    command += ["--no-emit-package", "pruning-core"]  # celui de ce dépôt
    command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
    command += ["--no-header", "--no-annotate", "--upgrade", "--quiet", "--no-python-downloads"]
    result = ask_python(root, *command)
    if result.returncode:
        raise Failure(f"les versions n'ont pas pu être résolues :\n{result.stderr}")
    return result.stdout


def moves(before: str, after: str) -> list[str]:
    """Les paquets ajoutés, retirés ou changés de version ; les versions majeures en tête."""
    old, new = _versions(before), _versions(after)
    majors, others = [], []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name, []), new.get(name, [])
        if not (was and now):
            others.append(f"{name} : {'retiré' if was else 'ajouté'} ({', '.join(was or now)})")
        elif was != now:
            told = f"{name} : {', '.join(was)} -> {', '.join(now)}"
            if _series(was[-1]) == _series(now[-1]):
                others.append(told)
            else:
                majors.append(f"{told}, **version majeure** : lisez ce qu'en disent ses auteurs")
    return majors + others


def _versions(lock: str) -> dict[str, list[str]]:
    """Paquet -> ses versions ; plusieurs si elles dépendent du système ou de Python."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, version in re.findall(r"^([\w.-]+)==([^ ;\n]+)", lock, re.MULTILINE):
        found[name].append(version)
    return found


def _series(version: str) -> str:
    """Ce qu'une version majeure change : le premier nombre, les deux premiers s'il est zéro."""
    found = re.match(r"0\.\d+|\d+", version)
    return found[0] if found else version
