"""Les carnets : les exécuter sur place, les vérifier sortie par sortie."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from builder.commands import run_python, tool_environment
from builder.digests import content_digest, is_done, mark_done, source_files
from builder.failure import Failure
from builder.installation import prepare

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CELL_TIMEOUT = 300  # secondes ; la plus longue cellule en prend 40 sur deux cœurs libres

_VOLATILE_CELL_METADATA = ("execution", "collapsed", "scrolled", "editable")
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_SOLUTION_BOUND = re.compile(r"^:::\{solution-(start|end)\}", re.MULTILINE)
_SOLUTION = "# Solution"
FOLDED = {"hide-input", "hide-cell", "remove-cell"}


def lesson_paths(root: Path) -> list[Path]:
    """Leçons du cours, dans l'ordre des noms, sans les copies de Jupyter ni les TP."""
    return sorted((root / "notebooks").glob("*.ipynb"))


def annex_paths(root: Path) -> list[Path]:
    """Annexes des leçons, dans l'ordre des noms."""
    return sorted((root / "notebooks" / "annexes").glob("*.ipynb"))


def notebook_paths(root: Path) -> list[Path]:
    """Carnets du cours : les leçons, puis leurs annexes."""
    return [*lesson_paths(root), *annex_paths(root)]


def labs_folder(root: Path) -> Path:
    """Dossier des sources des TP et des réglages de nbgrader."""
    return root / "notebooks" / "travaux_pratiques"


def normalise(notebook: Any) -> None:
    """Ôte d'un carnet ce qui change d'une exécution ou d'une machine à l'autre."""
    raw_language = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    notebook.metadata = nbformat.from_dict(
        {
            **{k: v for k, v in notebook.metadata.items() if k != "widgets"},
            "kernelspec": KERNEL,
            "language_info": raw_language,
        }
    )
    for cell in notebook.cells:
        for name in _VOLATILE_CELL_METADATA:
            cell.metadata.pop(name, None)
        if cell.cell_type == "code" and not cell.source.strip():
            cell.execution_count = None
        for output in (outputs := cell.get("outputs", [])):
            output.get("data", {}).pop(_WIDGET_VIEW, None)  # identifiant au hasard, sans son état
        outputs[:] = [output for output in outputs if output.get("data", True)]


def fold(notebook: Any) -> None:
    """Replie dans JupyterLab le code que le site replie, et les solutions.

    JupyterLab ne connaît pas les étiquettes du site : un code replié y porte
    ``jupyter.source_hidden``. Il en montre la première ligne, et la sortie : une solution commence
    donc par ``# Solution``, et cache ce qu'elle affiche.
    """
    in_solution = False
    for cell in notebook.cells:
        if cell.cell_type != "code":
            for bound in _SOLUTION_BOUND.findall(cell.source):
                in_solution = bound == "start"
        elif in_solution:
            if not cell.source.startswith(_SOLUTION):
                cell.source = f"{_SOLUTION}\n{cell.source}"
            cell.metadata["jupyter"] = {"outputs_hidden": True, "source_hidden": True}
        elif FOLDED & set(cell.metadata.get("tags", [])):
            cell.metadata["jupyter"] = {"source_hidden": True}
        else:
            cell.metadata.pop("jupyter", None)


def run(root: Path, path: Path, *, timeout: int = CELL_TIMEOUT) -> Any:
    """Exécute un carnet et le rend ; le fichier n'est pas touché.

    Raises
    ------
    Failure
        Si une cellule échoue, ou dure plus de ``timeout`` secondes.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    prepare(notebook)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    try:
        client.execute(env=tool_environment(root))
    except (CellExecutionError, CellTimeoutError) as error:
        name = path.relative_to(root).as_posix()
        raise Failure(f"{name} n'a pas été modifié, une cellule échoue :\n{error}") from None
    return notebook


def execute(root: Path, path: Path) -> None:
    """Exécute un carnet et réécrit le fichier, d'un coup, si tout a réussi.

    Raises
    ------
    Failure
        Si une cellule échoue ; le carnet reste alors tel qu'il était.
    """
    notebook = run(root, path)
    normalise(notebook)
    fold(notebook)
    text = nbformat.writes(notebook) + "\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, path)


def execute_all(root: Path) -> None:
    """Réexécute chaque carnet et enregistre ses sorties."""
    for path in notebook_paths(root):
        print(f"{path.relative_to(root).as_posix()}...", flush=True)
        execute(root, path)


def verify(root: Path, *, again: bool = False) -> None:
    """Passe la garde, puis compare par nbval chaque carnet qui a changé (tous, avec ``again``).

    Raises
    ------
    Failure
        En nommant les carnets en faute.
    """
    print("Carnets : garde...", flush=True)
    if not run_python(root, "-m", "pytest", "-q", "tests/notebooks/test_notebooks.py", quiet=True):
        raise Failure(
            "un carnet n'est pas en ordre (tests/notebooks/test_notebooks.py, ci-dessus)."
        )
    stale = [path for path in notebook_paths(root) if again or not _is_verified(root, path)]
    if not stale:
        print("Carnets : déjà vérifiés, rien n'a changé.")
        return
    print(f"Carnets : {len(stale)} à réexécuter et à comparer (nbval)...", flush=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        right = pool.map(partial(_is_right, root), stale)
    failed = [path.name for path, passed in zip(stale, right, strict=True) if not passed]
    if failed:
        raise Failure(f"carnet en faute : {', '.join(failed)} (comparaison ci-dessus).")


def _is_verified(root: Path, path: Path) -> bool:
    return is_done(root, f"nbval-{path.stem}", _digest(root, path))


def _digest(root: Path, path: Path) -> str:
    shared = source_files(root, "pruning_core", "requirements.lock", "pyproject.toml")
    others = [p for p in source_files(root, "notebooks") if p.suffix != ".ipynb"]
    return content_digest(root, [path, *shared, *others], str(CELL_TIMEOUT))


def _is_right(root: Path, path: Path) -> bool:
    """Réexécute un carnet par nbval, et montre les cellules dont la sortie diffère, s'il y en a."""
    digest = _digest(root, path)
    nbval = ("--nbval", f"--nbval-cell-timeout={CELL_TIMEOUT}", "--quiet")
    quietly = ("-W", "ignore")  # les avertissements d'un carnet sont dans ses sorties
    passed = run_python(root, "-m", "pytest", *nbval, *quietly, str(path), quiet=True)
    mark_done(root, f"nbval-{path.stem}", digest if passed else "")
    return passed
