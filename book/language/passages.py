"""La prose du projet : pages, carnets, docstrings, commentaires et messages, sans code ni formules.

Ce qui n'est pas de la prose est remplacé par « ¤ » ou des espaces, jamais par rien : les lignes
gardent leur numéro, et deux mots séparés par du code ne se touchent pas.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HIDDEN = "¤"


@dataclass(frozen=True)
class Passage:
    """Un texte en français, et d'où il vient.

    Attributes
    ----------
    place : str
        Le fichier, et la cellule s'il s'agit d'un carnet.
    line : int
        Numéro de la première ligne du texte dans le fichier, ou dans la cellule.
    text : str
        La prose, avec ses retours à la ligne.
    page : bool
        Vrai pour le texte d'une page ; les règles de typographie n'y valent qu'alors.
    """

    place: str
    line: int
    text: str
    page: bool


def _blank(match: re.Match[str]) -> str:
    """Efface en gardant les retours à la ligne."""
    return HIDDEN + "\n" * match[0].count("\n")


_MARKDOWN: tuple[tuple[re.Pattern[str], str | None], ...] = (
    (re.compile(r"\A---\n.*?^---\n", re.S | re.M), None),
    (re.compile(r"<!--.*?-->", re.S), None),
    (re.compile(r"^(`{3,})(?!\{glossary|\{admonition|\{dropdown).*?^\1$", re.S | re.M), None),
    (re.compile(r"^:[\w-]+:.*$", re.M), ""),  # options de directive
    (re.compile(r"^(?:`{3,}|:{3,})(?:\{[\w:-]+\})? ?(?:exo-[\w-]+)?", re.M), ""),
    (re.compile(r"^\([\w-]+\)=$", re.M), ""),
    (re.compile(r"\$\$.*?\$\$|(?<!\\)\$[^$]+?\$", re.S), None),
    (re.compile(r"(`+)(?:(?!\1).)+?\1", re.S), None),
    (re.compile(r"\{[\w:-]+\}(?=¤)"), ""),  # le rôle d'un renvoi
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"<?https?://[^\s>)]+>?"), HIDDEN),
    (re.compile(r"</?[a-z][^>]*>"), ""),
    (re.compile(r"^\|?[\s:|-]+\|[\s:|-]*$", re.M), ""),
    (re.compile(r"\|"), " "),
    (re.compile(r"\*\*|^#+ |^ *[-+*] (?=\S)|^: |^> ", re.M), ""),
)


def markdown(text: str) -> str:
    """La prose d'un texte MyST ; les *italiques* y restent marquées."""
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(_blank if replacement is None else replacement, text)
    return text


_RST: tuple[tuple[re.Pattern[str], str | None], ...] = (
    (re.compile(r"^ *>>> .*(?:\n *\S.*)*", re.M), None),
    (re.compile(r"(?::\w+:)?(`+)(?:(?!\1).)+?\1", re.S), None),
    (re.compile(r"https?://\S+"), HIDDEN),
    (re.compile(r'"[^"\n]+"'), HIDDEN),  # une valeur : "magnitude"
    (re.compile(r"\|[^|\n]{1,20}\|"), HIDDEN),  # |w|
    (re.compile(r"\w[\w.]*\([^()\s]*\)"), HIDDEN),  # un appel : f(x)
    (re.compile(r"\w*\[[^\]\n]*\]"), HIDDEN),  # une forme : [n, n]
    (re.compile(r"[\w.-]*/[\w-]+(?:[./][\w-]+)+"), HIDDEN),  # un chemin
    (re.compile(r"\*\*|^ *[-*] (?=\S)", re.M), ""),
)
_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.M)
_FIELDS = {"Parameters", "Returns", "Yields", "Attributes", "Raises"}
_QUOTED = {"References"}  # des titres, en anglais


def docstring(text: str) -> str:
    """La prose d'une docstring NumPy, sans noms, types ni références."""
    parts = _SECTION.split(text)
    told = [parts[0]]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        told.append("\n")  # le titre et son trait comptent pour une ligne de plus
        if title in _FIELDS:
            body = re.sub(r"^\S.*$", HIDDEN, body, flags=re.M)
        told.append("\n" * body.count("\n") if title in _QUOTED else body)
    prose = "".join(told)
    for pattern, replacement in _RST:
        prose = pattern.sub(_blank if replacement is None else replacement, prose)
    return prose


def _docstrings(tree: ast.AST) -> Iterator[tuple[int, ast.Constant]]:
    """Les docstrings d'un code, par identité."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            match node.body[0]:
                case ast.Expr(value=ast.Constant(value=str()) as constant):
                    yield id(constant), constant


def _in_python(place: str, source: str, *, messages: bool = True) -> Iterator[Passage]:
    tree = ast.parse(source)
    told = dict(_docstrings(tree))
    for constant in told.values():
        text = inspect.cleandoc(str(constant.value))
        yield Passage(place, constant.lineno, docstring(text), page=False)
    if messages:
        yield from _messages(place, tree, set(told))
    yield from comments(place, source)


_PRAGMA = re.compile(r"#!|# (?:noqa|type:|ruff:|fmt:|pragma:|%)")


def comments(place: str, source: str) -> Iterator[Passage]:
    """Les commentaires d'un code Python, ceux qui se suivent ensemble."""
    block: list[tuple[int, str]] = []
    lines = source.splitlines(keepends=True)
    tokens = tokenize.generate_tokens(iter([*lines, ""]).__next__)
    for token in tokens:
        if token.type != tokenize.COMMENT or _PRAGMA.match(token.string):
            continue
        row = token.start[0]
        if block and row != block[-1][0] + 1:
            yield _comment(place, block)
            block = []
        block.append((row, token.string.lstrip("# ")))
    if block:
        yield _comment(place, block)


def _comment(place: str, block: list[tuple[int, str]]) -> Passage:
    return Passage(place, block[0][0], docstring("\n".join(text for _, text in block)), page=False)


# Un message a au moins trois mots, dont un mot outil, et ne ressemble ni à du code ni à du HTML.
_WORDS = re.compile(r"(?<![\w./])[^\W\d_]{2,}(?![\w/=(])")
_TOOL = re.compile(r"\b(?:le|la|les|un|une|des|du|de|est|sont|et|ou|pas|pour|reçu|attendu)\b")
_CODE_LIKE = re.compile(r"[<>{}\\=]|\w\(|::|--\w|\bimport ")
# Le nom d'un argument, en tête (`sparsity : reçu`) ou entre parenthèses.
_ARGUMENT = re.compile(r"^[\w.]+(?= : )|(?<=\()\w+(?=\))")


def _messages(place: str, tree: ast.AST, told: set[int]) -> Iterator[Passage]:
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in inside or id(node) in told:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else HIDDEN
                for part in node.values
            )
        else:
            continue
        if len(_WORDS.findall(text)) >= 3 and _TOOL.search(text) and not _CODE_LIKE.search(text):
            prose = docstring(_ARGUMENT.sub(HIDDEN, text))
            yield Passage(place, node.lineno, prose, page=False)


def _in_notebook(place: str, content: str) -> Iterator[Passage]:
    for number, cell in enumerate(json.loads(content)["cells"], start=1):
        source = "".join(cell["source"])
        where = f"{place}, cellule {number}"
        if cell["cell_type"] == "markdown":
            yield Passage(where, 1, markdown(source), page=True)
            continue
        shown = cell["metadata"].get("mystnb", {})
        for text in (
            shown.get("figure", {}).get("caption", ""),
            shown.get("image", {}).get("alt", ""),
        ):
            yield Passage(where, 1, markdown(text), page=True)
        yield from _in_python(where, source)


_JS = re.compile(r"//(?P<comment>.*)|\"(?P<plain>[^\"\n]*)\"|`(?P<template>[^`\n]*)`")


def _in_javascript(place: str, source: str) -> Iterator[Passage]:
    for number, line in enumerate(source.splitlines(), start=1):
        for match in _JS.finditer(re.sub(r"\$\{[^}]*\}", HIDDEN, line)):
            text = match["comment"] or match["plain"] or match["template"] or ""
            if match["comment"] or (_TOOL.search(text) and not _CODE_LIKE.search(text)):
                yield Passage(place, number, docstring(text), page=False)


def passages(root: Path, path: Path) -> Iterator[Passage]:
    """La prose d'un fichier .md, .ipynb, .js ou .py ; d'un test, sans les chaînes."""
    place = path.relative_to(root).as_posix()
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        yield from _in_notebook(place, content)
    elif path.suffix == ".js":
        yield from _in_javascript(place, content)
    elif path.suffix == ".py":
        yield from _in_python(place, content, messages=path.parts[len(root.parts)] != "tests")
    else:
        yield Passage(place, 1, markdown(content), page=True)


def texts(root: Path) -> list[Path]:
    """Tous les fichiers du projet où il y a du français."""
    patterns = (
        "*.md",
        "book/**/*.md",
        "notebooks/*.ipynb",
        "notebooks/travaux_pratiques/*/tp*.ipynb",
        "notebooks/travaux_pratiques/*.py",
        "pruning_core/**/*.py",
        "pruning_core/course/explorer/explorer.js",
        "book/extensions/*.js",
        "pruning_core/course/data/*.md",
        "book/**/*.py",
        "tests/**/*.py",
    )
    found = {path for pattern in patterns for path in root.glob(pattern)}
    return sorted(path for path in found if "__pycache__" not in path.parts)
