"""OBS sur un modèle déjà élagué : ce qui est absent le reste, et ne compense rien."""

from __future__ import annotations

import copy
from itertools import pairwise

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity, count_pruned, hold_masks, prunable_parameters
from pruning_core.curvature.neurons import ggn_neuron_blocks
from pruning_core.gradual import gradual_pruning
from pruning_core.masks.applying import PrunedWeights, apply_masks
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.algebra import damp
from pruning_core.obs.blocks import obs_block_pruning
from pruning_core.obs.neurons import obs_neuron_path, obs_neuron_pruning
from pruning_core.types import Masks
from tests.core.cases import NAMES, Case, case, same, snapshot

PRUNINGS = {"neuron": obs_neuron_pruning, "block": obs_block_pruning}


def half(found: Case) -> Masks:
    """Masques tirés au sort, qui gardent un peu plus de la moitié de chaque poids."""
    generator = torch.Generator().manual_seed(5)
    chosen = prunable_parameters(found.model)
    return {name: torch.rand(p.shape, generator=generator) < 0.55 for name, p in chosen.items()}


def kkt(values: torch.Tensor, curvature: torch.Tensor, removed: torch.Tensor) -> torch.Tensor:
    """Minimum de ½ δᵀHδ sous δ_q = −w_q, par le système de KKT entier."""
    constraints = torch.eye(len(values), dtype=values.dtype)[removed]
    zero = torch.zeros(len(constraints), len(constraints), dtype=values.dtype)
    system = torch.cat(
        [torch.cat([curvature, constraints.T], 1), torch.cat([constraints, zero], 1)]
    )
    right = torch.cat([torch.zeros_like(values), -values[removed]])
    return values + torch.linalg.solve(system, right)[: len(values)]


@pytest.mark.parametrize("name", ["mlp", "cnn", "tied"])
def test_joint_compensation_is_that_of_the_reduced_problem(name: str) -> None:
    """Une étape est celle, par KKT, du problème privé des variables absentes."""
    found = case(name)
    masks = half(found)
    reduced = copy.deepcopy(found.model)
    apply_masks(reduced, masks)
    blocks = ggn_neuron_blocks(reduced, found.loader, found.criterion)
    own = dict(reduced.named_parameters())
    rows, alive, scores = {}, {}, {}
    for key, block in blocks.items():
        blocks[key] = damp(block, 0.05)
        weight, mask = own[key].detach().flatten(1), masks[key].flatten(1)
        if block.shape[-1] > weight.shape[1]:
            weight = torch.cat([weight, own[key.replace("weight", "bias")].detach()[:, None]], 1)
            mask = torch.cat([mask, torch.ones_like(mask[:, :1])], 1)
        rows[key], alive[key] = weight, mask
        score = torch.full_like(weight, -1.0)
        for r, there in enumerate(mask):
            inverse = torch.linalg.inv(blocks[key][r][there][:, there])
            score[r, there] = weight[r, there].square() / (2 * inverse.diagonal())
        scores[key] = score[:, : own[key][0].numel()].reshape(own[key].shape)
    expected = global_masks(scores, 0.7)
    result = obs_neuron_pruning(
        found.model, found.loader, found.criterion, 0.7, steps=1, damping=0.05, masks=masks
    )
    assert same(result.masks, expected)
    for key, block in blocks.items():
        width = own[key][0].numel()
        for r, there in enumerate(alive[key]):
            removed = there.clone()
            removed[:width] &= ~expected[key][r].flatten()
            removed[width:] = False
            value = torch.zeros_like(rows[key][r])
            value[there] = kkt(rows[key][r, there], block[r][there][:, there], removed[there])
            got = result.weights[key][r].flatten()
            torch.testing.assert_close(got, value[:width], rtol=1e-8, atol=1e-10)
            assert not bool(got[~expected[key][r].flatten()].any())


@pytest.mark.parametrize("method", PRUNINGS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_absent_stays_absent(method: str, name: str) -> None:
    """Les masques s'emboîtent, les absents sont exactement nuls, le compte est exact."""
    found = case(name)
    before = snapshot(found.model)
    masks = half(found)
    result = PRUNINGS[method](found.model, found.loader, found.criterion, 0.8, steps=3, masks=masks)
    n = sum(mask.numel() for mask in masks.values())
    assert compute_sparsity(result.masks) == count_pruned(n, 0.8) / n
    for key, mask in result.masks.items():
        assert not bool((mask & ~masks[key]).any())
        assert not bool(result.weights[key][~mask].any())
    assert same(before, snapshot(found.model))


@pytest.mark.parametrize("method", PRUNINGS)
def test_values_of_absent_weights_are_not_read(method: str) -> None:
    """Ce que vaut un poids absent ne change rien : le modèle est lu comme s'il y était nul."""
    found = case("mlp")
    masks = half(found)
    arguments = found.loader, found.criterion, 0.8
    reduced = copy.deepcopy(found.model)
    apply_masks(reduced, masks)
    full = PRUNINGS[method](found.model, *arguments, steps=2, masks=masks)
    zero = PRUNINGS[method](reduced, *arguments, steps=2, masks=masks)
    assert same(full.weights, zero.weights)


@pytest.mark.parametrize("method", PRUNINGS)
def test_held_masks_are_in_force(method: str) -> None:
    """Les masques que tient le modèle valent ceux que l'on donne, et s'y ajoutent."""
    found = case("mlp")
    masks = half(found)
    first, second = masks.items()
    arguments = found.loader, found.criterion, 0.8
    expected = PRUNINGS[method](found.model, *arguments, steps=2, masks=masks)
    twin = copy.deepcopy(found.model)
    with hold_masks(twin, masks):
        got = PRUNINGS[method](twin, *arguments, steps=2)
    assert same(expected.weights, got.weights)
    twin = copy.deepcopy(found.model)
    with hold_masks(twin, dict([first])):
        got = PRUNINGS[method](twin, *arguments, steps=2, masks=dict([second]))
    assert same(expected.weights, got.weights)


def test_a_bias_may_be_absent() -> None:
    """Un biais absent ne compense pas non plus."""
    found = case("mlp")
    absent = {"0.bias": torch.tensor([True, False, True, True])}
    result = obs_neuron_pruning(
        found.model, found.loader, found.criterion, 0.5, steps=2, masks=absent
    )
    assert list(result.masks) == ["0.weight", "2.weight"]
    assert result.weights["0.bias"][1] == 0.0
    assert bool(result.weights["0.bias"][[0, 2, 3]].all())


@pytest.mark.parametrize("method", PRUNINGS)
def test_a_smaller_sparsity_is_refused(method: str) -> None:
    """Demander moins que ce qui est absent se refuse ; demander autant n'ôte rien de plus."""
    found = case("mlp")
    masks = half(found)
    there = compute_sparsity(masks)
    arguments = found.loader, found.criterion
    with pytest.raises(ValueError, match=r"reçu 0\.1 ; attendu au moins 0\.\d+, .*déjà absents"):
        PRUNINGS[method](found.model, *arguments, 0.1, masks=masks)
    result = PRUNINGS[method](found.model, *arguments, there, masks=masks)
    assert same(result.masks, masks)


def test_path_from_masks() -> None:
    """Un chemin part des masques en vigueur ; une marche en deux fois finit où mène une seule."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    whole = obs_neuron_path(*arguments, [0.3, 0.5, 0.8])
    twin = copy.deepcopy(found.model)
    whole[0].apply(twin)
    rest = obs_neuron_path(twin, found.loader, found.criterion, [0.5, 0.8], masks=whole[0].masks)
    for one, other in zip(whole[1:], rest, strict=True):
        assert same(one.weights, other.weights)
        assert same(one.masks, other.masks)
    with pytest.raises(ValueError, match=r"reçu 0\.2 ; attendu au moins 0\.3"):
        obs_neuron_path(*arguments, [0.2, 0.8], masks=whole[0].masks)


@pytest.mark.parametrize("method", PRUNINGS)
@pytest.mark.parametrize(
    ("masks", "error"),
    [
        ({"0.weight": torch.ones(4, 5)}, TypeError),
        ({"0.weight": torch.ones(5, 4, dtype=torch.bool)}, ValueError),
        ({"absent": torch.ones(4, 5, dtype=torch.bool)}, ValueError),
    ],
)
def test_bad_masks(method: str, masks: Masks, error: type[Exception]) -> None:
    """Des masques qui ne conviennent pas au modèle se refusent."""
    found = case("mlp")
    with pytest.raises(error, match="reçu"):
        PRUNINGS[method](found.model, found.loader, found.criterion, 0.5, masks=masks)


@pytest.mark.parametrize("method", PRUNINGS)
def test_gradual_pruning_never_uses_dead_weights(method: str) -> None:
    """Dans `gradual_pruning`, chaque étape d'OBS est celle du problème déjà réduit."""
    found = case("mlp")
    stages: list[PrunedWeights] = []

    def prune(model: nn.Module, sparsity: float) -> PrunedWeights:
        known = stages[-1].masks if stages else None
        stages.append(PRUNINGS[method](model, found.loader, found.criterion, sparsity, steps=1))
        free = copy.deepcopy(model)
        told = PRUNINGS[method](free, found.loader, found.criterion, sparsity, steps=1, masks=known)
        assert same(told.weights, stages[-1].weights)
        return stages[-1]

    def finetune(model: nn.Module) -> None:
        optimizer = torch.optim.Adam(model.parameters(), 0.05)
        for _ in range(5):
            optimizer.zero_grad()
            found.criterion(model(found.x), found.y).backward()
            optimizer.step()

    masks = gradual_pruning(found.model, prune, [0.3, 0.5, 0.7, 0.9], finetune)
    assert same(masks, stages[-1].masks)
    for less, more in pairwise(stages):
        for key, mask in more.masks.items():
            assert not bool((mask & ~less.masks[key]).any())
            assert not bool(more.weights[key][~less.masks[key]].any())
