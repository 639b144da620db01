"""L'édition du lecteur : du Markdown ordinaire, aucune solution, les bons numéros."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from builder import serving
from builder.notebooks import notebook_paths
from builder.plain.edition import edition
from builder.plain.markdown import plain
from builder.plain.references import References, read_references
from builder.plain.writing import write_editions

ROOT = Path(__file__).parents[2]
REFERENCES = read_references(ROOT)
LESSONS = notebook_paths(ROOT)
MYST = re.compile(r"^ *(?::{3,}|`{3,}\{)|\{[a-z:]+\}`|^%|<!--", re.MULTILINE)
SOME = References({"eq-a": 3, "fig-a": 7, "exo-a": 5}, REFERENCES.articles)
CELLS = [
    ("markdown", "# Titre\n\n:::{exercise} À la main\n:label: exo-a\n\nCalculez.\n:::"),
    ("code", "x = ...\ncheck('a', x)"),
    ("markdown", ":::{solution} exo-a\n:class: dropdown\n\nDeux.\n:::\n\nEntre deux."),
    ("markdown", ":::{solution-start} exo-a\n:class: dropdown\n:::\n\nVoici."),
    ("code", "x = 2"),
    ("markdown", ":::{solution-end}\n:::\n\nLa suite."),
]


def lesson() -> Any:
    made = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    cells = [made[kind](text, id=f"c{rank}") for rank, (kind, text) in enumerate(CELLS)]
    cells[4].outputs = [nbformat.v4.new_output("stream", text="2\n")]
    return nbformat.v4.new_notebook(cells=cells)


def sources(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells[1:]]  # après celle qui installe


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("solved", [False, True], ids=["lecteur", "corrige"])
def test_no_directive_is_left(path: Path, solved: bool) -> None:
    """Aucune directive, aucun rôle, aucun commentaire ne reste ; aucune sortie non plus."""
    found = edition(nbformat.read(path, as_version=4), REFERENCES, solved=solved)
    nbformat.validate(found)
    for cell in found.cells:
        if cell.cell_type == "markdown":
            assert MYST.findall(cell.source) == [], cell.source
        else:
            assert cell.outputs == []
    assert len({cell.id for cell in found.cells}) == len(found.cells)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_reader_gets_no_solution(path: Path) -> None:
    """Chaque solution est dans le corrigé, aucune dans le carnet du lecteur."""
    notebook = nbformat.read(path, as_version=4)
    given, solved = (
        "\n".join(sources(edition(notebook, REFERENCES, solved=one))) for one in (False, True)
    )
    exercises = re.findall(r"^### Exercice (\d+)", given, re.MULTILINE)
    assert re.findall(r"^### Solution de l’exercice (\d+)", solved, re.MULTILINE) == exercises
    assert "Solution" not in given


def test_folded_code_stays_folded() -> None:
    """Le code que la page replie l'est aussi dans JupyterLab et dans Colab ; l'autre se voit."""
    notebook = lesson()
    notebook.cells[1].metadata["tags"] = ["hide-input"]
    folded = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    cells = edition(notebook, SOME, solved=True).cells
    told = [cell.metadata for cell in cells if cell.cell_type == "code"]
    assert told == [folded, folded, {}]  # la première installe


def test_a_lesson_is_cut_at_its_solutions() -> None:
    """Le carnet du lecteur a tout, sauf les solutions ; le corrigé les a à leur place."""
    notebook = lesson()
    begin = ["# Titre\n\n### Exercice 5 (À la main)\n\nCalculez.", CELLS[1][1]]
    assert sources(edition(notebook, SOME)) == [*begin, "Entre deux.", "La suite."]
    title = "### Solution de l’exercice 5"
    assert [one.strip() for one in sources(edition(notebook, SOME, solved=True))] == [
        *begin,
        f"{title}\n\nDeux.",
        "Entre deux.",
        title,
        "Voici.",
        "x = 2",
        "La suite.",
    ]
    assert notebook == lesson()


@pytest.mark.parametrize(
    ("myst", "expected"),
    [
        ("voir {eq}`eq-a` et la {numref}`fig-a`", "voir (3) et la figure 7"),
        ("{numref}`fig-a` le dit.", "Figure 7 le dit."),
        ("{cite:t}`shannon1951` mesurait", "Shannon (1951) mesurait"),
        (
            "dit {cite:p}`lecun1989,mozer1988`",
            "dit (LeCun et coll., 1989\u00a0; Mozer et Smolensky, 1988)",
        ),
        ("l'{ref}`exercice 3 <exo-a>`", "l'exercice 3"),
        ("[ici](8_1_1_magnitude.ipynb#la-question)", "[ici](8_1_1_magnitude.ipynb#la-question)"),
        ("le [glossaire](../book/reference/glossaire.md)", "le glossaire"),
        ("un\n\n<!-- diapo slide -->\n\ndeux", "un\n\n\ndeux"),
        (
            ":::{admonition} Piège\n:class: piege\nUn.\n\nDeux {eq}`eq-a`.\n:::",
            "> **Piège**\n>\n> Un.\n>\n> Deux (3).",
        ),
        ("```{math}\n:label: eq-a\na = b\n```", "$$\na = b\n\\qquad (3)\n$$"),
        ("- si\n  ```{math}\n  a\n  ```", "- si\n  $$\n  a\n  $$"),
        ("« Un » ? Deux :", "«\u00a0Un\u00a0»\u00a0? Deux\u00a0:"),
        ("`a if b else c ; d`, $a : b$ ![x](y ? z)", "`a if b else c ; d`, $a : b$ ![x](y ? z)"),
        ("| a | b |\n| :-- | --: |", "| a | b |\n| :-- | --: |"),
        (
            ":::{dropdown} a. `f`\n**Oui.** Voilà.\n:::",
            "<details>\n<summary><u>a. <code>f</code></u></summary>\n\n**Oui.** Voilà.\n\n"
            "</details>",
        ),
    ],
)
def test_each_construction_is_rewritten(myst: str, expected: str) -> None:
    """Ce que seul le site lit devient ce que tout le monde lit."""
    assert plain(myst, SOME) == expected


@pytest.mark.parametrize("myst", [":::{tab-set}\nUn.\n:::", "{abbr}`HTML`"])
def test_what_cannot_be_rewritten_is_refused(myst: str) -> None:
    """Une construction inconnue se dit, au lieu de passer telle quelle."""
    with pytest.raises(ValueError, match=r"reçu .*; attendu"):
        plain(myst, SOME)


def test_what_a_reader_wrote_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make lab` ajoute les carnets qui manquent, et ne touche pas à ceux qui sont là."""
    (tmp_path / "notebooks").mkdir()
    for name in ("un", "deux"):
        nbformat.write(lesson(), tmp_path / "notebooks" / f"{name}.ipynb")
    mine = tmp_path / "carnets" / "un.ipynb"
    mine.parent.mkdir()
    mine.write_text("à moi", encoding="utf-8")
    monkeypatch.setattr("builder.plain.writing.read_references", lambda root: SOME)
    asked: list[str] = []
    monkeypatch.setattr(
        serving, "run_until_interrupted", lambda root, *arguments: asked.extend(arguments)
    )
    serving.lab(tmp_path)
    assert asked[-1].endswith("=/lab/tree/carnets")  # on arrive devant eux
    assert mine.read_text(encoding="utf-8") == "à moi"
    assert (tmp_path / "carnets" / "deux.ipynb").is_file()
    paths = write_editions(tmp_path, tmp_path / "carnets", solved=True)
    assert [path.name for path in paths] == ["deux_corrige.ipynb", "un_corrige.ipynb"]
