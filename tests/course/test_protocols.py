"""Lire les tableaux d'affinage, et ce qu'ils disent des idées reçues."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from pruning_core.course.beliefs import Beliefs
from pruning_core.course.experiments import read_table
from pruning_core.course.protocols import (
    accuracies,
    cost_table,
    lead,
    protocol_table,
    pruning_epochs,
)

ROWS = [
    (0, 0.9, "magnitude", "none", 0.40, 0.5),
    (1, 0.9, "magnitude", "none", 0.60, 1.5),
    (0, 0.9, "obs", "none", 0.90, 4.0),
    (1, 0.9, "obs", "none", 0.95, 6.0),
    (0, 0.9, "magnitude", "200 epochs", 0.95, 19.0),
    (1, 0.9, "magnitude", "200 epochs", 0.97, 23.0),
]
TABLE = pd.DataFrame(ROWS, columns=["seed", "asked", "method", "regime", "accuracy", "seconds"])


def test_accuracies_keep_each_seed() -> None:
    """Une ligne par graine, une colonne par sparsité."""
    found = accuracies(TABLE, "obs", "none")
    assert list(found.index) == [0, 1]
    assert list(found[0.9]) == [0.90, 0.95]


def test_lead_is_paired_by_seed() -> None:
    """L'avance se prend graine par graine."""
    assert list(lead(TABLE, "obs", "magnitude", "none")[0.9]) == pytest.approx([0.50, 0.35])


def test_protocol_absent_is_told() -> None:
    """Un protocole que le tableau n'a pas se refuse, au lieu de rendre un tableau vide."""
    with pytest.raises(ValueError, match=r"reçu \('obs', '70 epochs'\) ; attendu l'un de \[\("):
        accuracies(TABLE, "obs", "70 epochs")


def test_tables_are_written_in_french() -> None:
    """Exactitudes avec leur écart type, et secondes, sous les titres demandés."""
    regimes = {"seul": "none", "200 époques": "200 epochs"}
    shown = protocol_table(TABLE, 0.9, regimes, ["magnitude"])
    assert shown.loc["magnitude"].tolist() == ["50,0 ± 10,0", "96,0 ± 1,0"]
    assert cost_table(TABLE, 0.9, regimes, ["magnitude"]).loc["magnitude"].tolist() == [
        "1,00",
        "21,00",
    ]


def test_a_pruning_is_priced_in_epochs() -> None:
    """Le prix d'un élagage, rapporté à celui d'une époque : 5 s contre 20 s pour 200."""
    assert pruning_epochs(TABLE, 0.9, "obs") == pytest.approx(50)


def test_protocols_are_compared_at_equal_epochs() -> None:
    """Chaque durée du tableau a été dépensée d'un coup et graduellement, par chaque méthode."""
    table = read_table("retraining")
    durations = {regime for regime in table["regime"] if regime.endswith("epochs")}
    single = {regime for regime in durations if not regime.startswith("gradual")}
    assert durations == single | {f"gradual {regime}" for regime in single}
    counts = table[table["method"] != "dense"].groupby(["regime", "method", "asked"]).size()
    assert set(counts) == {5}


def test_eleven_beliefs_each_have_their_number() -> None:
    """Onze idées reçues, onze mesures, chacune avec la leçon où on l'a vue."""
    beliefs = Beliefs()
    assert len({one.believed for one in beliefs.rows}) == 11
    assert all(re.search(r"\d", one.measured) for one in beliefs.rows)
    lessons = {"8.1.1", "8.1.2", "8.1.3, OBD", "8.1.3, OBS", "8.1.4"}
    assert {one.lesson for one in beliefs.rows} == lessons
    assert "87,3\u00a0%" in beliefs.rows[0].measured
    shown = BeautifulSoup(beliefs._repr_html_(), "html.parser").get_text(" ")
    for one in beliefs.rows:
        assert one.believed in shown
        assert one.measured in shown
        assert one.measured in repr(beliefs)
