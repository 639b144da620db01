"""L'empreinte du code d'un tableau : ce qui la change, et ce qui ne la change pas."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from pruning_core.course.experiments import catalogue, read_conditions, tables
from pruning_core.course.experiments.provenance import _reached, code_digest

every_experiment = pytest.mark.parametrize("name", catalogue.EXPERIMENTS)
CODE = '''"""Une expérience."""

from pruning_core.course.essai.data import RATE


def run():
    """Ce qu'elle mesure."""
    return 2 * RATE
'''


@every_experiment
def test_tables_are_made_by_the_code(name: str) -> None:
    """Le code d'une expérience a changé : son tableau est à refaire, ou à signer."""
    redo = f"tableau périmé : « make experiences ONLY={name} » (SIGN=1 si rien n'y change)"
    assert read_conditions(name)["code"] == catalogue.EXPERIMENTS[name].code(), redo


@every_experiment
def test_tables_are_as_they_were_written(name: str) -> None:
    """Ni une valeur, ni une date, ni une durée n'a été retouchée à la main."""
    conditions = read_conditions(name)
    text = (tables.FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    assert conditions["seal"] == tables.seal(conditions, text)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Un sous-paquet du cours, le temps d'un test ; rend de quoi en récrire un module."""
    import pruning_core.course

    folder = tmp_path / "essai"
    folder.mkdir()
    places = [*pruning_core.course.__path__, str(tmp_path)]
    monkeypatch.setattr(pruning_core.course, "__path__", places)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def write(name: str, text: str) -> str:
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        return code_digest("pruning_core.course.essai.run")

    for name, text in (("__init__", ""), ("data", "RATE = 1\n"), ("run", CODE)):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return write


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Une expérience.", "Une mesure.", True),
        ("Ce qu'elle mesure.", "Deux lignes.\n\n    La seconde.\n    ", True),
        ("def run", "# Le double.\n\ndef run", True),
        ("2 * RATE", "3 * RATE", False),
        ("    return", "    RATE\n    return", False),
    ],
)
def test_what_counts(write, before: str, after: str, same: bool) -> None:
    """Le code compte ; ni ses docstrings, ni ses commentaires, ni ses lignes vides."""
    found = write("run", CODE)
    assert (write("run", CODE.replace(before, after)) == found) == same


def test_what_the_course_lends_counts(write) -> None:
    """Une constante d'un module importé compte aussi."""
    assert write("data", "RATE = 1  # un\n") != write("data", "RATE = 2\n")


def test_names_of_a_package_lead_to_its_modules() -> None:
    """Un module importé depuis son paquet est suivi, comme ceux qu'il importe à son tour."""
    reached = _reached("pruning_core.course.experiments.retraining")
    assert {"pruning_core.course.training", "pruning_core.course.datasets"} <= reached
    assert "pruning_core.course.words.training" in _reached(
        "pruning_core.course.experiments.words_training"
    )


@pytest.mark.parametrize("value", [2.0, 2.0001])
def test_only_the_same_numbers_are_signed(
    value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Une part refaite qui donne les mêmes nombres signe le tableau ; une autre, non."""
    measured = {"value": 2.0}

    def run(seeds: list[int]) -> pd.DataFrame:
        return pd.DataFrame({"seed": seeds, "value": measured["value"], "seconds": len(seeds)})

    monkeypatch.setattr(catalogue, "code_digest", lambda module: "ancien")
    monkeypatch.setitem(catalogue.EXPERIMENTS, "essai", catalogue.Experiment(run, range(3)))
    catalogue.run_experiments(["essai"], n_jobs=1, folder=tmp_path)
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogue, "code_digest", lambda module: "nouveau")
    before = (tmp_path / "essai.csv").read_bytes()
    measured["value"] = value
    if value == 2.0:
        catalogue.sign_experiments(["essai"])
        assert read_conditions("essai")["code"] == "nouveau"
        assert read_conditions("essai")["seconds"] == 0
    else:
        with pytest.raises(ValueError, match=r"d'autres nombres .* experiences ONLY=essai"):
            catalogue.sign_experiments(["essai"])
        assert read_conditions("essai")["code"] == "ancien"
    assert (tmp_path / "essai.csv").read_bytes() == before
