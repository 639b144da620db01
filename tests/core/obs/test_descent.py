"""Le terme du premier ordre d'OBS par neurone."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity, prunable_parameters
from pruning_core.curvature.neurons import ggn_neuron_blocks
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.algebra import compensate, damp
from pruning_core.obs.neurons import obs_neuron_path, obs_neuron_pruning
from tests.core.cases import NAMES, Case, case, same, snapshot


def _loss(found: Case, model: nn.Module) -> torch.Tensor:
    """Perte de tous les lots, pesés par leur nombre d'exemples."""
    losses = [found.criterion(model(x), y) * len(x) for x, y in found.loader]
    return torch.stack(losses).sum() / len(found.x)


@pytest.mark.parametrize("masked", [False, True])
def test_one_step_by_hand(masked: bool) -> None:
    """Un pas −α H⁻¹g des variables présentes, la meilleure puissance de 1/2, puis OBS."""
    found = case("mlp")
    masks = {"0.weight": torch.ones(4, 5, dtype=torch.bool)}
    masks["0.weight"][[0, 1, 2, 2], [1, 3, 0, 4]] = not masked
    model = copy.deepcopy(found.model)
    with torch.no_grad():
        model[0].weight[~masks["0.weight"]] = 0.0
    chosen = prunable_parameters(model, names="0.weight")
    blocks = ggn_neuron_blocks(model, found.loader, found.criterion, parameters=chosen)["0.weight"]
    blocks = damp(blocks, 0.05)
    present = torch.cat([masks["0.weight"], torch.ones(4, 1, dtype=torch.bool)], 1)
    own = [model[0].weight, model[0].bias]
    weight, bias = torch.autograd.grad(_loss(found, model), own)
    slopes = torch.cat([weight, bias[:, None]], 1)
    rows = torch.cat([own[0].detach(), own[1].detach()[:, None]], 1)
    step = torch.zeros_like(rows)
    for r, there in enumerate(present):
        step[r, there] = -torch.linalg.solve(blocks[r][there][:, there], slopes[r, there])
    losses = {}
    with torch.no_grad():
        for length in [0.0, *(0.5**k for k in range(8))]:
            moved = rows + length * step
            own[0].copy_(moved[:, :5])
            own[1].copy_(moved[:, 5])
            losses[length] = float(_loss(found, model))
    best = min(losses, key=losses.__getitem__)
    assert best > 0
    rows = rows + best * step
    scores = torch.full_like(rows, -1.0)
    for r, there in enumerate(present):
        inverse = torch.linalg.inv(blocks[r][there][:, there]).diagonal()
        scores[r, there] = rows[r, there].square() / (2 * inverse)
    expected = global_masks({"0.weight": scores[:, :5]}, 0.5)
    kept = torch.cat([expected["0.weight"], present[:, 5:]], 1)
    result = obs_neuron_pruning(
        found.model,
        found.loader,
        found.criterion,
        0.5,
        steps=1,
        damping=0.05,
        first_order="loss",
        masks=masks,
        parameters=prunable_parameters(found.model, names="0.weight"),
    )
    assert same(result.masks, expected)
    for r, there in enumerate(present):
        block = blocks[r][there][:, there]
        value = torch.zeros_like(rows[r])
        value[there] = compensate(rows[r, there], block, kept[r, there])
        torch.testing.assert_close(result.weights["0.weight"][r], value[:5])
        torch.testing.assert_close(result.weights["0.bias"][r], value[5])


def test_away_from_the_minimum_of_a_regression() -> None:
    """Une perte quadratique : loin du minimum, le pas y mène, et OBS finit aux moindres carrés."""
    found = case("mlp_mse")
    model = nn.Sequential(nn.Linear(5, 3, dtype=torch.float64))
    x = torch.randn(40, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = x @ torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    loader = [(x[:7], y[:7]), (x[7:], y[7:])]
    options = {"steps": 2, "damping": 0.0}
    result = obs_neuron_pruning(model, loader, found.criterion, 0.4, first_order="loss", **options)
    without = obs_neuron_pruning(model, loader, found.criterion, 0.4, **options)
    for r, kept in enumerate(result.masks["0.weight"]):
        columns = torch.cat([x[:, kept], torch.ones(40, 1, dtype=torch.float64)], 1)
        expected = torch.linalg.lstsq(columns, y[:, r : r + 1]).solution.squeeze(1)
        torch.testing.assert_close(result.weights["0.weight"][r, kept], expected[:-1])
        torch.testing.assert_close(result.weights["0.bias"][r], expected[-1])
    assert not torch.allclose(without.weights["0.bias"], result.weights["0.bias"])


def test_distillation_is_the_loss_on_the_start_s_probabilities() -> None:
    """Pour l'entropie croisée, c'est descendre la perte dont le réseau de départ est la cible."""
    found = case("mlp")
    path = [0.2, 0.4, 0.7]
    got = obs_neuron_path(
        found.model, found.loader, found.criterion, path, first_order="distillation"
    )
    with torch.no_grad():
        soft = [(x, found.model(x).softmax(1)) for x, _ in found.loader]
    expected = obs_neuron_path(found.model, soft, found.criterion, path, first_order="loss")
    plain = obs_neuron_path(found.model, found.loader, found.criterion, path)
    for one, other in zip(got, expected, strict=True):
        assert same(one.masks, other.masks)
        for name, value in one.weights.items():
            torch.testing.assert_close(value, other.weights[name], rtol=1e-6, atol=1e-8)
    assert not torch.allclose(got[-1].weights["0.bias"], plain[-1].weights["0.bias"])


@pytest.mark.parametrize("kind", ["loss", "distillation"])
@pytest.mark.parametrize("name", NAMES)
def test_every_family(kind: str, name: str) -> None:
    """Sur chaque famille : compte exact, zéros exacts, modèle intact, perte jamais plus haute."""
    found = case(name)
    before = snapshot(found.model)
    loader = iter(found.loader)
    result = obs_neuron_pruning(
        found.model, loader, found.criterion, 0.5, steps=2, first_order=kind
    )
    n = sum(mask.numel() for mask in result.masks.values())
    assert compute_sparsity(result.masks) == int(0.5 * n + 0.5) / n
    assert all(not bool(result.weights[k][~m].any()) for k, m in result.masks.items())
    assert same(before, snapshot(found.model))
    found.model.eval()
    start = _loss(found, found.model).item()
    obs_neuron_pruning(
        found.model, found.loader, found.criterion, 0.0, steps=1, first_order=kind
    ).apply(found.model)
    assert _loss(found, found.model).item() <= start + 1e-9


def test_a_step_to_an_infinite_loss_is_too_long() -> None:
    """Si un pas entier mène à une perte infinie, un plus court est pris, sans erreur."""
    torch.manual_seed(0)
    x, y = torch.randn(40, 3), torch.full((40, 1), 150.0)
    model = nn.Linear(3, 1)
    with torch.no_grad():
        model.bias.fill_(-3.0)
    criterion = nn.PoissonNLLLoss()
    pruned = obs_neuron_pruning(model, [(x, y)], criterion, 0.5, steps=1, first_order="loss")
    assert all(bool(weight.isfinite().all()) for weight in pruned.weights.values())


def test_bad_kind() -> None:
    """Un autre terme se refuse."""
    found = case("mlp")
    with pytest.raises(ValueError, match="first_order : reçu 'both' ; attendu None ou l'un de"):
        obs_neuron_pruning(found.model, found.loader, found.criterion, 0.5, first_order="both")
