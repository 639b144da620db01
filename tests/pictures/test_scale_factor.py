"""Le facteur d'échelle : ce que garde la magnitude, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures import ScaleFactor
from tests.pictures.instances import PICTURES, few_zeros, rescaled

Open = Callable[..., Page]


def picture() -> ScaleFactor:
    made = PICTURES["scale_factor"]()
    assert isinstance(made, ScaleFactor)
    return made


def test_kept_weights_are_the_largest_of_all_layers() -> None:
    """À chaque facteur, les poids gardés sont les plus grands du réseau redimensionné."""
    for factor in (0.5, 1, 20):
        model = rescaled(factor)
        first, last = (model[rank].weight.abs().flatten() for rank in (0, 2))
        threshold = torch.cat([first, last]).sort(descending=True).values[23]  # 24 de 78 gardés
        kept = [int((layer >= threshold).sum()) for layer in (first, last)]
        outcome = picture().outcome(factor, 0.7)
        assert sum(kept) == round(0.3 * 78) + 1
        assert outcome.kept == pytest.approx(kept, abs=1)
        assert sum(outcome.kept) == 78 - 55
        assert outcome.accuracy == pytest.approx(
            0.4 * outcome.kept[0] / 54 + 0.6 * outcome.kept[1] / 24
        )


def test_page_shows_the_layers_of_python(open_picture: Open) -> None:
    """À chaque facteur et chaque sparsité, la page donne les poids et l'exactitude de Python."""
    page, made = open_picture("scale_factor"), picture()
    levels = page.locator(".level b")
    for rank, factor in enumerate(made.factors):
        page.get_by_role("slider", name="Couche 1, multipliée par").fill(str(rank))
        for place in (0, 5, 9):
            page.get_by_role("slider", name="Sparsité").fill(str(place))
            outcome = made.outcome(factor, made.sparsities[place])
            counts = [
                f"{number(count)} sur {number(size)}"
                for count, size in zip(outcome.kept, made.sizes, strict=True)
            ]
            expect(levels).to_have_text([*counts, percent(outcome.accuracy)])
    expect(page.locator(".note")).to_contain_text("Plus aucun poids dans la couche 2")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"factors": (2, 3)}, "dont 1"),
        ({"factors": (1, 0.5)}, "croissante"),
        ({"sparsities": (0.1, 0.7)}, "dont 0"),
        ({"sparsity": 0.75}, "dont 0.75"),
    ],
)
def test_refuses_what_it_cannot_set(arguments: dict[str, object], told: str) -> None:
    """Une suite sans la valeur du départ se refuse, en disant laquelle."""
    with pytest.raises(ValueError, match=told):
        ScaleFactor(rescaled, few_zeros, **arguments)  # type: ignore[arg-type]


def test_refuses_a_twin_of_another_function() -> None:
    """Un facteur qui change la fonction se refuse : ce ne serait plus l'échelle que l'on voit."""

    def scale(model: nn.Module) -> float:
        return min(1.0, float(model[0].weight.detach().abs().mean()))

    with pytest.raises(ValueError, match="la même fonction"):
        ScaleFactor(rescaled, scale, factors=(1, 2))
