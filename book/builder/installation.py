"""La première cellule des leçons : elle installe ce qui manque sur Colab et Binder.

Son texte est celui de ``first_cell.py``. Seule y change l'adresse du dépôt, que donne
``COURS_DEPOT`` : un carnet ouvert seul sur Colab ne saurait la trouver.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import nbformat

from builder.failure import Failure

CELL_ID = "installation"
TAG = "remove-cell"  # rien à voir sur le site
SOURCE = Path(__file__).with_name("first_cell.py")

_ADDRESS = re.compile(r'^REPOSITORY = "(.*)"', re.MULTILINE)


def cell_source(address: str) -> str:
    """Texte de la cellule, pour un dépôt donné (vide : on ne sait pas lequel).

    Raises
    ------
    Failure
        Si l'adresse n'est ni vide ni en ``https://``.
    """
    if address and not re.fullmatch(r'https://[^\s"\\]+', address):
        raise Failure(f"adresse du dépôt : reçu {address} ; attendu https://...")
    text = SOURCE.read_text(encoding="utf-8").rstrip("\n")
    return _ADDRESS.sub(f'REPOSITORY = "{address}"', text, count=1)


def told_address(notebook: Any) -> str:
    """Adresse que porte déjà le carnet ; vide s'il n'en porte aucune."""
    found = _ADDRESS.search(notebook.cells[0].source) if notebook.cells else None
    return found[1] if found else ""


def prepare(notebook: Any) -> None:
    """Met la cellule en tête du carnet, ou l'y met à jour.

    L'adresse du dépôt est celle de ``COURS_DEPOT`` ou, sans elle, celle que porte le carnet.
    """
    source = cell_source(os.environ.get("COURS_DEPOT", "").rstrip("/") or told_address(notebook))
    if notebook.cells and notebook.cells[0].id == CELL_ID:
        notebook.cells[0].source = source
        return
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": [TAG]}, id=CELL_ID)
    notebook.cells.insert(0, cell)
