"""La prose du projet : pages, carnets, docstrings, commentaires et messages, sans code ni formules.

Ce qui n'est pas de la prose est remplacé par « ¤ » ou rien, mais garde ses retours à la ligne :
une faute est annoncée à sa place, et deux mots séparés par du code ne se touchent pas.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String

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
_NUMPY = {
    r"(?ms)^References\n-{3,}$.*?(?=^\w+\n-{3,}$|\Z)": HIDDEN,  # des titres, en anglais
    r"(?m)^\w[\w ]*\n-{3,}$": HIDDEN,  # le titre d'une section
    r"(?m)^\w+ : .*$|^\S.*(?=\n {4}\S)": HIDDEN,  # un nom et un type, avant ce qu'ils sont
}
_COMMENT = {
    r"#!.*|# (?:noqa|type:|ruff:|fmt:|pragma:|%).*|/\* (?:exported|eslint).*": HIDDEN,
    r"@import .*|@(?:param|property|typedef) \{.*\} \S+|@\w+(?: \{.*\})?": HIDDEN,  # des types
    r"<[\w-]+>": HIDDEN,
    r"(?m)^ *(?:#|//+|/?\*+/?) ?|\*/$": "",
}
_MESSAGE = {r"['\"`]\s*[rf]?['\"`]|^[rf]?['\"`]|['\"`]$": ""}  # des chaînes qui se suivent
_RST = {
    r"(?m)^ *>>> .*(?:\n *\S.*)*": HIDDEN,
    r"(?s)(?::\w+:)?(`+)(?:(?!\1).)+?\1": HIDDEN,
    r"https?://\S+": HIDDEN,
    r'"[^"\n]+"': HIDDEN,  # une valeur : "magnitude"
    r"\|[^|\n]{1,20}\|": HIDDEN,  # |w|
    r"\w[\w.]*\([^()\s]*\)": HIDDEN,  # un appel : f(x)
    r"\w*\[[^\]\n]*\]": HIDDEN,  # une forme : [n, n]
    r"[\w.-]*/[\w-]+(?:[./][\w-]+)+": HIDDEN,  # un chemin
    r"(?m)^[\w.]+(?= : )|(?<=\()\w+(?=\))": HIDDEN,  # un argument : `sparsity : reçu`, (model)
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


def plain(text: str) -> str:
    """La prose d'un message ou d'un commentaire."""
    return without(text, _RST)


# Un message a au moins trois mots, dont un mot outil, et ne ressemble ni à du code ni à du HTML.
_WORD = re.compile(r"(?<![\w./])[^\W\d_]{2,}(?![\w/=(])")
_TOOL = re.compile(r"\b(?:le|la|les|un|une|des|du|de|est|sont|et|ou|pas|pour|reçu|attendu)\b")
_SCRIPT = re.compile(r'"""(?:\(\w*\) =>|import )')  # du code entre trois guillemets
_CODE_LIKE = re.compile(r"\?\||[<>{}\\=]|\w\(|::|--\w|\bimport ")


def _is_message(text: str) -> bool:
    spoken = len(_WORD.findall(text)) >= 3 and _TOOL.search(text)
    return bool(spoken and not _CODE_LIKE.search(text))


def _kind(token: tuple[int, Any, str]) -> Any:
    """Ce qu'un signe d'un code est pour le lecteur : commentaire, docstring, message, ou rien."""
    kinds = (Comment, String.Doc, String) if token[1] is not String.Interpol else ()
    return next((kind for kind in kinds if token[1] in kind), None)


def _code(place: str, source: str, language: str, *, messages: bool = True) -> Iterator[Passage]:
    """Les docstrings d'un code, ses messages et ses commentaires."""
    tokens = get_lexer_by_name(language).get_tokens_unprocessed(source)
    for kind, group in groupby((token for token in tokens if token[2].strip()), _kind):
        (start, _, text), *others = group
        if others:
            text = source[start : others[-1][0] + len(others[-1][2])]
        line = 1 + source.count("\n", 0, start)
        if kind is Comment:
            yield Passage(place, line, plain(without(text, _COMMENT)))
        elif kind is String.Doc and not _SCRIPT.match(text):
            yield Passage(place, line, plain(without(inspect.cleandoc(text.strip('"')), _NUMPY)))
        elif kind is String and messages and _is_message(text := without(text, _MESSAGE)):
            yield Passage(place, line, plain(text))


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
        yield from _code(where, source, "python")


def passages(root: Path, path: Path) -> Iterator[Passage]:
    """La prose d'un fichier .md, .ipynb, .js ou .py ; d'un test, sans les chaînes."""
    place = path.relative_to(root).as_posix()
    content = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".ipynb":
            yield from _notebook(place, content)
        case ".js":
            yield from _code(place, content, "javascript")
        case ".py":
            yield from _code(place, content, "python", messages=not place.startswith("tests/"))
        case _:
            yield Passage(place, 1, markdown(content), page=True)


_TEXTS = (
    *("*.md", "book/**/*.md", "pruning_core/**/*.md"),
    *("notebooks/*.ipynb", "notebooks/annexes/*.ipynb", "notebooks/travaux_pratiques/*/tp*.ipynb"),
    *(f"{folder}/**/*.py" for folder in ("book", "notebooks", "pruning_core", "tests")),
    *("book/extensions/*.js", "book/scripts/*.js", "pruning_core/course/*/js/**/*.js"),
)


def texts(root: Path) -> list[Path]:
    """Tous les fichiers du projet où il y a du français."""
    return sorted({path for pattern in _TEXTS for path in root.glob(pattern)})
