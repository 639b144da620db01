"""OBS en un pas, par blocs ou entier : ce qui se refait vite redonne le tableau livré."""

from __future__ import annotations

import pytest

from pruning_core.course.experiments import read_table, whole_matrix


def test_cheap_rows_are_those_of_the_table() -> None:
    """La magnitude et les blocs, sur un réseau : les mêmes exactitudes."""
    cheap = ["magnitude", "by_neuron"]
    again = whole_matrix.run([0], prunings=cheap)
    stored = read_table("whole_matrix").query("seed == 0").set_index("pruning")
    assert list(again["pruning"]) == cheap
    assert again["accuracy"].tolist() == pytest.approx(stored["accuracy"][cheap].tolist(), abs=5e-3)
    assert (again["seconds"] >= 0).all()


def test_every_pruning_is_in_the_table() -> None:
    """Le tableau a une ligne par graine et élagage, la matrice entière comprise."""
    stored = read_table("whole_matrix")
    rows = {(seed, name) for seed in whole_matrix.SEEDS for name in whole_matrix.PRUNINGS}
    assert set(zip(stored["seed"], stored["pruning"], strict=True)) == rows
    assert len(stored) == len(rows)
