"""« make verifier » compare les paquets installés aux versions fixées."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest
from builder.machine import DOUBT, FAULT, GOOD, packages


def course(folder: Path, *pins: str, needed: Sequence[str] = ()) -> Path:
    """Un cours qui fixe ces versions, et dont les leçons demandent ces paquets."""
    (folder / "requirements.lock").write_text("# en-tête\n" + "\n".join(pins) + "\n", "utf-8")
    (folder / "pruning_core" / "course").mkdir(parents=True)
    (folder / "pruning_core" / "course" / "pyproject.toml").write_text(
        f"[project]\ndependencies = {list(needed)}\noptional-dependencies = {{lab = []}}\n", "utf-8"
    )
    return folder


def test_right_packages_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un PyTorch pour processeur convient, et un paquet d'un autre système n'est pas réclamé."""
    installed = {"torch": "2.13.0+cpu", "numpy": "2.4.6"}
    monkeypatch.setattr(metadata, "version", installed.__getitem__)
    pins = ("numpy==2.4.6", "torch==2.13.0", "appnope==1 ; sys_platform == 'ailleurs'")
    point = packages(course(tmp_path, *pins))
    assert point.state == GOOD
    assert point.found.startswith("2 aux versions exactes de requirements.lock")


@pytest.mark.parametrize(
    ("needed", "pins", "told"),
    [
        (["numpy"], ["numpy==0.1"], f"numpy : reçu {metadata.version('numpy')}, attendu ==0.1"),
        (["absent>=1", "numpy"], ["absent==1.0", "numpy==0.1"], "absent manque ; numpy : reçu"),
        (["Absent_Ici"], ["absent-ici==1 ; sys_platform != 'ailleurs'"], "absent-ici manque"),
        (["pandas"], ["numpy==0.1"], "numpy : reçu"),  # pandas le demande
        (
            [f"absent-{i}" for i in range(7)],
            [f"absent-{i}==1" for i in range(7)],
            "absent-4 manque ; et 2 autres",
        ),
    ],
)
def test_planted_package_fault_is_seen(
    tmp_path: Path, needed: list[str], pins: list[str], told: str
) -> None:
    """Un paquet absent ou d'une autre version est nommé, avec le remède."""
    point = packages(course(tmp_path, *pins, needed=needed))
    assert point.state == FAULT
    assert told in point.found
    assert "make environnement" in point.remedy


def test_tools_of_the_site_are_not_required(tmp_path: Path) -> None:
    """Ce qui ne sert qu'à construire le site peut manquer : ce n'est qu'une réserve."""
    point = packages(course(tmp_path, "paquet-absent==1", needed=["numpy"]))
    assert (point.state, "paquet-absent manque" in point.found) == (DOUBT, True)


def test_bare_python_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Un Python nu s'entend dire que l'environnement est absent."""
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    point = packages(course(tmp_path, "numpy==1"))
    assert (point.state, "environnement absent" in point.found) == (FAULT, True)
