"""L'affinage en image : les moyennes du tableau, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pruning_core.course.formatting import percent
from pruning_core.course.pictures import Epochs
from tests.pictures.instances import PICTURES, measured

Open = Callable[..., Page]


def picture() -> Epochs:
    made = PICTURES["epochs"]()
    assert isinstance(made, Epochs)
    return made


def test_each_measure_is_that_of_the_table() -> None:
    """Moyenne, pire et meilleure graine de chaque réglage ; sans époque, un seul calendrier."""
    made, found = picture(), measured().set_index(["asked", "method", "regime"])["accuracy"]
    for method in made.methods:
        for sparsity in made.sparsities:
            for epochs, gradual, regime in (
                (0, False, "none"),
                (0, True, "none"),
                (15, False, "15 epochs"),
                (70, True, "gradual 70 epochs"),
            ):
                values = found[sparsity, method, regime]
                one = made.accuracy(method, sparsity, epochs, gradual=gradual)
                expected = (values.mean(), values.min(), values.max())
                assert (one.mean, one.low, one.high) == pytest.approx(expected, abs=1e-6)
    assert made.methods == ["random", "magnitude", "obs"]


def test_page_shows_the_means_of_python(open_picture: Open) -> None:
    """À chaque sparsité, nombre d'époques et calendrier, la page donne moyennes et étendues."""
    page, made = open_picture("epochs"), picture()
    sliders = [page.get_by_role("slider", name=name) for name in ("Sparsité", "Époques")]
    for gradual, label in ((False, "élagué d’un coup"), (True, "peu à peu")):
        page.get_by_label(label).check(force=True)
        for place, sparsity in enumerate(made.sparsities):
            sliders[0].fill(str(place))
            for rank, epochs in enumerate(made.epochs):
                sliders[1].fill(str(rank))
                found = [
                    made.accuracy(method, sparsity, epochs, gradual=gradual)
                    for method in made.methods
                ]
                told = [percent(one.mean) for one in found]
                expect(page.locator(".level b")).to_have_text(told)
                spread = page.locator(".level s").first.evaluate("(one) => one.style.width")
                wide = 100 * (found[0].high - found[0].low)
                assert float(spread.removesuffix("%")) == pytest.approx(wide, abs=1e-3)
    expect(page.locator(".note")).to_contain_text("En tête, magnitude")


def test_refuses_a_table_with_holes() -> None:
    """Une colonne, une mesure ou un régime qui manque se refuse, en disant lequel."""
    table = measured()
    hole = (table["method"] == "obs") & (table["regime"] == "70 epochs")
    for wrong, told in (
        (table.drop(columns="seed"), "il manque \\['seed'\\]"),
        (table[~hole], "il manque la mesure"),
        (table.replace({"regime": {"70 epochs": "gradual"}}), "reçu 'gradual'"),
    ):
        with pytest.raises(ValueError, match=told):
            Epochs(wrong)
    for setting in ({"sparsity": 0.9}, {"epochs": 20}):
        with pytest.raises(ValueError, match="une des valeurs mesurées"):
            Epochs(table, **setting)  # type: ignore[arg-type]
