"""La carte de chaleur : ses retraits, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page, expect

from pruning_core.course.formatting import number
from pruning_core.course.pictures import HeatMap
from pruning_core.obs.algebra import compensate
from tests.pictures.instances import PICTURES, curved, quartic

Open = Callable[..., Page]


def test_removals_are_the_cheapest_and_cost_what_the_loss_says() -> None:
    """Un à un, les poids laissés sont ceux d'un ajustement joint ; les prix s'ajoutent."""
    picture = HeatMap(*curved(8))
    kept, paid = torch.ones(8, dtype=torch.bool), 0.0
    for step in picture.removals():
        prices = []
        for q in kept.nonzero().flatten().tolist():
            without = kept.clone()
            without[q] = False
            shift = compensate(picture.weights, picture.hessian, without) - picture.weights
            prices.append((float(0.5 * shift @ picture.hessian @ shift), q))
        total, q = min(prices)
        paid += step.price
        kept[step.index] = False
        assert step.index == q
        assert paid == pytest.approx(total)
        adjusted = compensate(picture.weights, picture.hessian, kept)
        torch.testing.assert_close(step.weights, adjusted)
    assert not kept.any()


def test_page_removes_what_python_removes(open_picture: Open) -> None:
    """Le bouton retire les poids de Python, au même prix ; tout remettre rend le départ."""
    page, picture = open_picture("heat_map"), PICTURES["heat_map"]()
    assert isinstance(picture, HeatMap)
    slider = page.get_by_role("slider", name="Poids q")
    note, paid = page.locator(".note"), 0.0
    start = note.inner_text()
    for rank, step in enumerate(picture.removals(), start=1):
        page.get_by_role("button", name="Retirer le moins cher").click()
        paid += step.price
        expect(slider).to_have_value(str(step.index))
        expect(note).to_contain_text(f"Le poids {step.index} est retiré")
        expect(note).to_contain_text(
            f"pour {number(paid, picture._digits)} en tout selon la parabole"
        )
        real = number(quartic(step.weights), picture._digits)
        expect(note).to_contain_text(f"la vraie perte monte de {real}")
        expect(page.locator(".cells .gone")).to_have_count(144 - (12 - rank) ** 2)
    page.get_by_role("button", name="Retirer le moins cher").click()  # plus rien à retirer
    page.get_by_role("button", name="Tout remettre").click()
    expect(page.locator(".cells .gone")).to_have_count(0)
    slider.fill("0")
    expect(note).to_have_text(start)


def test_a_touched_column_is_chosen_and_removed_once(open_picture: Open) -> None:
    """Toucher la matrice choisit la colonne ; retirer deux fois le même poids n'en retire qu'un."""
    page = open_picture("heat_map", has_touch=True)
    box = page.locator(".cells").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * 4.5 / 12, box["y"] + 40)
    slider = page.get_by_role("slider", name="Poids q")
    expect(slider).to_have_value("4")
    for _ in range(2):
        page.get_by_role("button", name="Retirer q").click()
        expect(page.locator(".note")).to_contain_text("1 poids retiré sur 12")


def test_the_inverse_is_that_of_what_remains(open_picture: Open) -> None:
    """La case d'intensité de l'inverse est celle de Python, après un retrait."""
    page, picture = open_picture("heat_map"), PICTURES["heat_map"]()
    assert isinstance(picture, HeatMap)
    page.get_by_label("H⁻¹").check(force=True)
    page.get_by_role("button", name="Retirer le moins cher").click()
    first = next(picture.removals()).index
    kept = [q for q in range(12) if q != first]
    inverse = torch.linalg.inv(picture.hessian[kept][:, kept])
    most = torch.linalg.inv(picture.hessian).abs().max()
    for i, j in ((0, 0), (2, 7), (10, 4)):
        shade = page.locator(".cells > rect").nth(12 * kept[i] + kept[j])
        expected = (inverse[i, j].abs() / most).sqrt().clamp(max=1)
        expect(shade).to_have_attribute("fill-opacity", f"{expected:.3f}")


def test_the_true_loss_is_told_only_where_it_was_measured(open_picture: Open) -> None:
    """Dès qu'un autre poids que le moins cher est parti, la vraie perte n'est plus dite."""
    page, picture = open_picture("heat_map"), PICTURES["heat_map"]()
    assert isinstance(picture, HeatMap)
    first = next(picture.removals()).index
    slider, note = page.get_by_role("slider", name="Poids q"), page.locator(".note")
    for chosen, told in ((first, True), ((first + 1) % 12, False)):
        page.get_by_role("button", name="Tout remettre").click()
        slider.fill(str(chosen))
        page.get_by_role("button", name="Retirer q").click()
        expect(note).to_contain_text("1 poids retiré")
        assert ("la vraie perte" in note.inner_text()) is told


@pytest.mark.parametrize(
    ("hessian", "weights", "told"),
    [
        (torch.eye(33), torch.ones(33), "n de 2 à 32"),
        (torch.ones(2, 3), torch.ones(2), "n de 2 à 32"),
        (torch.eye(3), torch.ones(2), "attendu 3 réels"),
        (torch.tensor([[1.0, 0.5], [0.0, 1.0]]), torch.ones(2), "symétrique"),
        (torch.ones(2, 2), torch.ones(2), "définie positive"),
    ],
)
def test_refuses_what_is_not_a_curvature(
    hessian: torch.Tensor, weights: torch.Tensor, told: str
) -> None:
    """Une matrice trop grande, bancale ou singulière se refuse, en disant ce qu'il faut."""
    with pytest.raises(ValueError, match=told):
        HeatMap(hessian, weights)
