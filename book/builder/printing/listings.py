"""Le code imprimé : où une page peut le couper, et d'où viennent les noms qu'il emploie."""

from __future__ import annotations

import ast
import math
import re
import textwrap
from collections.abc import Iterator
from copy import copy

from bs4 import BeautifulSoup, Tag
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_FOLDED = ".cell:is(.tag_hide-cell, .tag_hide-input)"
_LONGEST = 12  # lignes : un code, ou un morceau, plus court n'est pas coupé par un bas de page
_PART = 6  # lignes d'une part d'un code plus long et sans ligne vide
_PARAGRAPH = re.compile(r"(?<=\n\n)(?!\n)")
_LINE = re.compile(r"(?<=\n)")
_WIDTH = 80  # signes d'une ligne de code imprimée
_soup = BeautifulSoup("", "html.parser")


def unfold_imports(article: Tag) -> None:
    """Imprime les importations, serrées : elles disent d'où viennent les fonctions."""
    for cell in article.select(_FOLDED):
        statements = _parse(cell)
        fold = cell.find("details")
        imports = all(isinstance(one, ast.Import | ast.ImportFrom) for one in statements)
        if statements and imports and isinstance(fold, Tag):
            if isinstance(summary := fold.find("summary"), Tag):
                summary.decompose()
            fold.unwrap()
            cell["class"] = "cell"
            if isinstance(code := cell.select_one("pre"), Tag):
                dense = highlight(_compact(statements), PythonLexer(), HtmlFormatter(nowrap=True))
                # hors d'un « pre », BeautifulSoup perdrait les blancs
                code.replace_with(BeautifulSoup(f"<pre>{dense}</pre>", "html.parser"))


def tell_folded_names(article: Tag) -> None:
    """Écrit, sous un code, les noms qu'il emploie et que seul un code replié définit."""
    printed: set[str] = set()
    folded: set[str] = set()
    for cell in article.select(".cell"):
        statements = _parse(cell)
        if cell.select_one("details") is not None:
            folded |= _defined(statements)
            continue
        told = [name for name in _used(statements) if name in folded - printed]
        printed |= _defined(statements) | set(told)
        code = cell.select_one(".cell_input")
        if told and isinstance(code, Tag):
            code.append(_note(told))


def _parse(cell: Tag) -> list[ast.stmt]:
    code = cell.select_one(".cell_input pre")
    return ast.parse(code.get_text()).body if code else []


def _compact(imports: list[ast.stmt]) -> str:
    """Récrit des importations, plusieurs noms par ligne."""
    lines = []
    for line in map(ast.unparse, imports):
        module, _, names = line.partition(" import ")
        if len(line) > _WIDTH:
            names = textwrap.fill(names, _WIDTH, initial_indent="    ", subsequent_indent="    ")
            line = f"{module} import (\n{names},\n)"
        lines.append(line)
    return "\n".join(lines)


def _defined(statements: list[ast.stmt]) -> set[str]:
    """Noms que ces instructions laissent au carnet ; ceux d'une fonction restent à elle."""
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names |= {(one.asname or one.name).split(".")[0] for one in statement.names}
        else:
            names |= {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
    return names


def _used(statements: list[ast.stmt]) -> list[str]:
    """Noms lus avant d'avoir été définis ici, dans l'ordre."""
    here: set[str] = set()
    used: dict[str, None] = {}
    for statement in statements:
        local = {
            node.arg if isinstance(node, ast.arg) else node.id
            for node in ast.walk(statement)
            if isinstance(node, ast.arg)
            or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        }
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id not in here | local:
                used[node.id] = None
        here |= _defined([statement])
    return list(used)


def _note(names: list[str]) -> Tag:
    note = _soup.new_tag("p", attrs={"class": "ailleurs"})
    defined = "Défini" if len(names) == 1 else "Définis"
    note.append(f"{defined} dans le carnet, par un code qui n’est pas imprimé\u00a0: ")
    for rank, name in enumerate(names):
        if rank:
            note.append(" et " if rank == len(names) - 1 else ", ")
        code = _soup.new_tag("code")
        code.string = name
        note.append(code)
    note.append(".")
    return note


def cut_listings(article: Tag) -> None:
    """Découpe chaque code en morceaux entiers, à ses lignes vides s'il en a assez."""
    for code in article.select("div.highlight > pre"):
        if _length(code) <= _LONGEST:
            code["class"] = "court"
        pieces = [part for piece in _cut(code, _PARAGRAPH) for part in _shorter(piece)]
        code.clear()
        code.extend(pieces)


def _shorter(piece: Tag) -> Iterator[Tag]:
    """Un long morceau, en parts égales : chacune passe entière d'une page à l'autre."""
    if _length(piece) <= _LONGEST:
        yield piece
        return
    lines = list(_cut(piece, _LINE))
    size = math.ceil(len(lines) / math.ceil(len(lines) / _PART))
    for start in range(0, len(lines), size):
        part = _piece()
        for line in lines[start : start + size]:
            part.extend(list(line.contents))
        yield part


def _cut(code: Tag, end: re.Pattern[str]) -> Iterator[Tag]:
    """Coupe un code après chaque fin, jamais dans une balise (une chaîne de plusieurs lignes)."""
    piece = _piece()
    for element in list(code.contents):
        parts = [copy(element)] if isinstance(element, Tag) else end.split(str(element))
        for rank, part in enumerate(parts):
            if rank and piece.contents:
                yield piece
                piece = _piece()
            if part:
                piece.append(part)
    if piece.contents:
        yield piece


def _piece() -> Tag:
    return _soup.new_tag("span", attrs={"class": "morceau"})


def _length(code: Tag) -> int:
    return len(code.get_text().strip("\n").splitlines())
