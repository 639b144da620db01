"""Ce que « make lock » dit avoir changé."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from builder import lock
from builder.failure import Failure
from builder.moves import markdown, moves, summary, table

BEFORE = """\
# Un commentaire.
garde==1.0 ; sys_platform == 'win32'
majeur==1.9
mineur==1.9
neuf-zero==0.9.1
parti==2
recule==3.10
selon==1.0 ; python_full_version < '3.12'
selon==2.0 ; python_full_version >= '3.12'
"""
AFTER = """\
# Un autre commentaire.
garde==1.0
majeur==2.0
mineur==1.10
neuf-zero==0.10.0
recule==3.9
selon==1.0 ; python_full_version < '3.12'
selon==2.1 ; python_full_version >= '3.12'
venu==5
"""


def test_each_move_is_named() -> None:
    """Chaque paquet qui bouge est nommé, versions comparées en nombres, majeures en tête."""
    assert [move.cells() for move in moves(BEFORE, AFTER)] == [
        ("majeur", "1.9", "2.0", "version majeure"),
        ("neuf-zero", "0.9.1", "0.10.0", "version majeure"),
        ("mineur", "1.9", "1.10", "monté"),
        ("parti", "2", "–", "retiré"),
        ("recule", "3.10", "3.9", "descendu"),
        ("selon", "1.0, 2.0", "1.0, 2.1", "monté"),
        ("venu", "–", "5", "ajouté"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a==1", "a==1", "Rien n'a bougé"),
        ("a==1.0", "a==1.1", "1 paquet a bougé."),
        ("a==1\nb==1", "a==2\nb==1.1", "2 paquets ont bougé, dont 1 change de version majeure"),
        ("a==1\nb==1", "a==2\nb==2", "dont 2 changent de version majeure"),
    ],
)
def test_summary_counts(before: str, after: str, expected: str) -> None:
    """Le résumé compte juste, et dit quand rien n'a bougé."""
    assert expected in summary(moves(before, after))


def test_table_is_aligned() -> None:
    """Le tableau du terminal est aligné."""
    lines = table(moves("a==1\nlong-nom==1.0", "a==1.5\nlong-nom==1.1")).splitlines()
    assert lines == [
        "Paquet    Avant  Après  Changement",
        "a         1      1.5    monté",
        "long-nom  1.0    1.1    monté",
    ]


def test_markdown_is_a_table() -> None:
    """Le rapport est un tableau que la forge affiche."""
    assert markdown(moves("a==1", "a==2")).splitlines()[4:] == [
        "| Paquet | Avant | Après | Changement |",
        "| --- | --- | --- | --- |",
        "| `a` | 1 | 2 | **version majeure** |",
    ]
    assert "|" not in markdown([])


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un cours dont la résolution, jouée, rend ``a==2`` ; ou échoue s'il n'a pas de projet."""
    (tmp_path / "requirements.lock").write_text("a==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")

    def resolve(command: list[str], cwd: Path, **_: object) -> SimpleNamespace:
        failed = not (cwd / "pyproject.toml").exists()
        return SimpleNamespace(returncode=int(failed), stdout="a==2\n", stderr="conflit")

    monkeypatch.setattr(lock.subprocess, "run", resolve)
    return tmp_path


def test_lock_says_what_moved(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Le fichier récrit est comparé à celui d'avant."""
    report = course / "_build" / "rapport.md"
    lock.write_lock(course, report)
    assert "version majeure" in capsys.readouterr().out
    assert "| `a` | 1 | 2 |" in report.read_text(encoding="utf-8")
    lock.write_lock(course, report)
    assert "Rien n'a bougé" in capsys.readouterr().out
    assert "Rien n'a bougé" in report.read_text(encoding="utf-8")


def test_failed_resolution_writes_nothing(course: Path) -> None:
    """Une résolution impossible laisse le fichier."""
    (course / "pyproject.toml").unlink()
    with pytest.raises(Failure, match="conflit"):
        lock.write_lock(course, course / "rapport.md")
    assert (course / "requirements.lock").read_text(encoding="utf-8") == "a==1\n"
    assert not (course / "rapport.md").exists()
