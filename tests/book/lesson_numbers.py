"""Les nombres d'une page, et ceux que les leçons impriment : le premier doit venir des seconds."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import nbformat
from mdit_py_plugins.anchors.index import slugify

LINK = re.compile(r"\]\(\.\./\.\./(notebooks/[^#)]+\.ipynb)#([^)]+)\)")

_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)


def numbers(text: str) -> set[Decimal]:
    """Les nombres d'un texte, écrits à la française ou à l'anglaise."""
    bare = (re.sub(r"[ \u00a0\u202f]", "", found) for found in _NUMBER.findall(text))
    return {Decimal(found.replace(",", ".")) for found in bare}


@cache
def sections(notebook: Path) -> dict[str, str]:
    """Ancre -> tout ce que la section dit, code, et sorties ; sans ses sous-sections."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            for line in cell.source.split("\n"):
                if heading := _HEADING.match(line):
                    current = found.setdefault(slugify(heading[1]), [])
                current.append(line)
            continue
        current.append(cell.source)
        for output in cell.outputs:
            current.append(output.get("text", ""))
            data = output.get("data", {})
            current += [
                data.get("text/plain", ""),
                re.sub("<[^>]+>", " ", data.get("text/html", "")),
            ]
    return {anchor: "\n".join(lines) for anchor, lines in found.items()}
