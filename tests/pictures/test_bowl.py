"""La cuvette : ses nombres, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page, expect

from pruning_core.course.formatting import number
from pruning_core.course.pictures import Bowl
from pruning_core.course.pictures.bowl import STEEPEST
from tests.pictures.instances import PICTURES

Open = Callable[..., Page]


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("correlation", [-0.95, 0.0, 0.3, 0.95])
def test_costs_are_those_of_the_loss(index: int, correlation: float) -> None:
    """Les deux prix sont la perte même ; OBS est au plus bas de l'axe, et paie 1 − ρ² d'OBD."""
    bowl = Bowl((1.2, -0.7), ((2.0, 0.0), (0.0, 0.5)))
    hessian = torch.tensor([[2.0, correlation], [correlation, 0.5]], dtype=torch.float64)
    minimum = torch.tensor([1.2, -0.7], dtype=torch.float64)

    def loss(weights: tuple[float, ...]) -> float:
        shift = torch.tensor(weights, dtype=torch.float64) - minimum
        return float(0.5 * shift @ hessian @ shift)

    removal = bowl.removal(index, correlation)
    assert removal.obd[index] == removal.obs[index] == 0
    assert removal.obd_cost == pytest.approx(loss(removal.obd))
    assert removal.obs_cost == pytest.approx(loss(removal.obs))
    for step in (-0.01, 0.01):
        beside = list(removal.obs)
        beside[1 - index] += step
        assert loss(tuple(beside)) > removal.obs_cost
    assert removal.obs_cost == pytest.approx((1 - correlation**2) * removal.obd_cost)


def test_page_shows_the_numbers_of_python(open_picture: Open) -> None:
    """À chaque corrélation, la page affiche les prix de Python, et le poids déplacé."""
    page, bowl = open_picture("bowl"), PICTURES["bowl"]()
    assert isinstance(bowl, Bowl)
    slider = page.get_by_role("slider", name="Corrélation")
    for correlation in (None, -STEEPEST, -0.37, 0.5, STEEPEST):
        if correlation is not None:
            slider.fill(str(correlation))
        for index, name in enumerate(("w₀", "w₁")):
            page.get_by_label(f"retirer {name}").check(force=True)
            removal = bowl.removal(index, correlation)
            obd, obs = page.locator(".told tbody tr").all()
            expect(obd.locator("td").nth(index)).to_have_text(number(removal.obd_cost, 3))
            expect(obs.locator("td").nth(index)).to_have_text(number(removal.obs_cost, 3))
            moved = f"OBS le porte à {number(removal.obs[1 - index], 2)}"
            expect(page.locator(".note")).to_contain_text(moved)


@pytest.mark.parametrize("touch", [False, True])
def test_minimum_is_dragged(open_picture: Open, touch: bool) -> None:
    """Le minimum se tire, et ses deux curseurs le suivent, sans sortir de leurs bornes."""
    page = open_picture("bowl", has_touch=touch)
    first, second = (page.get_by_role("slider", name=f"Minimum, {name}") for name in ("w₀", "w₁"))
    box = page.locator(".minimum").bounding_box()
    plane = page.locator(".plane").bounding_box()
    assert box and plane
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] / 2, plane["y"] + 1, steps=4)
    page.mouse.up()
    expect(first).to_have_value("0")
    expect(second).to_have_value("1.5")
    expect(page.locator(".note")).to_contain_text("OBD laisse w₀ à 0,0")


def test_nothing_to_compensate_is_said(open_picture: Open) -> None:
    """Sans corrélation, ou quand le poids est déjà nul, la note le dit."""
    page = open_picture("bowl")
    page.get_by_role("slider", name="Corrélation").fill("0")
    expect(page.locator(".note")).to_contain_text("OBS ne déplace rien")
    page.get_by_role("slider", name="Minimum, w₁").fill("0")
    expect(page.locator(".note")).to_contain_text("w₁ est déjà nul")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"weights": (0.0, 0.0)}, "weights"),
        ({"weights": (1.0, float("nan"))}, "weights"),
        ({"hessian": ((1.0, 0.5), (0.4, 1.0))}, "symétrique"),
        ({"hessian": ((1.0, 0.99), (0.99, 1.0))}, "corrélation de 0,95"),
        ({"hessian": ((1.0, 0.0), (0.0, -1.0))}, "positives"),
        ({"removed": 2}, "0 ou 1"),
    ],
)
def test_refuses_what_is_not_a_bowl(arguments: dict[str, object], told: str) -> None:
    """Ce qui ne dessine pas une cuvette lisible se refuse, en disant ce qu'il faut."""
    with pytest.raises(ValueError, match=f"{told}"):
        Bowl(**arguments)  # type: ignore[arg-type]
