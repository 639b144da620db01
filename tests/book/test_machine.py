"""« make verifier » : chaque défaut planté est vu, nommé, et suivi de ce qu'il faut faire."""

from __future__ import annotations

import shutil
import sys
import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import build
import nbformat
import psutil
import pytest
from builder import environment
from builder.failure import Failure
from builder.guard import KERNEL
from builder.machine import __main__ as diagnosis
from builder.machine import checks, lessons
from builder.machine.points import Point, State, doubt, fault, good, verdict

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ([good("A", "x")], "Cette machine est prête."),
        ([good("A", "x"), doubt("B", "x", "y")], "prête, avec 1 réserve (ci-dessus)."),
        ([doubt("A", "x", "y"), doubt("B", "x", "y")], "avec 2 réserves"),
        ([doubt("A", "x", "y"), fault("B", "x", "y")], "n'est pas prête : 1 point à régler"),
        ([fault("A", "x", "y"), fault("B", "x", "y")], "2 points à régler"),
    ],
)
def test_verdict(points: list[Point], told: str) -> None:
    """Le verdict compte les réserves et les points à régler."""
    assert told in verdict(points)


def test_point_shows_its_remedy_below() -> None:
    """Un remède s'écrit sous son point, en lignes courtes."""
    assert str(good("Disque", "9 Go")) == "  bien      Disque : 9 Go"
    first, second, third = str(fault("Disque", "0 Go", "videz " * 20)).splitlines()
    assert first == "  à régler  Disque : 0 Go"
    assert second.startswith("            -> videz")
    assert third.startswith("               videz")
    assert max(map(len, (first, second, third))) <= 84


def test_library_elsewhere_is_a_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une bibliothèque d'ailleurs est une réserve, absente une faute."""
    assert checks.library(ROOT).state is State.GOOD
    assert checks.library(tmp_path).state is State.DOUBT
    monkeypatch.setitem(sys.modules, "pruning_core", None)
    assert checks.library(ROOT).state is State.FAULT


@pytest.mark.parametrize(
    ("free", "torch", "state"),
    [
        (2, True, State.GOOD),
        (0.5, True, State.FAULT),
        (2, False, State.FAULT),
        (9, False, State.GOOD),
    ],
)
def test_full_disk_is_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: float, torch: bool, state: State
) -> None:
    """Un disque plein se voit avant d'installer et avant la séance."""
    usage = SimpleNamespace(free=free * checks.GIGA)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(checks, "find_spec", lambda name: object() if torch else None)
    point = checks.disk(tmp_path)
    assert point.state is state
    assert f"{free:.1f} Go".replace(".", ",") in point.found


@pytest.mark.parametrize(
    ("free", "limit", "state"),
    [
        (8, "", State.GOOD),
        (1, "", State.DOUBT),
        (64, str(checks.GIGA), State.DOUBT),  # un JupyterHub qui n'accorde qu'un gigaoctet
        (1, str(8 * checks.GIGA), State.DOUBT),
    ],
)
def test_short_memory_is_seen(
    monkeypatch: pytest.MonkeyPatch, free: int, limit: str, state: State
) -> None:
    """Une mémoire trop courte se voit, celle d'un serveur limité aussi."""
    available = SimpleNamespace(available=free * checks.GIGA)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)
    monkeypatch.setenv("MEM_LIMIT", limit)
    assert checks.memory().state is state


def test_unwritable_folder_is_seen(tmp_path: Path) -> None:
    """Un dossier où l'on ne peut écrire se voit."""
    point = checks.writing(tmp_path)  # qui n'a pas de carnets
    assert (point.state, str(tmp_path / "notebooks") in point.found) == (State.FAULT, True)
    (tmp_path / "notebooks").mkdir()
    assert checks.writing(tmp_path).state is State.GOOD
    assert list((tmp_path / "notebooks").iterdir()) == []


def test_machine_without_browser_is_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans navigateur, c'est une réserve, jamais une faute."""
    monkeypatch.setattr(checks, "find_browser", lambda: None)
    monkeypatch.setattr(webbrowser, "get", lambda: None)
    assert checks.browser().state is State.GOOD

    def none() -> None:
        raise webbrowser.Error("aucun")

    monkeypatch.setattr(webbrowser, "get", none)
    assert checks.browser().state is State.DOUBT

    def wrong() -> None:
        raise Failure("CHROMIUM : reçu x")

    monkeypatch.setattr(checks, "find_browser", wrong)
    assert checks.browser().state is State.DOUBT


def test_kernel_starts_and_computes() -> None:
    """Le noyau démarre et calcule."""
    point = checks.kernel()
    assert (point.state, "démarre et calcule" in point.found) == (State.GOOD, True)


def test_blocked_kernel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un noyau bloqué se dit."""
    import jupyter_client.manager

    def blocked(**_: Any) -> None:
        raise RuntimeError("Kernel died before replying")

    monkeypatch.setattr(jupyter_client.manager, "start_new_kernel", blocked)
    point = checks.kernel()
    assert (point.state, "Kernel died" in point.found) == (State.FAULT, True)
    assert "antivirus" in point.remedy


@pytest.mark.parametrize(
    ("installed", "state"),
    [
        (good("Paquets", "x"), State.GOOD),
        (doubt("Paquets", "x", "y"), State.GOOD),
        (fault("Paquets", "x", "y"), State.DOUBT),
    ],
)
def test_network_is_needed_only_to_install(installed: Point, state: State) -> None:
    """Le réseau n'est nécessaire que pour installer."""
    assert checks.network([good("Python", "3"), installed]).state is state


@pytest.mark.parametrize(
    ("seconds", "state", "told"),
    [
        (60, State.GOOD, ""),
        (60.4, State.GOOD, ""),
        (61, State.DOUBT, "branchez"),
        (121, State.DOUBT, "deux étudiants"),
    ],
)
def test_slow_machine_is_a_doubt(seconds: float, state: State, told: str) -> None:
    """Une machine lente est une réserve, avec son temps et un conseil."""
    point = lessons.timing("8_1_1", seconds)
    assert point.state is state
    assert told in point.remedy
    assert point.found == f"{round(seconds)} s"


def write_notebook(folder: Path, name: str, source: str) -> Path:
    v4 = nbformat.v4
    (folder / "notebooks").mkdir(exist_ok=True)
    path = folder / "notebooks" / f"{name}.ipynb"
    cells = [v4.new_markdown_cell("# Titre"), v4.new_code_cell(source)]
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": dict(KERNEL)}), path)
    return path


def test_lessons_are_run_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Chaque leçon est exécutée, ses échecs dits, et son carnet intact."""
    broken = write_notebook(tmp_path, "a_cassee", "raise ValueError('poids introuvable')")
    write_notebook(tmp_path, "b_bonne", "1 + 1")
    before = broken.read_bytes()
    monkeypatch.setattr(diagnosis, "quick_points", lambda root: [good("Python", "3")])
    assert diagnosis.diagnose(tmp_path, quick=False) == 1
    told = capsys.readouterr().out
    assert "à régler  a_cassee : ValueError: poids introuvable" in told
    assert "bien      b_bonne : " in told
    assert "1 point à régler" in told
    assert broken.read_bytes() == before


def test_faulty_machine_runs_no_lesson(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Une machine en faute n'exécute aucune leçon."""
    monkeypatch.setattr(diagnosis, "quick_points", lambda root: [fault("Paquets", "x", "y")])
    monkeypatch.setattr(diagnosis, "lesson_points", lambda root: pytest.fail("leçon lancée"))
    assert diagnosis.diagnose(ROOT, quick=False) == 1
    assert "réglez d'abord" in capsys.readouterr().out


def test_quick_check_runs_no_lesson(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """La vérification rapide n'exécute aucune leçon, et le dit."""
    monkeypatch.setattr(diagnosis, "quick_points", lambda root: [doubt("Mémoire", "x", "y")])
    monkeypatch.setattr(diagnosis, "lesson_points", lambda root: pytest.fail("leçon lancée"))
    assert diagnosis.diagnose(ROOT, quick=True) == 0
    told = capsys.readouterr().out
    assert "RAPIDE" in told
    assert told.endswith("Cette machine est prête, avec 1 réserve (ci-dessus).\n")


def test_every_point_is_looked_at() -> None:
    """Chaque point de la liste est regardé."""
    names = [point.name for point in checks.quick_points(ROOT)]
    assert names == [
        *("Python", "Paquets", "Bibliothèque", "Disque", "Mémoire", "Écriture"),
        *("Noyau Jupyter", "Navigateur", "Réseau"),
    ]


def test_diagnosis_installs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Le diagnostic n'installe rien."""
    launched: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "ensure_environment", lambda root: pytest.fail("installé"))
    monkeypatch.setattr(environment, "run_module", lambda *names: launched.append(names[2:]))
    monkeypatch.setattr(sys, "argv", ["build.py", "verifier"])
    build.main()
    assert launched == [("builder.machine",)]
    assert environment.found_python(tmp_path) == Path(sys.executable)
