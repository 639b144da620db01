"""OBS par neurone sur chaque courbure."""

import pytest
import torch
from torch import nn

from pruning_core import obs_block_pruning, obs_neuron_pruning
from pruning_core.curvature.sampled import SampledFisher
from tests.core.cases import case, same


@pytest.mark.parametrize(
    "curvature", ["ggn", "empirical_fisher", "sampled_fisher", SampledFisher(3, seed=4)]
)
def test_a_single_neuron_is_a_single_block(curvature) -> None:
    """Un seul neurone : OBS par neurone et sur la courbure complète sont le même calcul."""
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(30, 6, dtype=torch.float64, generator=generator)
    y = (torch.rand(30, 1, generator=generator) < 0.5).double()
    model = nn.Sequential(nn.Linear(6, 1, dtype=torch.float64))
    arguments = model, [(x[:11], y[:11]), (x[11:], y[11:])], nn.BCEWithLogitsLoss(), 0.67
    neuron = obs_neuron_pruning(*arguments, steps=3, curvature=curvature)
    block = obs_block_pruning(*arguments, steps=3, curvature=curvature)
    assert same(neuron.masks, block.masks)
    for name, value in neuron.weights.items():
        torch.testing.assert_close(value, block.weights[name], rtol=1e-9, atol=1e-12)


def test_curvatures_differ_and_draws_repeat() -> None:
    """Chaque courbure donne ses poids ; même graine, mêmes nombres."""
    found = case("cnn")
    arguments = found.model, found.loader, found.criterion, 0.6
    kinds = ["ggn", "empirical_fisher", "sampled_fisher", SampledFisher(seed=1), SampledFisher(2)]
    results = [obs_neuron_pruning(*arguments, steps=2, curvature=kind) for kind in kinds]
    for rank, result in enumerate(results):
        assert not any(same(result.weights, other.weights) for other in results[:rank])
    again = obs_neuron_pruning(*arguments, steps=2, curvature=SampledFisher())
    assert same(again.weights, results[2].weights)
