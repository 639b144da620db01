"""SparseGPT, de gauche à droite."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from pruning_core import count_pruned, obs_layer_pruning

REAL = torch.float64


def _naive(weight: torch.Tensor, gram: torch.Tensor, sparsity: float, block: int) -> torch.Tensor:
    """L'algorithme 1 de l'article, en inversant à nouveau la courbure de ce qui reste à droite."""
    weight = weight.clone()
    rows, columns = weight.shape
    done = 0
    pruned = torch.zeros_like(weight, dtype=torch.bool)
    for j in range(columns):
        inverse = torch.linalg.inv(gram[j:, j:])
        if j % block == 0:
            stop = min(j + block, columns)
            diagonals = [torch.linalg.inv(gram[q:, q:])[0, 0] for q in range(j, stop)]
            scores = weight[:, j:stop].square() / torch.stack(diagonals)
            count = count_pruned(rows * columns, sparsity) * stop // columns - done
            order = scores.flatten().argsort()[:count]
            pruned[:, j:stop] = (
                torch.zeros(scores.numel(), dtype=torch.bool)
                .scatter_(0, order, True)
                .view_as(scores)
            )
            done += count
        for r in range(rows):
            if pruned[r, j]:
                weight[r, j:] -= weight[r, j] / inverse[0, 0] * inverse[0]
                weight[r, j] = 0.0
    return weight


@pytest.mark.parametrize("sparsity", [0.3, 0.5, 0.9])
def test_as_published(sparsity: float) -> None:
    """Les poids de l'algorithme publié, à l'arrondi près."""
    torch.manual_seed(0)
    x = torch.randn(80, 11, dtype=REAL) @ torch.randn(11, 11, dtype=REAL)
    model = nn.Sequential(nn.Linear(11, 7, bias=False, dtype=REAL))
    gram = 2 * x.T @ x / len(x)
    gram += 1e-2 * gram.diagonal().mean() * torch.eye(11, dtype=REAL)
    expected = _naive(model[0].weight.detach(), gram, sparsity, 4)
    found = obs_layer_pruning(model, [(x, x)], sparsity, order="left_to_right", mask_block=4)
    torch.testing.assert_close(found.weights["0.weight"], expected, rtol=1e-8, atol=1e-10)
    assert int((~found.masks["0.weight"]).sum()) == count_pruned(77, sparsity)


def test_bias_groups_and_masks() -> None:
    """Le biais compense, un poids absent le reste, et le compte est exact, groupes compris."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv1d(4, 6, 3, groups=2, dtype=REAL))
    x = torch.randn(20, 4, 9, dtype=REAL) + 1.0
    absent = torch.rand(6, 2, 3) < 0.5
    absent[:, :, 2] = False
    plain = copy.deepcopy(model)
    found = obs_layer_pruning(
        model, [(x, x)], 0.6, order="left_to_right", block_size=4, masks={"0.weight": ~absent}
    )
    mask = found.masks["0.weight"]
    assert not bool(mask[absent].any())
    assert int((~mask).sum()) == count_pruned(36, 0.6)
    found.apply(model)
    with torch.no_grad():
        plain[0].weight.mul_(~absent)
        target = plain(x)
        adjusted = float((model(x) - target).square().mean())
        model[0].bias.copy_(plain[0].bias)
        assert adjusted < float((model(x) - target).square().mean())
