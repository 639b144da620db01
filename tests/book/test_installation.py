"""La première cellule des leçons : elle n'appelle pip que sur Colab et Binder, et à bon escient."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from builder.failure import Failure
from builder.installation import CELL_ID, TAG, cell_source, prepare, told_address
from builder.notebooks import notebook_paths

ROOT = Path(__file__).parents[2]
LESSONS = notebook_paths(ROOT)
ADDRESS = "https://exemple.fr/cours"
COURSE = [f"git+{ADDRESS}", f"git+{ADDRESS}#subdirectory=pruning_core/course"]


class Machine:
    """Une machine qui note ses appels à pip ; ``absent`` y manque."""

    def __init__(self) -> None:
        self.absent: set[str] = set()
        self.commands: list[list[str]] = []
        self.error = ""

    def find_spec(self, name: str) -> Any:
        return None if name in self.absent else SimpleNamespace(name=name)

    def run(self, command: list[str], **_: Any) -> Any:
        self.commands.append(command)
        return SimpleNamespace(returncode=int(bool(self.error)), stderr=self.error)

    def asked(self) -> list[str]:
        """Ce que l'on a demandé à pip d'installer, en une seule commande."""
        (command,) = self.commands
        assert command[:5] == [sys.executable, "-m", "pip", "install", "--quiet"]
        return command[5:]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """Une machine ordinaire, où l'on travaille hors du dossier du cours."""
    made = Machine()
    monkeypatch.setattr(importlib.util, "find_spec", made.find_spec)
    monkeypatch.setattr(subprocess, "run", made.run)
    monkeypatch.delenv("BINDER_REPO_URL", raising=False)
    (tmp_path / "ici").mkdir()
    monkeypatch.chdir(tmp_path / "ici")
    return made


@pytest.fixture(params=["colab", "binder"])
def host(machine: Machine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Colab se reconnaît à son module, Binder à ses variables."""
    if request.param == "colab":
        monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    else:
        monkeypatch.setenv("BINDER_REPO_URL", "https://exemple.fr/autre")
    return request.param


def play(address: str = "") -> None:
    exec(compile(cell_source(address), "cellule", "exec"), {"__name__": "__main__"})


def test_nothing_happens_elsewhere(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Hors de Colab et de Binder, rien n'est lancé ni affiché."""
    machine.absent = {"pruning_core", "pandas"}
    play(ADDRESS)
    assert machine.commands == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("host")
def test_nothing_is_installed_twice(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """Ce qui est déjà là n'est pas réinstallé."""
    play(ADDRESS)
    assert machine.commands == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("absent", ["pruning_core", "anywidget"])
@pytest.mark.usefixtures("host")
def test_what_is_missing_is_installed(
    machine: Machine, absent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sans la bibliothèque, ou sans ce que le cours demande, pip installe les deux."""
    machine.absent = {absent}
    play(ADDRESS)
    assert machine.asked() == COURSE
    assert capsys.readouterr().out.endswith("C'est prêt.\n")


@pytest.mark.parametrize("up", ["..", "../.."])
@pytest.mark.usefixtures("host")
def test_a_clone_installs_itself(machine: Machine, up: str, tmp_path: Path, monkeypatch) -> None:
    """Un clone s'installe sans adresse, d'une leçon comme d'une annexe."""
    machine.absent = {"pruning_core"}
    here = tmp_path / "cours" / "notebooks" / "annexes"
    here.mkdir(parents=True)
    (tmp_path / "cours" / "pruning_core").mkdir()
    monkeypatch.chdir(here if up == "../.." else here.parent)
    play()
    assert machine.asked() == [up, f"{up}/pruning_core/course"]


@pytest.mark.usefixtures("host")
def test_missing_address_says_what_to_write(machine: Machine) -> None:
    """Sans adresse, le message dit quoi écrire."""
    machine.absent = {"pruning_core", "pandas"}
    with pytest.raises(RuntimeError, match=r"attendu https://.*guillemets de REPOSITORY"):
        play()
    assert machine.commands == []


@pytest.mark.usefixtures("host")
def test_only_pip_failures_stop_the_lesson(machine: Machine) -> None:
    """Un échec de pip arrête la leçon, en le disant."""
    machine.absent = {"pruning_core"}
    machine.error = "no route to host"
    with pytest.raises(RuntimeError, match=r"(?s)installer le cours\..*no route to host"):
        play(ADDRESS)


def test_bare_colab_calls_pip_once(tmp_path: Path) -> None:
    """Sur un Python nu, la cellule appelle pip une seule fois."""
    for module in ("google/colab/__init__.py", "google/__init__.py"):
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).touch()
    (tmp_path / "pip.py").write_text(
        "import json, pathlib, sys\npathlib.Path('asked').write_text(json.dumps(sys.argv[1:]))\n",
        encoding="utf-8",
    )
    (tmp_path / "cellule.py").write_text(
        "import google.colab\n" + cell_source(ADDRESS), encoding="utf-8"
    )
    subprocess.run(
        [sys.executable, "-S", "cellule.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"},
        check=True,
        capture_output=True,
    )
    asked = json.loads((tmp_path / "asked").read_text(encoding="utf-8"))
    assert asked == ["install", "--quiet", *COURSE]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_starts_with_it(path: Path) -> None:
    """Chaque leçon commence par la même cellule."""
    notebook = nbformat.read(path, as_version=4)
    cell = notebook.cells[0]
    assert cell.source == cell_source(told_address(notebook))
    assert cell.metadata == {"tags": [TAG], "jupyter": {"source_hidden": True}}
    assert cell.outputs == []


def test_lessons_agree_on_the_address() -> None:
    """Toutes les leçons installent le même cours."""
    told = [told_address(nbformat.read(path, as_version=4)) for path in LESSONS]
    assert len(told) >= 4
    assert len(set(told)) == 1


def test_installed_packages_are_those_imported() -> None:
    """Le cours demande tout ce que les leçons importent."""
    project = ROOT / "pruning_core" / "course" / "pyproject.toml"
    asked = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    modules = {"scikit-learn": "sklearn"}
    names = {one.split(">")[0] for one in asked}
    known = {"pruning_core", "torch", "numpy", "tqdm"} | {modules.get(one, one) for one in names}
    for path in LESSONS:
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        imported = {
            line.split()[1].split(".")[0]
            for line in code.split("\n")
            if line.startswith(("import ", "from "))
        }
        assert imported - known - sys.stdlib_module_names == set()


def lesson() -> Any:
    v4 = nbformat.v4
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Titre"), v4.new_code_cell("1 + 1")])


def test_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """L'adresse vient de l'environnement, et reste à la réexécution."""
    notebook = lesson()
    monkeypatch.delenv("COURS_DEPOT", raising=False)
    prepare(notebook)
    assert (told_address(notebook), notebook.cells[0].id) == ("", CELL_ID)
    monkeypatch.setenv("COURS_DEPOT", ADDRESS + "/")
    prepare(notebook)
    assert told_address(notebook) == ADDRESS
    monkeypatch.delenv("COURS_DEPOT")
    prepare(notebook)
    assert told_address(notebook) == ADDRESS
    assert [cell.cell_type for cell in notebook.cells] == ["code", "markdown", "code"]


@pytest.mark.parametrize("address", ["git@exemple.fr:cours", 'https://x"; import os', "http://x"])
def test_strange_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une adresse que pip ne saurait lire, ou qui sort de ses guillemets, se refuse."""
    notebook = lesson()
    monkeypatch.setenv("COURS_DEPOT", address)
    with pytest.raises(Failure, match="attendu https://"):
        prepare(notebook)
    assert len(notebook.cells) == 2
