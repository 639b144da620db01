"""Le code imprimé : où une page peut le couper, et d'où viennent les noms qu'il emploie."""

from __future__ import annotations

import ast
import html
import math
import re
import textwrap
from collections.abc import Iterator
from symtable import Symbol, SymbolTable, symtable

from bs4 import Tag
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from builder.printing.fragments import fragment

_LONGEST = 12  # lignes : un code, ou un morceau, plus court n'est pas coupé par un bas de page
_PART = 6  # lignes d'une part d'un morceau plus long
_WIDTH = 80  # signes d'une ligne de code imprimée
_PARAGRAPH = re.compile(r"(?<=\n\n)(?!\n)")
_CODE = ".cell_input pre"


def unfold_imports(article: Tag) -> None:
    """Imprime les importations, serrées : elles disent d'où viennent les fonctions."""
    for fold in article.select(".cell:is(.tag_hide-cell, .tag_hide-input) > details"):
        code, cell = fold.select_one(_CODE), fold.parent
        statements = ast.parse(code.get_text()).body if code else []
        if code and cell and statements and all(map(_is_import, statements)):
            dense = "\n".join(map(_dense, statements))
            colored = highlight(dense, PythonLexer(), HtmlFormatter(nowrap=True))
            code.replace_with(fragment(f"<pre>{colored}</pre>"))
            for summary in fold.find_all("summary"):
                summary.decompose()
            fold.unwrap()
            cell["class"] = "cell"


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _dense(statement: ast.stmt) -> str:
    line = ast.unparse(statement)
    module, _, names = line.partition(" import ")
    if len(line) <= _WIDTH:
        return line
    return textwrap.fill(f"{module} import ({names})", _WIDTH, subsequent_indent="    ")


def tell_folded_names(article: Tag) -> None:
    """Écrit, sous un code, les noms qu'il emploie et que seul un code replié définit."""
    known: set[str] = set()
    folded: set[str] = set()
    for code in article.select(_CODE):
        source = code.get_text()
        symbols = list(_global_symbols(symtable(source, "<cellule>", "exec")))
        defined = {symbol.get_name() for symbol in symbols if _is_defined(symbol)}
        if code.find_parent("details"):
            folded |= defined
            continue
        used = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
        told = sorted((used - defined) & (folded - known), key=source.index)
        known |= defined | set(told)
        place = code.find_parent(class_="cell_input")
        if told and place:
            place.append(_note(told))


def _global_symbols(table: SymbolTable) -> Iterator[Symbol]:
    """Noms du carnet qu'une cellule définit ou lit ; ceux d'une fonction restent à elle."""
    at_top = table.get_type() == "module"
    yield from (one for one in table.get_symbols() if at_top or one.is_global())
    for child in table.get_children():
        yield from _global_symbols(child)


def _is_defined(symbol: Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported()


def _note(names: list[str]) -> Tag:
    *others, last = (f"<code>{html.escape(name)}</code>" for name in names)
    listed = f"{', '.join(others)} et {last}" if others else last
    defined = "Définis" if others else "Défini"
    told = f"{defined} dans le carnet, par un code qui n’est pas imprimé\u00a0: {listed}."
    return fragment(f'<p class="ailleurs">{told}</p>')


def cut_listings(article: Tag) -> None:
    """Découpe chaque long code en morceaux entiers, à ses lignes vides s'il en a assez.

    Pygments ferme ses balises à chaque fin de ligne : on peut couper après n'importe laquelle.
    """
    for code in article.select("div.highlight > pre"):
        source = code.decode_contents()
        paragraphs = _PARAGRAPH.split(source) if _is_long(source) else [source]
        pieces = [piece for paragraph in paragraphs for piece in _pieces(paragraph)]
        spans = "".join(f'<span class="morceau">{piece}</span>' for piece in pieces)
        code.replace_with(fragment(f"<pre>{spans}</pre>"))


def _pieces(paragraph: str) -> list[str]:
    lines = paragraph.splitlines(keepends=True)
    parts = math.ceil(len(lines) / _PART) if _is_long(paragraph) else 1
    size = math.ceil(len(lines) / parts) or 1
    return ["".join(lines[start : start + size]) for start in range(0, len(lines), size)]


def _is_long(code: str) -> bool:
    return len(code.strip("\n").splitlines()) > _LONGEST
