"""Les gradients qui s'annulent : les saillances d'un poids, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from pruning_core import gradient_scores
from pruning_core.course.datasets import Dataset, batches
from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures import Cancellation
from pruning_core.course.pictures.cancellation import SHUFFLES
from tests.pictures.instances import PICTURES, opposed

Open = Callable[..., Page]


def picture() -> Cancellation:
    made = PICTURES["cancellation"]()
    assert isinstance(made, Cancellation)
    return made


@pytest.mark.parametrize("size", [1, 4, 10])
def test_saliences_are_those_of_the_library(size: int) -> None:
    """Par lots comme par exemple, un poids a la saillance que lui donne `gradient_scores`."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(10, 3, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 2, (10,), generator=generator)
    model = nn.Linear(3, 2).double()
    probabilities = model(x).softmax(dim=1)
    delta = (probabilities - nn.functional.one_hot(y, 2)).detach()
    weights = {
        f"{neuron}, {entry}": (model.weight[neuron, entry].item(), delta[:, neuron] * x[:, entry])
        for neuron in range(2)
        for entry in range(3)
    }
    made = Cancellation(weights, sizes=(1, 4, 10), size=4)
    data, loss = Dataset(x, y), nn.CrossEntropyLoss()
    whole = gradient_scores(model, [data], loss, variant="per_sample")["weight"].flatten()
    for shuffle in (0, 3, SHUFFLES - 1):
        loader = batches(data, size, seed=shuffle)
        expected = gradient_scores(model, loader, loss)["weight"].flatten()
        for rank, name in enumerate(weights):
            assert made.by_batch(name, size, shuffle) == pytest.approx(float(expected[rank]))
            assert made.per_sample(name) == pytest.approx(float(whole[rank]))


def test_page_shows_the_saliences_of_python(open_picture: Open) -> None:
    """À chaque poids, taille et mélange, la page donne les deux saillances de Python."""
    page, made = open_picture("cancellation"), picture()
    levels, note = page.locator(".level b"), page.locator(".note")
    for name in made.names:
        page.get_by_label(name).check(force=True)
        whole = made.per_sample(name)
        for rank, size in enumerate(made.sizes):
            page.get_by_role("slider", name="Taille des lots").fill(str(rank))
            found = [made.by_batch(name, size, shuffle) for shuffle in range(SHUFFLES)]
            low, high = (number(1e6 * one, 1) for one in (min(found), max(found)))
            for shuffle, one in enumerate(found):
                expect(levels).to_have_text([number(1e6 * v, 1) for v in (one, whole)])
                expect(note).to_have_text(
                    f"Lots de {size}, mélange {shuffle + 1} sur {SHUFFLES}\u00a0: "
                    f"{percent(one / whole, 0)} de la saillance par exemple. Selon le mélange, "
                    f"de {low} à {high} millionièmes."
                )
                page.get_by_role("button", name="Remélanger").click()


def test_bars_are_the_parts_of_each_lot(open_picture: Open) -> None:
    """Ce qui monte et ce qui descend d'un lot fait ce qui en reste, à la même échelle."""
    page, made = open_picture("cancellation"), picture()
    lots = made._lots("centre", 8, 0)
    every = [lot for shuffle in range(SHUFFLES) for lot in made._lots("centre", 8, shuffle)]
    most = max(float(part.sum().abs() / len(lot)) for lot in every for part in signs(lot))

    def heights(name: str) -> list[float]:
        path = page.locator(f"path.{name}").get_attribute("d") or ""
        return [-float(bar.split("v")[1].split("h")[0]) for bar in path.split("z") if bar]

    parts = [[float(signs(lot)[which].sum() / len(lot)) for lot in lots] for which in (0, 1)]
    assert heights("parts") == pytest.approx([110 * one / most for one in parts[0] + parts[1]])
    assert heights("net") == pytest.approx([110 * float(lot.mean()) / most for lot in lots])


def signs(lot: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return lot.clamp(min=0), lot.clamp(max=0)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"weights": {}}, "un gradient par exemple"),
        ({"weights": {"a": (1.0, torch.ones(30)), "b": (1.0, torch.ones(29))}}, "formes"),
        ({"weights": {"a": (0.0, torch.ones(30))}}, "poids nul"),
        ({"weights": {"a": (1.0, torch.zeros(30))}}, "gradients nuls"),
        ({"sizes": (4, 1)}, "croissante"),
        ({"sizes": (1, 31)}, "de 1 à 30"),
        ({"size": 5}, "dont 5"),
    ],
)
def test_refuses_what_has_no_lots(arguments: dict[str, Any], told: str) -> None:
    """Des gradients sans lots possibles, ou tous nuls, se refusent en disant ce qu'il faut."""
    given = {"weights": opposed(), "sizes": (1, 4), "size": 4, **arguments}
    with pytest.raises(ValueError, match=told):
        Cancellation(given.pop("weights"), **given)
