"""Le code qui a fait un tableau : celui de l'expérience, et tout ce que le cours lui prête.

Ce que la bibliothèque lui prête n'y est pas : ses propres tests le tiennent, et les tranches
recalculées des tableaux le verraient changer.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

COURSE = "pruning_core.course"


def code_digest(module: str) -> str:
    """Empreinte du code d'un module du cours, et de tous ceux du cours dont il dépend.

    Parameters
    ----------
    module : str
        Son nom complet.

    Returns
    -------
    str
        Douze chiffres hexadécimaux, les mêmes sur tout système et pour tout Python : les
        commentaires, les docstrings et les lignes vides n'y comptent pas.
    """
    digest = hashlib.sha256()
    for name in sorted(_reached(module)):
        digest.update(f"{name}\n{_bare(_source(name))}\n".encode())
    return digest.hexdigest()[:12]


def _reached(module: str) -> set[str]:
    """Ce module, et les modules du cours dont il dépend."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _imported(name)
    return reached


def _imported(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(COURSE):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if _is_module(inner) else str(node.module)


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # son parent n'est pas un paquet
        return False


def _source(module: str) -> str:
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None, module
    return Path(spec.origin).read_text(encoding="utf-8")


def _bare(source: str) -> str:
    """Le code seul, ligne à ligne."""
    told = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(source.splitlines(), start=1)
    kept = (line.rstrip() for number, line in lines if number not in told)
    return "\n".join(line for line in kept if line and not line.lstrip().startswith("#"))
