"""Sur chaque périphérique, les nombres du processeur ; aucune donnée ne reste sur celui-ci."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_leaves

import pruning_core as pc
from pruning_core.gradual import gradual_pruning
from tests.core.cases import Batch, case
from tests.devices import told
from tests.second_device import SECOND

Loader = list[Batch]


def _finetuned(model: nn.Module, loader: Loader, criterion: nn.Module) -> dict[str, torch.Tensor]:
    """Les poids, après un pas sous des masques tenus."""
    model = copy.deepcopy(model).eval()  # l'abandon est tiré au sort
    device = next(model.parameters()).device
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pc.hold_masks(model, pc.layerwise_masks(pc.magnitude_scores(model), 0.5)):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x.to(device)), y.to(device)).backward()
            optimizer.step()
    return {name: p.detach() for name, p in model.named_parameters()}


def _gradual(model: nn.Module, loader: Loader, criterion: nn.Module) -> pc.Masks:
    def prune(model: nn.Module, sparsity: float) -> pc.PrunedWeights:
        return pc.obs_layer_pruning(model, loader, sparsity, steps=2)

    return gradual_pruning(copy.deepcopy(model), prune, [0.3, 0.6], lambda model: None)


def _of(pruned: pc.PrunedWeights) -> list[Any]:
    return [pruned.weights, pruned.masks]


MEASURES: dict[str, Callable[[nn.Module, Loader, nn.Module], Any]] = {
    "magnitude": lambda m, data, loss: pc.global_masks(pc.magnitude_scores(m), 0.7),
    "aléatoire": lambda m, data, loss: pc.global_masks(pc.random_scores(m, seed=0), 0.7),
    "gradient": pc.gradient_scores,
    "OBD": pc.obd_scores,
    "Wanda": lambda m, data, loss: pc.rowwise_masks(pc.wanda_scores(m, data), 0.5),
    "Fisher empirique": pc.empirical_fisher_diagonal,
    "GGN": pc.ggn_diagonal,
    "hessienne": pc.hessian_diagonal,
    "matrice de la GGN": pc.ggn_matrix,
    "blocs de la GGN": pc.ggn_neuron_blocks,
    "OBS par neurone": lambda m, data, loss: _of(
        pc.obs_neuron_pruning(m, data, loss, 0.6, steps=2)
    ),
    "OBS par couche": lambda m, data, loss: _of(pc.obs_layer_pruning(m, data, 0.6, steps=2)),
    "OBS par blocs": lambda m, data, loss: _of(
        pc.obs_block_pruning(m, data, loss, 0.6, steps=2, block_size=16)
    ),
    "affinage": _finetuned,
    "étapes": _gradual,
}


@pytest.mark.parametrize("name", MEASURES)
def test_measure_is_the_same_on_every_device(name: str, device: str) -> None:
    """Un modèle d'un périphérique, des données du processeur : les nombres du processeur."""
    own = case("cnn")
    expected = MEASURES[name](own.model, own.loader, own.criterion)
    found = MEASURES[name](copy.deepcopy(own.model).to(device), own.loader, own.criterion)
    pairs = zip(tree_leaves(found), tree_leaves(expected), strict=True)
    for value, reference in pairs:
        assert value.device == torch.device(device)
        torch.testing.assert_close(value.cpu(), reference)


def test_evaluation_moves_its_data(device: str) -> None:
    """Les données d'évaluation, restées sur le processeur, sont portées où est le modèle."""
    own = case("mlp")
    expected = pc.evaluate(own.model, (own.x, own.y), own.criterion)
    found = pc.evaluate(copy.deepcopy(own.model).to(device), (own.x, own.y), own.criterion)
    assert found.accuracy == expected.accuracy
    assert found.loss == pytest.approx(expected.loss)


def test_mixed_devices_are_refused(device: str) -> None:
    """Sur le périphérique simulé comme sur un GPU, mêler deux périphériques échoue."""
    weight = torch.ones(2, 3).to(device)
    with pytest.raises(RuntimeError):
        weight @ torch.ones(3)
    assert (weight * torch.tensor(2.0)).sum().item() == 12


def test_summary_says_what_did_not_run() -> None:
    """Le compte rendu dit combien de tests n'ont pas eu de GPU ; rien, si aucun n'en demandait."""
    assert told(Counter()) == []
    first, second = told(Counter({SECOND: 7}))
    assert first.startswith(f"7 tests sur {SECOND}")
    assert second.startswith("7 tests n'ont pas tourné sur un GPU")
    assert len(told(Counter({SECOND: 7, "cuda": 7}))) == 2
