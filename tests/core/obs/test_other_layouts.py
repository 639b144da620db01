"""L'élagage ne dépend pas de la façon dont une couche range son poids."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from pruning_core import (
    PrunedWeights,
    obs_layer_pruning,
    obs_neuron_pruning,
    rowwise_masks,
    wanda_scores,
)
from tests.core.cases import Case, Conv1D

REAL = torch.float64
Prune = Callable[[Case], PrunedWeights]

METHODS: dict[str, Prune] = {
    "par neurone": lambda one: obs_neuron_pruning(
        one.model, one.loader, one.criterion, 0.5, steps=3
    ),
    "par couche": lambda one: obs_layer_pruning(one.model, one.loader, 0.5),
    "Wanda": lambda one: PrunedWeights(
        masks=rowwise_masks(wanda_scores(one.model, one.loader), 0.5, model=one.model)
    ),
}


def _case(model: nn.Module, x: torch.Tensor) -> Case:
    return Case(model.to(REAL), x, torch.arange(len(x)) % 3, nn.CrossEntropyLoss())


@pytest.mark.parametrize("method", METHODS)
def test_conv1d_is_a_linear_layer(method: str) -> None:
    """La `Conv1D` de GPT-2 s'élague comme la couche linéaire de poids transposé."""
    x = torch.randn(13, 6, dtype=REAL)
    linear = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    other = nn.Sequential(Conv1D(5, 6), nn.Tanh(), Conv1D(3, 5))
    with torch.no_grad():
        for layer, twin in zip(linear, other, strict=True):
            if isinstance(twin, Conv1D):
                twin.weight.copy_(layer.weight.T)
                twin.bias.copy_(layer.bias)
    expected, found = (METHODS[method](_case(model, x)) for model in (linear, other))
    for name, mask in expected.masks.items():
        assert torch.equal(found.masks[name].T, mask)
    for name, value in expected.weights.items():
        same = found.weights[name].T if value.ndim == 2 else found.weights[name]
        torch.testing.assert_close(same, value)


def _as_convolution(weight: torch.Tensor) -> torch.Tensor:
    """Poids de la convolution qui calcule ce que calcule une transposée de pas 1, à 2 groupes."""
    inputs, outputs, *kernel = weight.shape
    blocks = weight.reshape(2, inputs // 2, outputs, *kernel).transpose(1, 2)
    return blocks.reshape(2 * outputs, inputs // 2, *kernel).flip(2, 3)


@pytest.mark.parametrize("method", METHODS)
def test_a_transposed_convolution_is_a_convolution(method: str) -> None:
    """Une convolution transposée s'élague comme la convolution de noyau retourné."""
    x = torch.randn(7, 4, 3, 3, dtype=REAL)
    last = nn.Linear(6 * 25, 3)
    transposed = nn.ConvTranspose2d(4, 6, 3, groups=2)
    plain = nn.Conv2d(4, 6, 3, padding=2, groups=2)
    with torch.no_grad():
        plain.weight.copy_(_as_convolution(transposed.weight))
        plain.bias.copy_(transposed.bias)
    both = [_case(nn.Sequential(m, nn.Tanh(), nn.Flatten(), last), x) for m in (plain, transposed)]
    expected, found = (METHODS[method](one) for one in both)
    assert torch.equal(_as_convolution(found.masks["0.weight"]), expected.masks["0.weight"])
    if expected.weights:
        weight = _as_convolution(found.weights["0.weight"])
        torch.testing.assert_close(weight, expected.weights["0.weight"])
        torch.testing.assert_close(found.weights["0.bias"], expected.weights["0.bias"])
