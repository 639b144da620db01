"""Le budget que trois couches se partagent, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from torch import nn

from pruning_core import layerwise_masks, magnitude_scores, pruned_copy
from pruning_core.course.formatting import percent
from pruning_core.course.pictures import Budget
from pruning_core.course.pictures.budget import STEPS
from tests.pictures.instances import PICTURES, rescaled, three_layers, weighed

Open = Callable[..., Page]


def picture() -> Budget:
    made = PICTURES["budget"]()
    assert isinstance(made, Budget)
    return made


@pytest.mark.parametrize("place", [(14, 14), (20, 0), (8, 20)])
def test_each_share_keeps_the_total_and_its_own_accuracy(place: tuple[int, int]) -> None:
    """À tous les partages, autant de poids en tout ; l'exactitude est celle du réseau élagué."""
    made, model = picture(), three_layers()
    shares = made.shares(*place)
    removed = sum(share * size for share, size in zip(shares, made.sizes, strict=True))
    assert removed == pytest.approx(67)  # 0,7 des 96 poids
    scores = magnitude_scores(model)
    masks = layerwise_masks(scores, dict(zip(scores, shares, strict=True)))
    expected = weighed(pruned_copy(model, masks))
    assert made.accuracy(*place) == pytest.approx(expected, abs=1e-6)


def test_page_shows_the_accuracies_of_python(open_picture: Open) -> None:
    """Chaque couche se règle, une autre paie, et la page donne l'exactitude de Python."""
    page, made = open_picture("budget"), picture()
    sliders = [page.get_by_role("slider", name=f"Couche {layer}") for layer in (1, 2, 3)]
    told = page.locator(".level b")
    whole = ", ".join(percent(share) for share in made.whole)
    expect(page.locator(".legend")).to_contain_text(
        f"{whole}, et garde {percent(made.reached)} d’exactitude."
    )
    for two, three in ((14, 14), (20, 10), (12, 0), (20, 20)):
        sliders[2].fill(f"{three / STEPS:g}")
        sliders[1].fill(f"{two / STEPS:g}")
        expect(told).to_have_text(percent(made.accuracy(two, three)))
        share = percent(made.shares(two, three)[0])
        expect(sliders[0]).to_have_attribute("aria-valuetext", share)
    sliders[2].fill("0.5")
    sliders[0].fill("0.9")  # la couche 2 rend ce qu'il faut, au cran le plus proche
    two = min(range(STEPS + 1), key=lambda two: abs(made.shares(two, 10)[0] - 0.9))
    expect(told).to_have_text(percent(made.accuracy(two, 10)))
    expect(sliders[1]).to_have_attribute("aria-valuetext", percent(two / STEPS))


def test_refuses_what_three_layers_cannot_share() -> None:
    """Un réseau à deux couches se refuse, en disant combien il en faut."""
    with pytest.raises(ValueError, match="reçu 2 couches"):
        Budget(rescaled(1), weighed)
    assert isinstance(three_layers(), nn.Module)
