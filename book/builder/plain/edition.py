"""Un carnet à emporter, tiré d'une leçon : celui du lecteur, ou le corrigé."""

from __future__ import annotations

import copy
import re
from typing import Any

import nbformat

from builder.installation import prepare
from builder.notebooks import FOLDED
from builder.plain.markdown import plain
from builder.plain.references import References, figure_of

SOLVED = "_corrige"
"""Ce qui suit le nom de la leçon dans celui de son corrigé."""

# Le code replié, pour JupyterLab, puis pour Colab.
_HIDDEN = {"jupyter": {"source_hidden": True}, "cellView": "form"}
_BOUND = re.compile(
    r"^:{3,}\{solution-(start|end)\} ?(\S*)\n(?::[^\n]*\n)*:{3,}[ \t]*$", re.MULTILINE
)
_SOLUTION = re.compile(r"^(:{3,})\{solution\}[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CITED = re.compile(r"\{cite:[pt]\}`([^`]+)`")


def edition(lesson: Any, references: References, *, solved: bool = False) -> Any:
    """Tire d'une leçon un carnet que Jupyter, Colab et VS Code montrent en français.

    Parameters
    ----------
    lesson : NotebookNode
        La leçon ; elle n'est pas modifiée.
    references : References
        Numéros et articles.
    solved : bool
        Vrai pour le corrigé : les solutions y sont, à leur place.

    Returns
    -------
    NotebookNode
        Sans sortie, ni solution si ce n'est pas le corrigé.
    """
    notebook = copy.deepcopy(lesson)
    prepare(notebook)
    notebook.cells = [
        made
        for cell, in_solution in _placed(notebook.cells)
        if solved or not in_solution
        for made in _made(cell, references)
    ]
    cited = [
        k.strip()
        for c in lesson.cells
        for keys in _CITED.findall(c.source)
        for k in keys.split(",")
    ]
    if cited:
        text = f"## Références\n\n{references.listed(cited)}"
        notebook.cells.append(nbformat.v4.new_markdown_cell(text, id="references"))
    return notebook


def _placed(cells: list[Any]) -> list[tuple[Any, bool]]:
    """Les cellules, coupées aux bords des solutions, et si chacune en est une."""
    found = []
    inside = False
    for cell in cells:
        if cell.cell_type != "markdown":
            found.append((cell, inside))
            continue
        for rank, (text, now) in enumerate(_pieces(cell.source, inside)):
            inside = now
            if text.strip():
                piece = copy.deepcopy(cell)
                piece.source, piece.id = text.strip(), f"{cell.id}-{rank}" if rank else cell.id
                found.append((piece, now))
    return found


def _pieces(text: str, inside: bool) -> list[tuple[str, bool]]:
    """Un texte coupé aux bords des solutions ; une solution commence par son titre."""
    pieces, start = [], 0
    for bound in sorted((*_BOUND.finditer(text), *_SOLUTION.finditer(text)), key=re.Match.start):
        pieces.append((text[start : bound.start()], inside))
        if bound.re is _SOLUTION:
            pieces.append((bound[0], True))
        else:
            inside = bound[1] == "start"
            if inside:
                pieces.append((f":::{{solution}} {bound[2]}\n:::", True))
        start = bound.end()
    return [*pieces, (text[start:], inside)]


def _made(cell: Any, references: References) -> list[Any]:
    """Une cellule du carnet à emporter, et la légende de sa figure."""
    if cell.cell_type == "markdown":
        cell.source, cell.metadata = plain(cell.source, references), {}
        return [cell]
    figure = figure_of(cell)
    hidden = FOLDED & set(cell.metadata.get("tags", []))
    cell.metadata = dict(_HIDDEN) if hidden else {}
    cell.outputs, cell.execution_count = [], None
    if not figure:
        return [cell]
    text = f"*Figure {references.numbers[figure['name']]}. {plain(figure['caption'], references)}*"
    return [cell, nbformat.v4.new_markdown_cell(text, id=f"{cell.id}-figure")]
