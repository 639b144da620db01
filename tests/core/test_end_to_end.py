"""Le réseau du cours, sur les chiffres : les écarts qu'une mise en œuvre juste doit montrer."""

import copy

import pytest
from torch import nn

from pruning_core import (
    SecondOrderPruning,
    apply_masks,
    global_masks,
    magnitude_scores,
    obs_neuron_path,
    random_scores,
)
from pruning_core.course.datasets import load_digits
from pruning_core.course.models import trained_digits_mlp
from pruning_core.course.training import one_thread
from pruning_core.evaluation import evaluate


@pytest.mark.parametrize("seed", [0, 1])
def test_digits(seed: int) -> None:
    """OBS dépasse de loin la magnitude, elle-même le hasard ; OBD dépasse son inverse."""
    model, data, criterion = trained_digits_mlp(seed), load_digits(), nn.CrossEntropyLoss()
    loader = [data.train]

    def accuracy(pruned: nn.Module) -> float:
        return 100 * evaluate(pruned, data.test).accuracy

    def masked(scores, sparsity: float) -> nn.Module:
        twin = copy.deepcopy(model)
        apply_masks(twin, global_masks(scores, sparsity))
        return twin

    with one_thread():
        magnitude = magnitude_scores(model)
        obd, diagonal = SecondOrderPruning().compute_optimal_brain_damage(model, loader, criterion)
        path = [0.3, 0.5, 0.65, 0.75, 0.82, 0.87, 0.9, 0.92, 0.94, 0.95]
        stages = dict(zip(path, obs_neuron_path(model, loader, criterion, path), strict=True))
    surgeons = {}
    for sparsity in (0.9, 0.95):
        surgeons[sparsity] = copy.deepcopy(model)
        stages[sparsity].apply(surgeons[sparsity])
    inverted = {
        name: weight.detach() ** 2 / (2 * (diagonal[name] + 1e-10))
        for name, weight in model.named_parameters()
        if name in diagonal
    }
    train = data.train
    dense = accuracy(model)
    assert dense > 92
    assert dense - accuracy(surgeons[0.9]) <= 6
    assert accuracy(surgeons[0.9]) - accuracy(masked(magnitude, 0.9)) >= 30
    assert accuracy(surgeons[0.95]) - accuracy(masked(magnitude, 0.95)) >= 50
    assert (
        accuracy(masked(magnitude, 0.8)) - accuracy(masked(random_scores(model, seed=0), 0.8)) > 20
    )
    assert accuracy(masked(obd, 0.7)) - accuracy(masked(inverted, 0.7)) >= 60
    assert evaluate(masked(obd, 0.5), train).loss < evaluate(masked(magnitude, 0.5), train).loss
