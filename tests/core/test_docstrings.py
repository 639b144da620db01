"""Les docstrings de la bibliothèque et du cours parlent d'une seule voix."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pruning_core

ROOT = Path(pruning_core.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))

OTHER_DIALECTS = {
    r"``\w+``": "un nom entre accents graves simples ; doublés, une formule",
    r":(func|class|data|meth|mod):`": "`nom`, sans rôle de Sphinx",
    r"\b(sequence|mapping|collection|tuple|list|dict) of\b": "« suite de str », « dict[str, int] »",
    r"^ *[\w, ]+ : .*\boptional$": "« optionnel »",
    r"^ *[\w, ]+ : .* or ": "« ou »",
    r"^ *[\w, ]+ : callable\b": "« fonction (modèle) -> float »",
    r"\btorch\.Tensor\b": "« Tensor »",
    r"\barray_like\b": "« ArrayLike »",
}


def docstrings(source: str) -> Iterator[str]:
    """Les docstrings d'un module, celles de ses constantes comprises."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield str(statement.value.value)


@pytest.mark.parametrize("module", MODULES)
def test_one_dialect(module: str) -> None:
    """Types en français, un nom entre accents graves simples, aucun rôle de Sphinx."""
    for text in docstrings((ROOT / module).read_text(encoding="utf-8")):
        found = [
            f"{match.group()!r} ; attendu {wanted}"
            for pattern, wanted in OTHER_DIALECTS.items()
            if (match := re.search(pattern, text, re.MULTILINE))
        ]
        assert found == []


@pytest.mark.parametrize(
    "text",
    ["Lit ``x``.", "Voir :func:`f`.", "x : sequence of int", "x : int, optional", "x : callable"],
)
def test_another_dialect_is_seen(text: str) -> None:
    """Chaque écart se voit."""
    assert any(re.search(pattern, text, re.MULTILINE) for pattern in OTHER_DIALECTS)
