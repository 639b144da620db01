"""L'ordre d'un carnet : ce qu'il doit respecter pour que nbval et le site disent vrai.

nbval ne compare pas une cellule jamais exécutée : un carnet sans sorties passerait. Ces carnets
sont refusés, avec le reste de ce qui rendrait la vérification vide ou la page fausse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import yaml
from builder.notebooks import KERNEL, notebook_paths

SLIDES = ("slide", "-", "notes")  # ce que les diapositives savent lire (book/extensions/slides.py)
REASON = "raison"  # métadonnée de cellule : pourquoi une sortie n'est pas comparée

_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)


def notebook_faults(path: Path) -> list[str]:
    """Fautes d'un carnet, une phrase chacune ; liste vide s'il est en ordre."""
    notebook = nbformat.read(path, as_version=4)
    return [
        *_metadata_faults(notebook.metadata),
        *_heading_faults(notebook.cells),
        *_execution_faults(notebook.cells),
        *(fault for i, cell in enumerate(notebook.cells, 1) for fault in _cell_faults(i, cell)),
    ]


def toc_faults(root: Path) -> list[str]:
    """Carnets absents de ``_toc.yml``."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = set(_toc_files(toc))
    names = (path.relative_to(root).with_suffix("").as_posix() for path in notebook_paths(root))
    return [f"{name}.ipynb n'est pas dans _toc.yml" for name in names if name not in listed]


def _toc_files(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "file" in node:
            yield node["file"].removesuffix(".ipynb")
        for value in node.values():
            yield from _toc_files(value)
    elif isinstance(node, list):
        for item in node:
            yield from _toc_files(item)


def _metadata_faults(metadata: dict[str, Any]) -> Iterator[str]:
    kernel = metadata.get("kernelspec", {})
    if dict(kernel) != KERNEL:
        yield f"noyau : reçu {dict(kernel)} ; attendu {KERNEL}"
    if "widgets" in metadata:
        yield "l'état des widgets est enregistré (metadata.widgets) : « make notebooks » l'ôte"


def _heading_faults(cells: list[Any]) -> Iterator[str]:
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    levels = [len(marks) for marks in _HEADING.findall(_FENCED.sub("", prose))]
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"titres : {levels.count(1)} titre(s) de niveau 1 ; attendu un seul, en tête"
    for above, level in pairwise(levels):
        if level > above + 1:
            yield f"titres : un niveau {level} suit un niveau {above}"


def _execution_faults(cells: list[Any]) -> Iterator[str]:
    counts = [c.execution_count for c in cells if c.cell_type == "code" and c.source.strip()]
    if not counts:
        yield "aucune cellule de code"
    elif counts != list(range(1, len(counts) + 1)):
        shown = ", ".join("jamais" if count is None else str(count) for count in counts)
        yield f"exécution : ordre {shown} ; attendu 1, 2... : relancez « make notebooks »"


def _cell_faults(number: int, cell: Any) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    ignored = [tag for tag in tags if tag.startswith("nbval-")]
    if ignored and not str(cell.metadata.get(REASON, "")).strip():
        yield f"cellule {number} : {ignored[0]} sans métadonnée « {REASON} »"
    kind = cell.metadata.get("slideshow", {}).get("slide_type", SLIDES[0])
    if kind not in SLIDES:
        known = ", ".join(SLIDES)
        yield f"cellule {number} : slide_type, reçu « {kind} » ; attendu {known}, ou rien"
    if "raises-exception" in tags:
        return
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            yield f"cellule {number} : erreur enregistrée, {output.ename} : {output.evalue}"
