"""Les tableaux du modèle de mots : recalculés par tranches."""

from __future__ import annotations

import pytest

from pruning_core.course.experiments import read_table, words, words_baselines


@pytest.mark.slow
def test_words_slice() -> None:
    """Wanda à 70 %, et le réseau entier, redonnent les bits et les inventions du tableau."""
    keys = ["seed", "asked", "method", "regime"]
    again = words.run([0], sparsities=[0.7], methods=["wanda"], retrained=[]).set_index(keys)
    stored = read_table("words").set_index(keys).loc[again.index]
    assert list(again["bits"]) == pytest.approx(list(stored["bits"]), abs=2e-3)
    assert list(again["known"]) == pytest.approx(list(stored["known"]), abs=0.01)


def test_baselines_slice() -> None:
    """Compter les lettres, puis les paires, redonne les témoins du tableau."""
    again = words_baselines.run(orders=[1, 2])
    stored = read_table("words_baselines").iloc[:2]
    assert list(again["counts"]) == list(stored["counts"])
    assert list(again["bits"]) == pytest.approx(list(stored["bits"]), abs=1e-5)
