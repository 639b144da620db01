"""Les étapes : rien n'est refait sans raison, rien de bon n'est perdu quand une étape échoue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from builder import notebooks, site
from builder.digests import content_digest, source_files
from builder.failure import Failure
from builder.notebooks import KERNEL


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un cours minuscule, avec un site déjà construit et rien à en emporter."""
    monkeypatch.setattr(site, "add_downloads", lambda root, html: None)
    for folder in ("book", "notebooks", "pruning_core", "_build/html"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text("# vide\n", encoding="utf-8")
    (tmp_path / "book" / "index.md").write_text("# Titre", encoding="utf-8")
    (tmp_path / "_build" / "html" / "index.html").write_text("ancien", encoding="utf-8")
    return tmp_path


def test_failed_download_keeps_the_previous_site(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Un téléchargement manqué laisse le site précédent entier."""

    def fail(root: Path, html: Path) -> None:
        raise Failure("livre")

    monkeypatch.setattr(site, "run_python", Builder())
    monkeypatch.setattr(site, "add_downloads", fail)
    with pytest.raises(Failure, match="livre"):
        site.build(course)
    assert page(course) == "ancien"


class Builder:
    """À la place de jupyter-book : écrit une page et compte ses appels."""

    def __init__(self, succeeds: bool = True) -> None:
        self.succeeds = succeeds
        self.calls = 0

    def __call__(self, root: Path, *arguments: str, quiet: bool = False) -> bool:
        self.calls += 1
        html = Path(arguments[-1]) / "_build" / "html"
        html.mkdir(parents=True)
        (html / "index.html").write_text(f"neuf {self.calls}", encoding="utf-8")
        return self.succeeds


def page(course: Path) -> str:
    return (course / "_build" / "html" / "index.html").read_text(encoding="utf-8")


def test_failed_build_keeps_the_previous_site(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Une construction manquée laisse le site précédent."""
    monkeypatch.setattr(site, "run_python", Builder(succeeds=False))
    with pytest.raises(Failure, match="n'a pas été touché"):
        site.build(course)
    assert page(course) == "ancien"


def test_site_is_built_when_something_changed(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Le site se reconstruit quand quelque chose a changé, et seulement alors."""
    builder = Builder()
    monkeypatch.setattr(site, "run_python", builder)
    monkeypatch.delenv("COURS_URL", raising=False)
    site.build(course)
    site.build(course)
    assert (builder.calls, page(course)) == (1, "neuf 1")
    (course / "book" / "index.md").write_text("# Autre", encoding="utf-8")
    site.build(course)
    assert builder.calls == 2
    monkeypatch.setenv("COURS_URL", "https://exemple.fr")
    site.build(course)
    assert builder.calls == 3
    (course / "_build" / "html" / "index.html").unlink()
    site.build(course)
    assert (builder.calls, page(course)) == (4, "neuf 4")


def test_digest_sees_content_and_names(course: Path) -> None:
    """L'empreinte voit contenus et noms, et ignore les caches."""
    files = source_files(course, "book")
    before = content_digest(course, files)
    (course / "book" / "__pycache__").mkdir()
    (course / "book" / "__pycache__" / "x.pyc").write_text("", encoding="utf-8")
    assert source_files(course, "book") == files
    (course / "book" / "index.md").rename(course / "book" / "autre.md")
    renamed = content_digest(course, source_files(course, "book"))
    (course / "book" / "autre.md").write_text("# Titre !", encoding="utf-8")
    edited = content_digest(course, source_files(course, "book"))
    assert len({before, renamed, edited}) == 3


def write_notebook(folder: Path, name: str, source: str, printed: str) -> Path:
    v4 = nbformat.v4
    output = v4.new_output("stream", name="stdout", text=printed)
    cell = v4.new_code_cell(source, execution_count=1, outputs=[output])
    path = folder / "notebooks" / f"{name}.ipynb"
    notebook = v4.new_notebook(
        cells=[v4.new_markdown_cell("# Titre"), cell], metadata={"kernelspec": dict(KERNEL)}
    )
    nbformat.write(notebook, path)
    return path


def test_nbval_accuses_the_notebook_at_fault(course: Path, capfd: Any) -> None:
    """Une sortie enregistrée fausse accuse son carnet, et montre la différence."""
    assert notebooks._is_right(course, write_notebook(course, "juste", "print(2)", "2\n"))
    assert capfd.readouterr().out == ""
    assert not notebooks._is_right(course, write_notebook(course, "faux", "print(2)", "3\n"))
    assert "print(2)" in capfd.readouterr().out


def test_only_changed_notebooks_are_compared(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seuls les carnets changés, ou en faute, sont comparés de nouveau."""
    first = write_notebook(course, "un", "print(1)", "1\n")
    second = write_notebook(course, "deux", "print(2)", "2\n")
    compared: set[Path] = set()
    wrong = {second}

    def compare(root: Path, *arguments: str, quiet: bool) -> bool:
        path = Path(arguments[-1])
        if path.suffix == ".ipynb":
            compared.add(path)
        return path not in wrong

    def verified(*, again: bool = False) -> set[Path]:
        compared.clear()
        notebooks.verify(course, again=again)
        return set(compared)

    monkeypatch.setattr(notebooks, "run_python", compare)
    with pytest.raises(Failure, match=r"carnet en faute : deux\.ipynb"):
        verified()
    wrong.clear()
    assert verified() == {second}
    assert verified() == set()
    (course / "pruning_core" / "types.py").write_text("x = 1", encoding="utf-8")
    assert verified() == {first, second}
    assert verified(again=True) == {first, second}


def test_failing_notebook_is_left_as_it_was(course: Path) -> None:
    """Une réexécution qui échoue laisse le carnet tel qu'il était."""
    path = write_notebook(course, "faux", "raise ValueError('non')", "")
    before = path.read_bytes()
    with pytest.raises(Failure, match=r"(?s)faux\.ipynb n'a pas été modifié.*ValueError"):
        notebooks.execute(course, path)
    assert path.read_bytes() == before


def test_execution_is_reproducible(course: Path) -> None:
    """Deux exécutions donnent le même fichier."""
    path = write_notebook(course, "juste", "print(2)", "vieux\n")
    notebooks.execute(course, path)
    first = path.read_bytes()
    notebooks.execute(course, path)
    assert path.read_bytes() == first
    assert nbformat.read(path, as_version=4).cells[-1].outputs[0].text == "2\n"
