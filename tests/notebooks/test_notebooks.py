"""La garde des carnets : ceux du cours sont en ordre, et chaque faute plantée est vue."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from builder.notebooks import KERNEL, fold, normalise, notebook_paths
from nbformat.notebooknode import NotebookNode

from tests.notebooks.order import notebook_faults, toc_faults

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", notebook_paths(ROOT), ids=lambda path: path.stem)
def test_course_notebook_is_in_order(path: Path) -> None:
    """Chaque carnet du cours est en ordre."""
    assert notebook_faults(path) == []


def test_course_has_its_notebooks() -> None:
    """Le cours a des carnets, et tous sont au sommaire."""
    assert notebook_paths(ROOT)
    assert toc_faults(ROOT) == []


def sound_notebook() -> NotebookNode:
    """Un carnet sans faute : deux cellules de code exécutées, dont une qui échoue exprès."""
    v4 = nbformat.v4
    error = v4.new_output("error", ename="ValueError", evalue="x", traceback=[])
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Titre\n\n## Partie\n\n```python\n# commentaire\n```"),
            v4.new_code_cell("1 + 1", execution_count=1),
            v4.new_code_cell("   ", execution_count=None),
            v4.new_code_cell(
                "raise ValueError('x')",
                execution_count=2,
                outputs=[error],
                metadata={"tags": ["raises-exception"]},
            ),
        ],
        metadata={"kernelspec": dict(KERNEL)},
    )


def faults_of(notebook: NotebookNode, folder: Path) -> list[str]:
    path = folder / "essai.ipynb"
    nbformat.write(notebook, path)
    return notebook_faults(path)


def never_executed(notebook: NotebookNode) -> None:
    notebook.cells[1].execution_count = None


def out_of_order(notebook: NotebookNode) -> None:
    notebook.cells[1].execution_count, notebook.cells[3].execution_count = 2, 1


def not_from_one(notebook: NotebookNode) -> None:
    notebook.cells[1].execution_count, notebook.cells[3].execution_count = 5, 6


def unexpected_error(notebook: NotebookNode) -> None:
    notebook.cells[3].metadata.tags = []


def ignored_without_reason(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.tags = ["nbval-ignore-output"]


def blank_reason(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.update(tags=["nbval-skip"], raison="  ")


def unknown_slide(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata["slideshow"] = {"slide_type": "fragment"}


def other_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec.name = "julia-1.10"


def no_kernel(notebook: NotebookNode) -> None:
    del notebook.metadata["kernelspec"]


def widget_state(notebook: NotebookNode) -> None:
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}


def no_title(notebook: NotebookNode) -> None:
    notebook.cells[0].source = "## Partie"


def two_titles(notebook: NotebookNode) -> None:
    notebook.cells[0].source += "\n\n# Autre titre"


def skipped_level(notebook: NotebookNode) -> None:
    notebook.cells[0].source += "\n\n#### Trop bas"


def no_code(notebook: NotebookNode) -> None:
    notebook.cells = notebook.cells[:1]


PLANTED = {
    never_executed: "jamais",
    out_of_order: "ordre 2, 1",
    not_from_one: "ordre 5, 6",
    unexpected_error: "cellule 4 : erreur enregistrée, ValueError",
    ignored_without_reason: "cellule 2 : nbval-ignore-output sans métadonnée",
    blank_reason: "cellule 2 : nbval-skip sans métadonnée",
    unknown_slide: "cellule 2 : slide_type, reçu « fragment » ; attendu slide",
    other_kernel: "noyau",
    no_kernel: "noyau",
    widget_state: "l'état des widgets",
    no_title: "0 titre(s) de niveau 1",
    two_titles: "2 titre(s) de niveau 1",
    skipped_level: "un niveau 4 suit un niveau 2",
    no_code: "aucune cellule de code",
}


def test_sound_notebook_passes(tmp_path: Path) -> None:
    """Un carnet correct est accepté."""
    notebook = sound_notebook()
    notebook.cells[1].metadata.update(tags=["nbval-ignore-output"], raison="durée mesurée")
    assert faults_of(notebook, tmp_path) == []


@pytest.mark.parametrize(
    ("plant", "expected"), PLANTED.items(), ids=[plant.__name__ for plant in PLANTED]
)
def test_planted_fault_is_seen(plant, expected: str, tmp_path: Path) -> None:
    """Chaque faute est vue, et elle seule."""
    notebook = sound_notebook()
    plant(notebook)
    (fault,) = faults_of(notebook, tmp_path)
    assert expected in fault


def test_notebook_missing_from_toc_is_seen(tmp_path: Path) -> None:
    """Un carnet oublié dans _toc.yml est nommé."""
    (tmp_path / "notebooks" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in ("a", "b", ".ipynb_checkpoints/c"):
        nbformat.write(sound_notebook(), tmp_path / "notebooks" / f"{name}.ipynb")
    toc = "root: index\nparts:\n  - chapters:\n      - file: notebooks/a\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert toc_faults(tmp_path) == ["notebooks/b.ipynb n'est pas dans _toc.yml"]


def test_normalise_keeps_the_lesson_and_drops_the_machine() -> None:
    """Le carnet perd ce qui change à chaque exécution, et garde ses étiquettes."""
    notebook = sound_notebook()
    notebook.metadata["widgets"] = {}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "0f"}, "text/html": "<p>"}
    alone = {"application/vnd.jupyter.widget-view+json": {"model_id": "1f"}}
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", data=data) for data in (view, alone)
    ]
    notebook.cells[1].metadata.update(
        execution={"iopub.execute_input": "2026-01-01"}, tags=["hide-input"]
    )
    normalise(notebook)
    assert "widgets" not in notebook.metadata
    assert "version" not in notebook.metadata.language_info
    assert [output.data for output in notebook.cells[1].outputs] == [{"text/html": "<p>"}]
    assert notebook.cells[1].metadata == {"tags": ["hide-input"]}


def test_folded_in_jupyterlab_as_on_the_site() -> None:
    """Les solutions et le code caché sont repliés, et rien d'autre."""
    v4 = nbformat.v4
    notebook = v4.new_notebook(
        cells=[
            v4.new_code_cell("a = 1", metadata={"tags": ["hide-cell"]}),
            v4.new_markdown_cell(":::{solution-start} exo\n:class: dropdown\n:::"),
            v4.new_code_cell("b = 2"),
            v4.new_markdown_cell("Un mot."),
            v4.new_code_cell("c = 3"),
            v4.new_markdown_cell(":::{solution-end}\n:::"),
            v4.new_code_cell("d = 4", metadata={"jupyter": {"source_hidden": True}}),
            v4.new_code_cell("e = 5", metadata={"tags": ["hide-input"]}),
        ],
        metadata={},
    )
    fold(notebook)
    folded = [cell.source for cell in notebook.cells if cell.metadata.get("jupyter") is not None]
    assert folded == ["a = 1", "# Solution\nb = 2", "# Solution\nc = 3", "e = 5"]
    unseen = [
        bool(cell.metadata.get("jupyter", {}).get("outputs_hidden")) for cell in notebook.cells
    ]
    assert [rank for rank, hidden in enumerate(unseen) if hidden] == [2, 4]
    before = nbformat.from_dict(notebook)
    fold(notebook)
    assert notebook == before


@pytest.mark.parametrize("path", notebook_paths(ROOT), ids=lambda path: path.stem)
def test_no_solution_is_seen_before_it_is_asked_for(path: Path) -> None:
    """Ouvert dans JupyterLab, un carnet ne montre d'une solution ni le code, ni la sortie."""
    notebook = nbformat.read(path, as_version=4)
    as_it_is = copy.deepcopy(notebook)
    fold(notebook)
    assert notebook == as_it_is, "relancez « make notebooks »"
