"""Le nuage des poids : qui garde quoi, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10

import pytest
import torch
from playwright.sync_api import Page, expect

from pruning_core.course.formatting import number
from pruning_core.course.pictures import Scatter
from tests.pictures.instances import PICTURES, scored

Open = Callable[..., Page]
KEEPERS = (
    "Aucun critère ne le garde",
    "le garde\u00a0: magnitude",
    "le garde\u00a0: gradient",
    "Les deux critères le gardent",
)


def picture() -> Scatter:
    made = PICTURES["scatter"]()
    assert isinstance(made, Scatter)
    return made


def test_each_criterion_keeps_its_largest() -> None:
    """À chaque sparsité, la magnitude garde les plus grands |w|, l'autre ses plus grands scores."""
    weights, scores, _ = scored()
    for sparsity in (0.0, 0.29, 0.5, 1.0):
        classes = picture().classes(sparsity)
        kept = round(len(classes) * (1 - sparsity))
        for bit, values in ((1, weights), (2, scores)):
            flat = torch.cat([value.abs().flatten() for value in values.values()])
            threshold = flat.sort(descending=True).values[:kept]
            assert (classes & bit != 0).sum() == kept
            assert torch.equal(flat[classes & bit != 0].sort(descending=True).values, threshold)


def test_page_counts_what_python_counts(open_picture: Open) -> None:
    """À chaque sparsité, la page donne les quatre comptes de Python."""
    page = open_picture("scatter")
    cells = page.locator(".told td")
    for asked in (None, 0, 7, 29, 90, 100):
        if asked is not None:
            page.get_by_role("slider", name="Sparsité").fill(str(asked))
        counts = picture().counts(0.5 if asked is None else asked / 100)
        expect(cells).to_have_text([number(count) for count in counts[::-1]])


def test_each_weight_is_told_as_python_has_it(open_picture: Open) -> None:
    """Un poids dit sa couche, ses deux bouts, sa taille, et qui le garde, et montre son pixel."""
    page, made = open_picture("scatter"), picture()
    weights, _, _ = scored()
    order = torch.cat([size.flatten() for size in made.sizes.values()]).argsort(stable=True)
    classes = made.classes(0.5)
    for place in (0, 30, 70, 95, 113):
        weight = int(order[place])
        page.get_by_role("slider", name="Poids").fill(str(place + 1))
        layer, (start, inputs) = (1, (0, 16)) if weight < 96 else (2, (96, 6))
        neuron, entry = divmod(weight - start, inputs)
        size = float(list(weights.values())[layer - 1][neuron, entry].abs())
        note = page.locator(".note")
        expect(note).to_contain_text(f"Couche {layer}, ")
        source = f"pixel ligne {entry // 4 + 1}, colonne {entry % 4 + 1}"
        expect(note).to_contain_text(source if layer == 1 else f"neurone {entry + 1} →")
        expect(note).to_contain_text(f"→ neurone {neuron + 1}")
        digits = 2 - floor(log10(size))
        expect(note).to_contain_text(f"|w|\u00a0=\u00a0{number(size, digits)}")
        expect(note).to_contain_text(KEEPERS[classes[weight]])
        chosen = page.locator(".retina .chosen")
        if layer == 1:
            expect(chosen).to_have_attribute("x", str(12 * (entry % 4)))
            expect(chosen).to_have_attribute("y", str(12 * (entry // 4)))
        else:
            expect(chosen).to_be_hidden()


def test_a_touched_point_is_the_nearest(open_picture: Open) -> None:
    """Toucher le cercle du poids choisi, puis un autre point, choisit ces poids."""
    page = open_picture("scatter")
    slider = page.get_by_role("slider", name="Poids")
    spots = []
    for place in (20, 60):
        slider.fill(str(place))
        page.wait_for_timeout(60)
        box = page.locator(".cloud .chosen").bounding_box()
        assert box
        spots.append((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    for place, spot in zip((20, 60), spots, strict=True):
        page.mouse.click(*spot)
        expect(slider).to_have_value(str(place))


def test_refuses_what_it_cannot_place() -> None:
    """Des noms, des formes ou des valeurs qui ne s'accordent pas se refusent, en le disant."""
    weights, scores, mean = scored()
    for arguments, told in (
        (({}, {}, mean), "attendu des matrices"),
        (({"a": torch.ones(3)}, {"a": torch.ones(3)}, mean), "attendu des matrices"),
        ((weights, {"0.weight": scores["0.weight"]}, mean), "les noms et formes des poids"),
        ((weights, {n: -s for n, s in scores.items()}, mean), "négatives"),
        (({n: 0 * w for n, w in weights.items()}, scores, mean), "pas tous nuls"),
        ((weights, scores, mean[:9]), "attendu une image carrée"),
    ):
        with pytest.raises(ValueError, match=told):
            Scatter(*arguments)
