"""La prose du projet : pages, carnets, docstrings, commentaires et messages, sans code ni formules.

Ce qui n'est pas de la prose est remplacé par « ¤ » ou rien, mais garde ses retours à la ligne :
une faute est annoncée à sa place, et deux mots séparés par du code ne se touchent pas.
"""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
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
    page: bool = False


# Ce qui n'est pas de la prose, dans l'ordre où on l'ôte, et ce qui en reste.
_MARKDOWN = {
    r"(?sm)\A---\n.*?^---\n": HIDDEN,
    r"(?s)<!--.*?-->": HIDDEN,
    r"(?sm)^(`{3,})(?!\{glossary|\{admonition|\{dropdown).*?^\1$": HIDDEN,
    r"(?m)^:[\w-]+:.*$": "",  # options de directive
    r"(?m)^(?:`{3,}|:{3,})(?:\{[\w:-]+\})? ?(?:exo-[\w-]+)?": "",
    r"(?m)^\([\w-]+\)=$": "",
    r"(?s)\$\$.*?\$\$|(?<!\\)\$[^$]+?\$": HIDDEN,
    r"(?s)(`+)(?:(?!\1).)+?\1": HIDDEN,
    r"\{[\w:-]+\}(?=¤)": "",  # le rôle d'un renvoi
    r"!?\[([^\]]*)\]\([^)\s]*\)": r"\1",
    r"<?https?://[^\s>)]+>?": HIDDEN,
    r"</?[a-z][^>]*>": "",
    r"(?m)^\|?[\s:|-]+\|[\s:|-]*$": "",
    r"\|": " ",
    r"(?m)\*\*|^#+ |^ *[-+*] (?=\S)|^: |^> ": "",
}
_RST = {
    r"(?m)^ *>>> .*(?:\n *\S.*)*": HIDDEN,
    r"(?s)(?::\w+:)?(`+)(?:(?!\1).)+?\1": HIDDEN,
    r"https?://\S+": HIDDEN,
    r'"[^"\n]+"': HIDDEN,  # une valeur : "magnitude"
    r"\|[^|\n]{1,20}\|": HIDDEN,  # |w|
    r"\w[\w.]*\([^()\s]*\)": HIDDEN,  # un appel : f(x)
    r"\w*\[[^\]\n]*\]": HIDDEN,  # une forme : [n, n]
    r"[\w.-]*/[\w-]+(?:[./][\w-]+)+": HIDDEN,  # un chemin
    r"(?m)\*\*|^ *[-*] (?=\S)": "",
}


def without(text: str, patterns: dict[str, str]) -> str:
    """Remplace chaque motif, sans perdre de retour à la ligne."""

    for pattern, left in patterns.items():
        text = re.sub(pattern, partial(_replace, left=left), text)
    return text


def _replace(match: re.Match[str], left: str) -> str:
    kept = match.expand(left)
    return kept + "\n" * (match[0].count("\n") - kept.count("\n"))


def markdown(text: str) -> str:
    """La prose d'un texte MyST ; les *italiques* y restent marquées."""
    return without(text, _MARKDOWN)


_HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
_FIELDS = {"Parameters", "Returns", "Yields", "Attributes", "Raises"}


def docstring(text: str) -> str:
    """La prose d'une docstring NumPy, sans noms, types ni références."""
    first, *sections = _HEADING.split(text)
    told = [first]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        if title in _FIELDS:
            body = re.sub(r"(?m)^\S.*$", HIDDEN, body)
        elif title == "References":  # des titres, en anglais
            body = "\n" * body.count("\n")
        told.append("\n" + body)  # le titre et son trait comptent pour une ligne de plus
    return without("".join(told), _RST)


class _FlatStrings(ast.NodeTransformer):
    """Fait de chaque f-string une chaîne, où ses valeurs sont cachées."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        parts = (str(p.value) if isinstance(p, ast.Constant) else HIDDEN for p in node.values)
        return ast.copy_location(ast.Constant("".join(parts)), node)


# Un message a au moins trois mots, dont un mot outil, et ne ressemble ni à du code ni à du HTML.
_WORD = re.compile(r"(?<![\w./])[^\W\d_]{2,}(?![\w/=(])")
_TOOL = re.compile(r"\b(?:le|la|les|un|une|des|du|de|est|sont|et|ou|pas|pour|reçu|attendu)\b")
_CODE_LIKE = re.compile(r"[<>{}\\=]|\w\(|::|--\w|\bimport ")
# Le nom d'un argument, en tête (`sparsity : reçu`) ou entre parenthèses.
_ARGUMENT = re.compile(r"^[\w.]+(?= : )|(?<=\()\w+(?=\))")


def _is_message(text: str) -> bool:
    spoken = len(_WORD.findall(text)) >= 3 and _TOOL.search(text)
    return bool(spoken and not _CODE_LIKE.search(text))


def _python(place: str, source: str, *, messages: bool = True) -> Iterator[Passage]:
    """Les docstrings d'un code Python, ses messages, puis ses commentaires."""
    docstrings = set()
    for node in ast.walk(_FlatStrings().visit(ast.parse(source))):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                docstrings.add(id(node.value))
            case ast.Constant(value=str(text), lineno=line):
                if id(node) in docstrings:
                    yield Passage(place, line, docstring(inspect.cleandoc(text)))
                elif messages and _is_message(text):
                    yield Passage(place, line, docstring(_ARGUMENT.sub(HIDDEN, text)))
    yield Passage(place, 1, docstring(_comments(source)))


_PRAGMA = re.compile(r"#!|# (?:noqa|type:|ruff:|fmt:|pragma:|%)")


def _comments(source: str) -> str:
    """Les commentaires d'un code Python, chacun à sa ligne."""
    told = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and not _PRAGMA.match(token.string)
    }
    return "\n".join(told.get(line, "") for line in range(1, max(told, default=0) + 1))


def _notebook(place: str, content: str) -> Iterator[Passage]:
    for number, cell in enumerate(json.loads(content)["cells"], start=1):
        source = "".join(cell["source"])
        where = f"{place}, cellule {number}"
        if cell["cell_type"] == "markdown":
            yield Passage(where, 1, markdown(source), page=True)
            continue
        shown = cell["metadata"].get("mystnb", {})
        for kind, name in (("figure", "caption"), ("image", "alt")):
            yield Passage(where, 1, markdown(shown.get(kind, {}).get(name, "")), page=True)
        yield from _python(where, source)


_JS = re.compile(r"//(?P<comment>.*)|\"(?P<plain>[^\"\n]*)\"|`(?P<template>[^`\n]*)`")


def _javascript(place: str, source: str) -> Iterator[Passage]:
    for number, line in enumerate(source.splitlines(), start=1):
        for match in _JS.finditer(re.sub(r"\$\{[^}]*\}", HIDDEN, line)):
            text = match["comment"] or match["plain"] or match["template"] or ""
            if match["comment"] or (_TOOL.search(text) and not _CODE_LIKE.search(text)):
                yield Passage(place, number, docstring(text))


def passages(root: Path, path: Path) -> Iterator[Passage]:
    """La prose d'un fichier .md, .ipynb, .js ou .py ; d'un test, sans les chaînes."""
    place = path.relative_to(root).as_posix()
    content = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".ipynb":
            yield from _notebook(place, content)
        case ".js":
            yield from _javascript(place, content)
        case ".py":
            yield from _python(place, content, messages=not place.startswith("tests/"))
        case _:
            yield Passage(place, 1, markdown(content), page=True)


_TEXTS = (
    *("*.md", "book/**/*.md", "pruning_core/**/*.md"),
    *("notebooks/*.ipynb", "notebooks/travaux_pratiques/*/tp*.ipynb"),
    *(f"{folder}/**/*.py" for folder in ("book", "notebooks", "pruning_core", "tests")),
    *("book/extensions/*.js", "book/scripts/*.js", "pruning_core/course/explorer/js/**/*.js"),
)


def texts(root: Path) -> list[Path]:
    """Tous les fichiers du projet où il y a du français."""
    return sorted({path for pattern in _TEXTS for path in root.glob(pattern)})
