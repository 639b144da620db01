"""Les tâches : dites une fois, lancées de même avec make et sans lui."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name

import build
import pytest
from builder import cleaning, environment
from builder.failure import Failure
from builder.tasks import BARE, TASKS, perform

ROOT = Path(__file__).parents[2]
TEXTS = ("README.md", "CONTRIBUTING.md", "book/builder/LISEZMOI.txt", "book/language/LISEZMOI.md")


def launch(monkeypatch: pytest.MonkeyPatch, *given: str) -> int:
    monkeypatch.setattr(sys, "argv", ["build.py", *given])
    return build.main()


def test_help_tells_every_task(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sans tâche, l'aide les dit toutes, chacune en une ligne de 100 caractères au plus."""
    assert launch(monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()[4:]
    assert [line.split()[0] for line in lines] == list(TASKS)
    assert all(len(line.split()) > 2 and len(line) <= 100 for line in lines)


def test_every_task_has_its_function() -> None:
    """La fonction que nomme chaque tâche existe, et reçoit le dossier du cours."""
    for place, _ in TASKS.values():
        function = resolve_name(f"builder.{place}")
        assert list(signature(function).parameters) == ["root"], place


@pytest.mark.skipif(os.name == "nt", reason="Windows n'a pas make")
@pytest.mark.parametrize("name", ["site", "book", "inconnue"])
def test_make_forwards_any_task(name: str) -> None:
    """make transmet toute tâche, même du nom d'un dossier ; les erreurs sont donc en français."""
    command = ["make", "--no-print-directory", "--dry-run", name, "PYTHON=python3.12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"python3.12 book/build.py {name}\n"


@pytest.mark.parametrize("name", TEXTS)
def test_told_tasks_exist(name: str) -> None:
    """Une tâche que cite un mode d'emploi existe."""
    text = (ROOT / name).read_text(encoding="utf-8")
    told = re.findall(r"(?:^ *|`|\| )(?:make|python3 book/build\.py) ([a-z]+)", text, re.MULTILINE)
    assert told
    assert set(told) <= set(TASKS)


def test_readme_tells_every_task() -> None:
    """Le README, ou la page qu'il donne pour l'entretien, dit chaque tâche."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")]
    told = set(re.findall(r"make ([a-z]+)", "\n".join(texts)))
    assert set(TASKS) - told == set()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ([], ("help", {})),
        (["verifier", "RAPIDE=1"], ("verifier", {"RAPIDE": "1"})),
        (["COURS_DEPOT=https://a.fr/?b=c", "site"], ("site", {"COURS_DEPOT": "https://a.fr/?b=c"})),
    ],
)
def test_settings_are_written_as_with_make(
    given: list[str], read: tuple[str, dict[str, str]]
) -> None:
    """« RAPIDE=1 » s'écrit aussi sans make, signes égal compris."""
    assert build.read_arguments(given) == read


def test_settings_reach_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un réglage accepté arrive à sa tâche, que lance l'environnement."""
    monkeypatch.setattr(os, "environ", {})
    launched: list[tuple[str | None, tuple[str, ...]]] = []

    def run(root: Path, python: Path, *module: str) -> int:
        launched.append((os.environ.get("RAPIDE"), module))
        return 3

    monkeypatch.setattr(environment, "ensure_environment", lambda root: Path("ici"))
    monkeypatch.setattr(environment, "run_module", run)
    assert launch(monkeypatch, "test", "RAPIDE=1") == 3
    assert launched == [("1", ("builder", "test"))]


@pytest.mark.parametrize("given", [["sitee"], ["site", "serve"]])
def test_unknown_task_is_told_in_french(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Une tâche inconnue se dit en français."""
    assert launch(monkeypatch, *given) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"Tâche : reçu {' '.join(given)} ; attendu une seule")
    assert "verifier" in told


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0)])
def test_unsupported_python_is_refused(
    version: tuple[int, int, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Un Python que le cours n'accepte pas se refuse en une phrase."""
    monkeypatch.setattr(sys, "version_info", version)
    assert launch(monkeypatch, "site") == 1
    assert "Python 3.11, 3.12 ou 3.13 attendu" in capsys.readouterr().err


def test_failure_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Un échec se dit sans trace, et se voit au code de sortie ; Ctrl+C aussi."""

    def fail(root: Path) -> None:
        raise Failure("le réseau manque.")

    def interrupt(root: Path) -> None:
        raise KeyboardInterrupt

    codes = []
    for function in (fail, interrupt):
        monkeypatch.setattr(cleaning, "clean", function)
        codes.append(perform("clean", here=True))
    assert codes == [1, 130]
    told = capsys.readouterr().err
    assert told.startswith("\nÉchec : le réseau manque.\n")
    assert "Relancez la même commande" in told


def test_bare_tasks_need_no_package() -> None:
    """Une machine où rien n'est installé lit l'aide : ``-S`` cache tous les paquets."""
    command = [sys.executable, "-S", str(ROOT / "book" / "build.py"), "help"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, "serve" in done.stdout) == (0, True)
    assert {"environnement", "verifier", "clean", "help"} == BARE


def test_environment_task_only_makes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """La tâche ne fait que l'environnement."""
    monkeypatch.setattr(environment, "ensure_environment", lambda root: Path("ici"))
    monkeypatch.setattr(environment, "run_module", lambda *names: pytest.fail(str(names)))
    monkeypatch.delenv("AVEC", raising=False)
    assert launch(monkeypatch, "environnement") == 0
    assert "ici" in capsys.readouterr().out
