"""« make verifier » : chaque défaut planté est vu, nommé, et suivi de ce qu'il faut faire."""

from __future__ import annotations

import shutil
import sys
import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import build
import nbclient
import nbformat
import psutil
import pytest
from builder import environment, machine
from builder.machine import DOUBT, FAULT, GOOD, Point, doubt, fault, good, verdict
from builder.notebooks import KERNEL

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([GOOD], "Cette machine est prête."),
        ([GOOD, DOUBT], "prête, avec 1 réserve (ci-dessus)."),
        ([DOUBT, DOUBT], "avec 2 réserves"),
        ([DOUBT, FAULT], "n'est pas prête : 1 point à régler"),
        ([FAULT, FAULT], "2 points à régler"),
    ],
)
def test_verdict(states: list[str], told: str) -> None:
    """Le verdict compte les réserves et les points à régler."""
    assert told in verdict(states)


def test_point_shows_its_remedy_below() -> None:
    """Un remède s'écrit sous son point, en lignes courtes."""
    assert good("9 Go").told("Disque") == "  bien      Disque : 9 Go"
    first, second, third = fault("0 Go", "videz " * 20).told("Disque").splitlines()
    assert first == "  à régler  Disque : 0 Go"
    assert second.startswith("            -> videz")
    assert third.startswith("               videz")
    assert max(map(len, (first, second, third))) <= 84


def test_library_elsewhere_is_a_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une bibliothèque d'ailleurs est une réserve, absente une faute."""
    assert machine.library(ROOT).state == GOOD
    assert machine.library(tmp_path).state == DOUBT
    monkeypatch.setitem(sys.modules, "pruning_core", None)
    assert machine.library(ROOT).state == FAULT


@pytest.mark.parametrize(
    ("free", "torch", "state"),
    [
        (2, True, GOOD),
        (0.5, True, FAULT),
        (2, False, FAULT),
        (9, False, GOOD),
    ],
)
def test_full_disk_is_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: float, torch: bool, state: str
) -> None:
    """Un disque plein se voit avant d'installer et avant la séance."""
    usage = SimpleNamespace(free=free * machine.GIGA)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(machine, "find_spec", lambda name: object() if torch else None)
    point = machine.disk(tmp_path)
    assert point.state == state
    assert f"{free:.1f} Go".replace(".", ",") in point.found


@pytest.mark.parametrize(
    ("free", "limit", "state"),
    [
        (8, "", GOOD),
        (1, "", DOUBT),
        (64, str(machine.GIGA), DOUBT),  # un JupyterHub qui n'accorde qu'un gigaoctet
        (1, str(8 * machine.GIGA), DOUBT),
    ],
)
def test_short_memory_is_seen(
    monkeypatch: pytest.MonkeyPatch, free: int, limit: str, state: str
) -> None:
    """Une mémoire trop courte se voit, celle d'un serveur limité aussi."""
    available = SimpleNamespace(available=free * machine.GIGA)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)
    monkeypatch.setenv("MEM_LIMIT", limit)
    assert machine.memory(ROOT).state == state


def test_unwritable_folder_is_seen(tmp_path: Path) -> None:
    """Un dossier où l'on ne peut écrire se voit."""
    point = machine.writing(tmp_path)  # qui n'a pas de carnets
    assert (point.state, str(tmp_path / "notebooks") in point.found) == (FAULT, True)
    (tmp_path / "notebooks").mkdir()
    assert machine.writing(tmp_path).state == GOOD
    assert list((tmp_path / "notebooks").iterdir()) == []


def test_machine_without_browser_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans navigateur, c'est une réserve, jamais une faute."""
    monkeypatch.setattr(webbrowser, "get", lambda: None)
    assert machine.browser(ROOT).state == GOOD

    def none() -> None:
        raise webbrowser.Error("aucun")

    monkeypatch.setattr(webbrowser, "get", none)
    assert machine.browser(ROOT).state == DOUBT


def test_kernel_starts_and_computes() -> None:
    """Le noyau démarre et calcule."""
    point = machine.kernel(ROOT)
    assert (point.state, "démarre et calcule" in point.found) == (GOOD, True)


def test_blocked_kernel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un noyau bloqué se dit."""

    def blocked(*_: Any) -> None:
        raise RuntimeError("Kernel died before replying")

    monkeypatch.setattr(nbclient.NotebookClient, "execute", blocked)
    point = machine.kernel(ROOT)
    assert (point.state, "Kernel died" in point.found) == (FAULT, True)
    assert "antivirus" in point.remedy


@pytest.mark.parametrize(("seconds", "state"), [(60, GOOD), (60.4, GOOD), (61, DOUBT)])
def test_slow_machine_is_a_doubt(seconds: float, state: str) -> None:
    """Une machine lente est une réserve, avec son temps et un conseil."""
    point = machine.timing(seconds)
    assert point.state == state
    assert ("deux étudiants" in point.remedy) == (state == DOUBT)
    assert point.found == f"{round(seconds)} s"


def write_notebook(folder: Path, name: str, source: str) -> Path:
    v4 = nbformat.v4
    (folder / "notebooks").mkdir(exist_ok=True)
    path = folder / "notebooks" / f"{name}.ipynb"
    cells = [v4.new_markdown_cell("# Titre"), v4.new_code_cell(source)]
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": dict(KERNEL)}), path)
    return path


def found(monkeypatch: pytest.MonkeyPatch, point: Point) -> None:
    """Fait comme si l'on n'avait trouvé que ce point."""
    monkeypatch.setattr(machine, "CHECKS", {"Essai": lambda root: point})


def test_lessons_are_run_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chaque leçon est exécutée, ses échecs dits, et son carnet intact."""
    broken = write_notebook(tmp_path, "a_cassee", "raise ValueError('poids introuvable')")
    write_notebook(tmp_path, "b_bonne", "1 + 1")
    before = broken.read_bytes()
    found(monkeypatch, good("3"))
    assert machine.diagnose(tmp_path, quick=False) == 1
    told = capsys.readouterr().out
    assert "à régler  a_cassee : ValueError: poids introuvable" in told
    assert "bien      b_bonne : " in told
    assert "1 point à régler" in told
    assert broken.read_bytes() == before


def test_faulty_machine_runs_no_lesson(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Une machine en faute n'exécute aucune leçon."""
    found(monkeypatch, fault("x", "y"))
    monkeypatch.setattr(machine, "lesson_points", lambda root: pytest.fail("leçon lancée"))
    assert machine.diagnose(ROOT, quick=False) == 1
    assert "réglez d'abord" in capsys.readouterr().out


def test_quick_check_runs_no_lesson(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """La vérification rapide n'exécute aucune leçon, et le dit."""
    found(monkeypatch, doubt("x", "y"))
    monkeypatch.setattr(machine, "lesson_points", lambda root: pytest.fail("leçon lancée"))
    assert machine.diagnose(ROOT, quick=True) == 0
    told = capsys.readouterr().out
    assert "RAPIDE" in told
    assert told.endswith("Cette machine est prête, avec 1 réserve (ci-dessus).\n")


def test_diagnosis_installs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Le diagnostic n'installe rien."""
    launched: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "ensure_environment", lambda root: pytest.fail("installé"))
    monkeypatch.setattr(environment, "run_module", lambda *names: launched.append(names[2:]))
    monkeypatch.setattr(sys, "argv", ["build.py", "verifier"])
    build.main()
    assert launched == [("builder.machine",)]
    assert environment.found_python(tmp_path) == Path(sys.executable)
