"""« make lock » : ce qu'il écrit, et ce qu'il dit avoir changé."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from builder import lock
from builder.failure import Failure
from builder.lock import moves

BEFORE = """\
# Un commentaire.
garde==1.0 ; sys_platform == 'win32'
majeur==1.9
mineur==1.9
neuf-zero==0.9.1
parti==2
selon==1.0 ; python_full_version < '3.12'
selon==2.0 ; python_full_version >= '3.12'
"""
AFTER = """\
# Un autre commentaire.
garde==1.0
majeur==2.0
mineur==1.10
neuf-zero==0.10.0
selon==1.0 ; python_full_version < '3.12'
selon==2.1 ; python_full_version >= '3.12'
venu==5
"""


def test_each_move_is_named() -> None:
    """Chaque paquet qui bouge est nommé ; ceux de version majeure sont en tête, et signalés."""
    assert [move.partition(" : lisez")[0] for move in moves(BEFORE, AFTER)] == [
        "majeur : 1.9 -> 2.0, **version majeure**",
        "neuf-zero : 0.9.1 -> 0.10.0, **version majeure**",
        "mineur : 1.9 -> 1.10",
        "parti : retiré (2)",
        "selon : 1.0, 2.0 -> 1.0, 2.1",
        "venu : ajouté (5)",
    ]
    assert moves(AFTER, AFTER) == []


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un cours dont la résolution, jouée, rend ``a==2`` ; ou échoue si on le lui demande."""
    (tmp_path / "requirements.lock").write_text("a==1\n", encoding="utf-8")
    text = "[dependency-groups]\ntest = []\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    def resolve(root: Path, *command: str) -> SimpleNamespace:
        assert "--group=test" in command
        failed = (root / "conflit").exists()
        resolved = "a==2\nnvidia-cublas==13\ncuda-toolkit==13\ntriton==3\n"
        return SimpleNamespace(returncode=int(failed), stdout=resolved, stderr="conflit")

    monkeypatch.setattr(lock, "ask_python", resolve)
    return tmp_path


def test_lock_says_what_moved(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ce qui a bougé est dit, et écrit dans le rapport demandé ; sans les paquets CUDA."""
    monkeypatch.setenv("RAPPORT", "_build/rapport.md")
    lock.write_lock(course)
    written = (course / "requirements.lock").read_text(encoding="utf-8")
    assert written == lock.HEADER + "a==2\n"
    assert "- a : 1 -> 2" in capsys.readouterr().out
    report = course / "_build" / "rapport.md"
    assert "- a : 1 -> 2" in report.read_text(encoding="utf-8")
    lock.write_lock(course)
    assert "Rien n'a bougé" in capsys.readouterr().out
    assert "Rien n'a bougé" in report.read_text(encoding="utf-8")


def test_failed_resolution_writes_nothing(course: Path) -> None:
    """Une résolution impossible se dit, et laisse les versions telles qu'elles étaient."""
    (course / "conflit").touch()
    with pytest.raises(Failure, match="conflit"):
        lock.write_lock(course)
    assert (course / "requirements.lock").read_text(encoding="utf-8") == "a==1\n"
