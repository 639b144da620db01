"""OBS sur la courbure complète ou par blocs."""

import copy

import pytest
import torch

from pruning_core import compute_sparsity, count_pruned, prunable_parameters
from pruning_core.chapter import SecondOrderPruning
from pruning_core.curvature.flattening import flatten, unflatten
from pruning_core.curvature.matrices import empirical_fisher_matrix, ggn_matrix
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.algebra import compensate, damp
from pruning_core.obs.blocks import obs_block_pruning
from pruning_core.weights.biases import with_biases
from tests.core.cases import NAMES, case, same, snapshot

MATRICES = {"ggn": ggn_matrix, "empirical_fisher": empirical_fisher_matrix}


@pytest.mark.parametrize("curvature", MATRICES)
@pytest.mark.parametrize("block_size", [None, 7, 1000])
def test_one_step_by_hand(curvature: str, block_size: int | None) -> None:
    """Une étape : inverse de chaque bloc, sélection globale, compensation jointe du bloc."""
    found = case("mlp")
    variables = with_biases(found.model, prunable_parameters(found.model))
    matrix = MATRICES[curvature](found.model, found.loader, found.criterion, parameters=variables)
    n = len(matrix)
    block = torch.arange(n) // min(block_size or n, n)
    matrix = damp(torch.where(block[:, None] == block[None, :], matrix, 0.0), 0.05)
    weights = flatten(variables)
    scores = weights.square() / (2 * torch.linalg.inv(matrix).diagonal())
    named = unflatten(scores, variables)
    masks = global_masks({k: v for k, v in named.items() if "weight" in k}, 0.5)
    flags = {k: masks.get(k, torch.ones_like(p, dtype=torch.bool)) for k, p in variables.items()}
    expected = compensate(weights, matrix, flatten(flags))
    result = obs_block_pruning(
        found.model,
        found.loader,
        found.criterion,
        0.5,
        steps=1,
        damping=0.05,
        block_size=block_size,
        curvature=curvature,
    )
    assert same(result.masks, masks)
    torch.testing.assert_close(flatten(result.weights), expected, rtol=1e-8, atol=1e-11)


def test_full_curvature_starts_like_iterative_obs() -> None:
    """Un seul poids supprimé : la courbure complète fait comme iterative_obs_pruning."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    result = obs_block_pruning(*arguments, 1 / 32, steps=1)
    twin = copy.deepcopy(found.model)
    [(name, index)] = SecondOrderPruning().iterative_obs_pruning(
        twin, found.loader, found.criterion, 1
    )
    assert not bool(result.masks[name][index])
    for key, value in result.weights.items():
        torch.testing.assert_close(value, dict(twin.named_parameters())[key].detach())


@pytest.mark.parametrize("name", NAMES)
def test_every_family(name: str) -> None:
    """Sur chaque famille : compte exact, zéros exacts, modèle intact."""
    found = case(name)
    before = snapshot(found.model)
    for fresh in (True, False):
        result = obs_block_pruning(
            found.model,
            iter(found.loader),
            found.criterion,
            0.7,
            steps=3,
            fresh=fresh,
            block_size=16,
        )
        n = sum(mask.numel() for mask in result.masks.values())
        assert compute_sparsity(result.masks) == count_pruned(n, 0.7) / n
        assert all(not bool(result.weights[k][~m].any()) for k, m in result.masks.items())
    assert same(before, snapshot(found.model))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"curvature": "hessian"}, ValueError, "curvature : reçu 'hessian'"),
        ({"block_size": 0}, ValueError, "block_size : reçu 0"),
        ({"damping": -1.0}, ValueError, "damping : reçu"),
        ({"steps": 0}, ValueError, "steps : reçu 0"),
        ({"max_bytes": 39 * 39 * 8 - 1}, MemoryError, "39 variables en blocs de 39, soit 12168"),
    ],
)
def test_bad_options(options, error, message) -> None:
    """Un réglage impossible se refuse, avec les octets s'il s'agit de mémoire."""
    found = case("mlp")
    with pytest.raises(error, match=message):
        obs_block_pruning(found.model, found.loader, found.criterion, 0.5, **options)
