"""Les mutations : ce qui est mesuré, et ce qui fait échouer."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from builder import mutation
from builder.failure import Failure

ROOT = Path(__file__).parents[2]


def told(module: str, killed: int, *others: str) -> str:
    """Ce que dit ``mutmut results`` d'un module."""
    statuses = ["killed"] * killed + list(others)
    lines = (f"    pruning_core.{module}.x_f__mutmut_{i}: {s}" for i, s in enumerate(statuses))
    return "\n".join(lines) + "\n"


def run(monkeypatch: pytest.MonkeyPatch, results: str, only: list[str]) -> None:
    answer = SimpleNamespace(stdout=results)
    monkeypatch.setenv("ONLY", " ".join(only))
    monkeypatch.setattr(mutation, "check_python", lambda *_: None)
    monkeypatch.setattr(mutation, "ask_python", lambda *_: answer)
    mutation.mutate(ROOT)


def test_score_is_told_by_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Un mutant sans test survit, un temps dépassé est une mort ; les survivants sont nommés."""
    results = told("masks", 16, "timeout", "survived", "no tests") + told("scores.obd", 9)
    run(monkeypatch, results, [])
    said = capsys.readouterr().out
    assert "  masks                     17 sur   19\n" in said
    assert "  scores.obd                 9 sur    9\n" in said
    assert "  pruning_core.masks.x_f__mutmut_17 : survived\n" in said


@pytest.mark.parametrize(("killed", "fails"), [(85, False), (84, True)])
def test_threshold(killed: int, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un module sous 85 % fait échouer la tâche, qui le nomme."""
    results = told("masks", killed, *["survived"] * (100 - killed))
    if fails:
        with pytest.raises(Failure, match="moins de 85 % des mutants sont tués dans : masks"):
            run(monkeypatch, results, [])
    else:
        run(monkeypatch, results, [])


@pytest.mark.parametrize("results", [told("masks", 5, "not checked"), told("scores.obd", 9)])
def test_unfinished_run_is_told(results: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une part ne se calcule pas sur les seuls mutants déjà essayés."""
    with pytest.raises(Failure, match="moins de 85 %"):
        run(monkeypatch, results, ["masks"])


def test_every_target_exists() -> None:
    """Ce que pyproject.toml fait muter, et les tests qu'il y emploie, existent."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["mutmut"]
    assert all(list(ROOT.glob(pattern)) for pattern in settings["only_mutate"])
    assert all((ROOT / p).exists() for p in settings["pytest_add_cli_args_test_selection"])
