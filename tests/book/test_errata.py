"""Les errata : chaque nombre avancé est calculé par la leçon citée, dans la section citée."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests.book.lesson_numbers import LINK, numbers, sections

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book" / "reference" / "errata.md"


def entries(page: str) -> dict[str, str]:
    """Titre -> texte de chaque erreur."""
    parts = re.split(r"^### (.+)$", page, flags=re.MULTILINE)[1:]
    texts = (re.split(r"^## ", text, flags=re.MULTILINE)[0] for text in parts[1::2])
    return dict(zip(parts[::2], texts, strict=True))


def proof(entry: str) -> str:
    """Ce que dit la rubrique « Le nombre » d'une erreur ; vide si elle n'en a pas."""
    found = re.search(r"^Le nombre\n(: .+?)(?=\n\n\S)", entry, flags=re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def faults(page: str, root: Path = ROOT) -> list[str]:
    """Ce qui ne va pas : un lien sans section, ou un nombre que la section ne donne pas."""
    found = []
    for title, entry in entries(page).items():
        links = LINK.findall(entry)
        if not links:
            found.append(f"{title} : aucune leçon citée")
        for path, anchor in links:
            told = sections(root / path).get(anchor)
            if told is None:
                found.append(f"{title} : {path} n'a pas de section #{anchor}")
            elif missing := numbers(proof(entry)) - numbers(told):
                shown = ", ".join(str(number) for number in sorted(missing))
                found.append(f"{title} : {path}#{anchor} ne donne pas {shown}")
    return found


def test_errata_are_proved() -> None:
    """Chaque nombre des errata est imprimé dans la section citée."""
    assert faults(PAGE.read_text(encoding="utf-8")) == []


def test_every_error_says_what_it_should() -> None:
    """Chaque erreur dit ce que fait le chapitre, son remède et son renvoi."""
    found = entries(PAGE.read_text(encoding="utf-8"))
    assert len(found) >= 30
    wanted = ("\nLe chapitre\n: ", "\n`pruning_core`\n: ", "\nVu dans\n: ")
    assert [title for title, entry in found.items() if not all(w in entry for w in wanted)] == []


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """Un cours d'une leçon, qui imprime un nombre dans sa section « Le piège »."""
    v4 = nbformat.v4
    (tmp_path / "notebooks").mkdir()
    notebook = v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Titre\n\n## Le piège"),
            v4.new_code_cell(
                "print(n)", outputs=[v4.new_output("stream", text="1\u202f797 puis 87,30 %\n")]
            ),
            v4.new_markdown_cell("## La suite\n\n12"),
        ]
    )
    nbformat.write(notebook, tmp_path / "notebooks" / "lecon.ipynb")
    return tmp_path


def erratum(told: str, anchor: str = "le-piège") -> str:
    return (
        f"### Une erreur\n\nLe chapitre\n: x\n\nLe nombre\n: {told}\n\n`pruning_core`\n: y\n\n"
        f"Vu dans\n: [ici](../../notebooks/lecon.ipynb#{anchor})\n\n## Autre partie\n\n99\n"
    )


@pytest.mark.parametrize("told", ["1 797 images, 87,3 %", "1797", "aucun nombre"])
def test_right_number_passes(lesson: Path, told: str) -> None:
    """Un nombre juste passe, quelle que soit son écriture."""
    assert faults(erratum(told), lesson) == []


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (erratum("1 798 images"), "ne donne pas 1798"),
        (erratum("87,4 %"), "ne donne pas 87.4"),
        (erratum("12 fois"), "ne donne pas 12"),
        (erratum("1 797", anchor="le-piege"), "n'a pas de section"),
        ("### Une erreur\n\nLe nombre\n: 1\n\nfin\n", "aucune leçon"),
    ],
)
def test_wrong_erratum_is_caught(lesson: Path, page: str, told: str) -> None:
    """Nombre faux ou d'une autre section, ancre morte et renvoi absent sont vus."""
    (found,) = faults(page, lesson)
    assert told in found
