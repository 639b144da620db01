"""Élaguer peu à peu, en affinant entre deux étapes."""

import pytest
import torch
from torch import nn

from pruning_core import CubicSchedule, compute_sparsity, global_masks, magnitude_scores
from pruning_core.gradual import gradual_pruning
from pruning_core.obs.neurons import obs_neuron_pruning
from tests.core.cases import case, same, snapshot


def _by_magnitude(model: nn.Module, sparsity: float):
    return global_masks(magnitude_scores(model), sparsity)


def _trainer(seen: list[float]):
    found = case("mlp")

    def finetune(model: nn.Module) -> None:
        optimizer = torch.optim.Adam(model.parameters(), 0.05)
        for _ in range(5):
            optimizer.zero_grad()
            found.criterion(model(found.x), found.y).backward()
            optimizer.step()
        seen.append(compute_sparsity(model))

    return finetune


def test_follows_the_schedule_with_held_masks() -> None:
    """Chaque étape atteint sa sparsité, et les masques tiennent pendant l'affinage."""
    found = case("mlp")
    before = snapshot(found.model)
    seen: list[float] = []
    schedule = CubicSchedule(0.75, 3)
    masks = gradual_pruning(found.model, _by_magnitude, schedule, _trainer(seen))
    assert seen == [round(s * 32) / 32 for s in schedule]
    assert compute_sparsity(masks) == compute_sparsity(found.model) == 0.75
    assert not same(before, snapshot(found.model))
    assert not found.model._forward_pre_hooks


def test_pruned_weights_stay_pruned() -> None:
    """Un poids élagué tôt reste élagué ensuite."""
    found = case("mlp")
    history = []

    def prune(model: nn.Module, sparsity: float):
        history.append(_by_magnitude(model, sparsity))
        return history[-1]

    gradual_pruning(found.model, prune, [0.3, 0.6, 0.9], _trainer([]))
    for name in history[0]:
        for less, more in ((history[0], history[1]), (history[1], history[2])):
            assert not bool((more[name] & ~less[name]).any())


def test_with_compensation() -> None:
    """Un élagage qui ajuste les poids gardés écrit aussi ces ajustements."""
    found = case("mlp")
    seen = []

    def prune(model: nn.Module, sparsity: float):
        return obs_neuron_pruning(model, found.loader, found.criterion, sparsity, steps=2)

    def finetune(model: nn.Module) -> None:
        seen.append(snapshot(model))

    gradual_pruning(found.model, prune, [0.5], finetune)
    again = case("mlp")
    expected = prune(again.model, 0.5)
    assert all(torch.equal(seen[0][name], value) for name, value in expected.weights.items())


@pytest.mark.parametrize("schedule", [[], [0.5, 0.4], [1.5]])
def test_bad_schedule(schedule) -> None:
    """Un calendrier vide, qui recule ou qui dépasse 1 se refuse avant de toucher au modèle."""
    found = case("mlp")
    before = snapshot(found.model)
    with pytest.raises(ValueError, match="reçu"):
        gradual_pruning(found.model, _by_magnitude, schedule, _trainer([]))
    assert same(before, snapshot(found.model))
