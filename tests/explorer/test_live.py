"""Les curseurs du noyau, sur un module quelconque."""

from __future__ import annotations

import asyncio

import pytest
import torch
from torch import nn

from pruning_core.course.explorer.live import LivePruning
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.random import random_scores


def convolution() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))


def live(calls: list[float], **options: float) -> LivePruning:
    model = convolution()

    def measure(pruned: nn.Module) -> float:
        calls.append(float((pruned[0].weight != 0).sum() + (pruned[3].weight != 0).sum()))
        return calls[-1] / 22

    scores = {"magnitude": magnitude_scores(model), "random": random_scores(model, seed=0)}
    return LivePruning(model, measure, scores, **options)


def test_measures_the_pruned_copy() -> None:
    """La mesure est celle d'une copie élaguée ; le modèle reste dense."""
    calls: list[float] = []
    widget = live(calls, sparsity=0.5)
    assert calls == [11] and widget.accuracy == 0.5
    widget.sparsity.value = 1.0
    assert calls == [11, 0]
    assert bool((widget._network[0].weight != 0).all())
    widget.sparsity.value = 0.25
    widget.layerwise.value = True
    assert [int(mask.sum()) for mask in widget.masks.values()] == [13, 3]


def test_waits_until_the_slider_stops() -> None:
    """Le recalcul attend que le curseur s'arrête."""
    calls: list[float] = []
    widget = live(calls, sparsity=0.0, delay=0.01)

    async def drag() -> None:
        for step in range(20):
            widget.sparsity.value = step / 20
        assert len(calls) == 1
        await asyncio.sleep(0.1)

    asyncio.run(drag())
    assert calls == [22, 1]


def test_without_a_kernel_it_says_so() -> None:
    """Sans noyau, la page le dit ; la sortie ne porte aucune adresse en mémoire."""
    first, second = live([])._repr_mimebundle_(), live([])._repr_mimebundle_()
    assert "ouvrez le carnet dans Jupyter" in first["text/html"]
    assert first["text/html"] == second["text/html"]
    assert first["text/plain"] == "LivePruning(Sequential, magnitude à 50,0\u00a0%)"
    assert "application/vnd.jupyter.widget-view+json" in first


def test_refuses_scores_of_another_model() -> None:
    """Des scores qui ne vont pas au modèle se refusent d'emblée."""
    model = convolution()
    with pytest.raises(ValueError, match="aucune méthode"):
        LivePruning(model, lambda _: 0.0, {})
    with pytest.raises(ValueError, match="forme"):
        LivePruning(model, lambda _: 0.0, {"magnitude": {"0.weight": torch.ones(3)}})
