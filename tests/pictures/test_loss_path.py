"""La perte le long d'un élagage : la vraie et la parabole, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures import LossPath
from pruning_core.course.pictures.loss_path import POINTS
from tests.pictures.instances import PICTURES, rescaled, shrunk, wavy, wavy_terms

Open = Callable[..., Page]


def picture() -> LossPath:
    made = PICTURES["loss_path"]()
    assert isinstance(made, LossPath)
    return made


def flat(model: torch.nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_losses_are_those_of_the_networks_between_two_steps() -> None:
    """En quatre pas, chaque perte est celle des poids à cette part du pas."""
    nets = [rescaled(1).double()]
    for sparsity in (0.2, 0.4, 0.6, 0.8):
        nets.append(shrunk(nets[-1], sparsity))
    for place in (0, 7, 15, 22, 59, 60):
        piece, share = divmod(place, 15)
        start, end = flat(nets[piece]), flat(nets[min(piece + 1, 4)])
        here = start + share / 15 * (end - start)
        expected = (1.5 + (3 * here).sin() + 0.1 * here**2).mean()
        assert picture().reading(4, place)[0] == pytest.approx(float(expected), abs=1e-6)


def test_each_parabola_starts_where_its_step_does() -> None:
    """La parabole d'un pas part de son début ; sur un pas minuscule, elle dit vrai."""
    nets = [rescaled(1).double()]
    for step in range(1, 5):
        nets.append(shrunk(nets[-1], 0.2 * step))
        start, (first, second) = wavy(nets[-2]), wavy_terms(*nets[-2:])
        for share in (0.2, 1.0):
            predicted = picture().reading(4, round(15 * (step - 1 + share)))[1]
            assert predicted == pytest.approx(start + first * share + second * share**2, abs=3e-6)
    tiny = LossPath(nets[0], shrunk, wavy, wavy_terms, sparsity=0.02, steps=(1,))
    assert tiny.widest(1) < 1e-5 < picture().widest(1)


def test_page_reads_what_python_reads(open_picture: Open) -> None:
    """À chaque nombre de pas et chaque endroit, la page dit les deux pertes de Python."""
    page, made = open_picture("loss_path"), picture()
    note = page.locator(".note")
    for rank, steps in enumerate(made.steps):
        page.get_by_role("slider", name="Nombre de pas").fill(str(rank))
        for place in (0, 1, 15, 16, 44, POINTS):
            page.get_by_role("slider", name="Chemin parcouru").fill(str(place))
            real, predicted = made.reading(steps, place)
            expect(note).to_have_text(
                f"En {steps} pas, à {percent(place / POINTS, 0)} du chemin\u00a0: la parabole "
                f"annonce {number(predicted, 3)}, la vraie perte est {number(real, 3)}. Plus grand "
                f"écart en chemin\u00a0: {number(made.widest(steps), 3)}."
            )


def test_a_touch_follows_the_path(open_picture: Open) -> None:
    """Toucher le dessin y mène ; les deux cercles se posent sur les deux courbes."""
    page, made = open_picture("loss_path", has_touch=True), picture()
    box = page.locator(".graph").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 40)
    expect(page.get_by_role("slider", name="Chemin parcouru")).to_have_value(str(POINTS // 2))
    heights = [
        float(one.get_attribute("cy") or "nan") for one in page.locator(".graph circle").all()
    ]
    most = max(made.reading(steps, p)[0] for steps in made.steps for p in range(POINTS + 1))
    for height, loss in zip(heights, made.reading(1, POINTS // 2), strict=True):
        assert height == pytest.approx(276 - 254 * loss / most, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"sparsity": 0.0}, "attendu une sparsité"),
        ({"steps": (2, 1)}, "croissante"),
        ({"steps": (1, 7)}, "diviseurs de 60"),
        ({"steps": ()}, "diviseurs de 60"),
    ],
)
def test_refuses_steps_it_cannot_show(arguments: dict[str, Any], told: str) -> None:
    """Une sparsité nulle, ou des pas qui ne tombent pas sur les points, se refusent."""
    with pytest.raises(ValueError, match=told):
        LossPath(rescaled(1).double(), shrunk, wavy, wavy_terms, **arguments)
