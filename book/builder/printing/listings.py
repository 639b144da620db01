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
        imports = [one for one in statements if isinstance(one, ast.Import | ast.ImportFrom)]
        if code and cell and imports and imports == statements:
            dense = "\n".join(map(_dense, imports))
            colored = highlight(dense, PythonLexer(), HtmlFormatter(nowrap=True))
            code.replace_with(fragment(f"<pre>{colored}</pre>"))
            for summary in fold.find_all("summary"):
                summary.decompose()
            fold.unwrap()
            cell["class"] = "cell"


def _dense(statement: ast.Import | ast.ImportFrom) -> str:
    line = ast.unparse(statement)
    module, _, names = line.partition(" import ")
    if len(line) <= _WIDTH:
        return line
    rows = textwrap.fill(names, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{module} import (\n{rows},\n)"


def tell_folded_names(article: Tag) -> None:
    """Écrit, sous un code, les noms qu'il emploie et que seul un code replié définit."""
    known: set[str] = set()
    folded: set[str] = set()
    for code in article.select(_CODE):
        source = code.get_text()
        symbols = list(_notebook_symbols(symtable(source, "<cellule>", "exec")))
        defined = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported()}
        used = {one.get_name() for one in symbols if one.is_referenced()} - defined
        if code.find_parent("details"):
            folded |= defined
        else:
            told = sorted(used & folded - known, key=source.index)
            known |= defined | set(told)
            if told:
                code.find_parents(class_="cell_input")[0].append(_note(told))


def _notebook_symbols(table: SymbolTable) -> Iterator[Symbol]:
    """Noms du carnet qu'une cellule définit ou lit ; ceux d'une fonction restent à elle."""
    at_top = table.get_type() == "module"
    yield from (one for one in table.get_symbols() if at_top or one.is_global())
    for child in table.get_children():
        yield from _notebook_symbols(child)


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
