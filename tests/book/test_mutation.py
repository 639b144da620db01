"""Les mutations : ce qui est mesuré, et ce qui fait échouer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builder import mutation
from builder.failure import Failure
from builder.mutation import MODULES, TESTS, Score, read_score, report

ROOT = Path(__file__).parents[2]


def write_codes(folder: Path, module: str, codes: list[int | None]) -> None:
    path = folder / "mutants" / "pruning_core" / f"{module}.py.meta"
    path.parent.mkdir(parents=True, exist_ok=True)
    named = {f"{module}.f_{rank}": code for rank, code in enumerate(codes)}
    path.write_text(json.dumps({"exit_code_by_key": named}), encoding="utf-8")


def test_score(tmp_path: Path) -> None:
    """Un mutant sans test n'est pas tué ; un temps dépassé l'est."""
    write_codes(tmp_path, "masks", [1, 1, 0, 33, 5, -24, 3])
    score = read_score(tmp_path, "masks")
    assert (score.killed, score.survivors) == (4, ["masks.f_2", "masks.f_3", "masks.f_4"])
    assert score.share == 4 / 7


@pytest.mark.parametrize("codes", [[1, None], []])
def test_unfinished_run_is_told(tmp_path: Path, codes: list[int | None]) -> None:
    """Une course inachevée se dit."""
    write_codes(tmp_path, "masks", codes)
    with pytest.raises(Failure, match="n'ont pas été essayés"):
        read_score(tmp_path, "masks")


def test_report() -> None:
    """Le rapport donne la part, et nomme les survivants."""
    text = report({"masks": Score(17, ["masks.f_1", "masks.f_2", "masks.f_3"])})
    assert "  masks            17 sur   20   85,0 %\n" in text
    assert "masks.f_2" in text


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Un cours aux sources et aux tests vides."""
    for name in ("pruning_core", "book", "tests"):
        (tmp_path / name).mkdir()
    helpers = ("__init__", "conftest", "core/__init__", "core/cases", "core/oracles")
    for name in (*(f"core/{test}" for test in TESTS.values()), *helpers):
        path = tmp_path / "tests" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("killed", "fails"), [(85, False), (84, True)])
def test_threshold(killed: int, fails: bool, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un module sous 85 % fait échouer."""

    def run_mutmut(folder: Path, *arguments: str) -> bool:
        assert arguments[:3] == ("-m", "mutmut", "run")
        for module in MODULES:
            write_codes(folder, module, [1] * killed + [0] * (100 - killed))
        return True

    monkeypatch.setattr(mutation, "run_python", run_mutmut)
    if fails:
        with pytest.raises(Failure, match="dans : masks/choosing, masks/smallest"):
            mutation.run(course)
    else:
        mutation.run(course)


def test_survivors_are_tried_again_when_a_test_changes(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Un test changé fait réessayer les survivants, et eux seuls."""
    tried: list[list[str]] = []

    def run_mutmut(folder: Path, *arguments: str) -> bool:
        for module in MODULES:
            path = folder / "mutants" / "pruning_core" / f"{module}.py.meta"
            if not path.is_file():
                write_codes(folder, module, [1] * 9 + [0])
                continue
            codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
            waiting = [name for name, code in codes.items() if code is None]
            if module == "masks/choosing":
                tried.append(waiting)
            write_codes(folder, module, [1 if code is None else code for code in codes.values()])
        return True

    monkeypatch.setattr(mutation, "run_python", run_mutmut)
    mutation.run(course)
    mutation.run(course)
    (course / "tests" / "core" / "masks" / "test_choosing.py").write_text("x = 1", encoding="utf-8")
    mutation.run(course)
    assert tried == [[], ["masks/choosing.f_9"]]


def test_every_module_has_its_tests() -> None:
    """Chaque module muté existe, et ses tests aussi."""
    for module in MODULES:
        assert (ROOT / "pruning_core" / f"{module}.py").is_file()
        assert (ROOT / "tests" / "core" / f"{TESTS[module]}.py").is_file()
