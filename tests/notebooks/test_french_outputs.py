"""Ce que les leçons affichent se lit en français : ni « 0.0 », ni `second_order`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.notebooknode import NotebookNode

from pruning_core.comparison import CHAPTER_METHODS
from pruning_core.methods import METHODS

FOLDER = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(
    path
    for path in FOLDER.rglob("*.ipynb")
    if not {"travaux_pratiques", ".ipynb_checkpoints"} & set(path.parts)
)
KEYS = [key for key in {*METHODS, *CHAPTER_METHODS} if "_" in key]
WRONG = {
    "point décimal": r"(?<![\w.,])\d+\.\d+(?![.\w])",
    "puissance de dix": r"\d[eE][-+]?\d",
    "liste de nombres": r"\[['\"]?[-−]?\d+[.,]\s?\d|\[\d+\]",
    "dictionnaire": r"\{['\"]",
    "valeur de Python": r"\b(?:True|False|None|nan|inf)\b|\b(?:tensor|array)\(",
    "milliers collés": r"(?<![\w.,%+−-])(?!(?:19|20)\d\d(?!\d))\d{4,}(?![\w.,])",
    "trait d'union pour moins": r"(?<![\w-])-\d",
    "nom de code": rf"\b(?:{'|'.join(KEYS)})\b",
}


def faults(text: str) -> list[str]:
    """Chaque format anglais de ce texte, et ce qu'il est."""
    found = {name: re.findall(pattern, text) for name, pattern in WRONG.items()}
    return [f"{name} : {one}" for name, all_ in found.items() for one in all_]


def shown(cell: NotebookNode) -> Iterator[str]:
    """Ce qu'une cellule affiche, en texte : le plus riche de chaque sortie, images exceptées."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text" in output:
            yield output["text"]
        elif "text/html" in data:
            page = BeautifulSoup(data["text/html"], "html.parser")
            for unread in page.select("script, style"):
                unread.decompose()
            yield page.get_text(" ")
        elif not any(kind.startswith("image/") for kind in data):
            yield data.get("text/plain", "")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_outputs_are_written_in_french(lesson: Path) -> None:
    """Aucune sortie enregistrée n'écrit un nombre, une liste ou une méthode comme Python."""
    cells = nbformat.read(lesson, as_version=4).cells
    found = {(cell.id, fault) for cell in cells for text in shown(cell) for fault in faults(text)}
    assert sorted(found) == []


@pytest.mark.parametrize(
    "text",
    [
        "plus grande saillance : 0.0",
        "(0.25)",
        "coût : 1e-05",
        "le chapitre élague à [0.5, 0.5]",
        "['−0,518', '0,277']",
        "[3]",
        "{'a': 1}",
        "dépasse-t-il ? False",
        "0 / 0 = nan",
        "tensor([1])",
        "1100 poids",
        "266610",
        "écart : -0,5",
        "second_order  90 %",
        "obd_inverted",
    ],
)
def test_english_formats_are_seen(text: str) -> None:
    """Chaque format planté est vu."""
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "0,0157 puis −0,5 ; 1\u202f797 images",
        "élagué par le nom : 0.weight 2.weight",
        "MONK-1, LLaMA-2-7B, Zhu et Gupta 2017, 8.1.3",
        "sparsité : reçu des noms inconnus ['0', '2'] ; attendu ['0.weight']",
        "±1, +1,54 bit, 64-64-32-10",
    ],
)
def test_french_formats_pass(text: str) -> None:
    """Ce qui est déjà en français, ou se nomme ainsi, passe."""
    assert faults(text) == []
