"""OBS par couche, sous un motif N:M."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pruning_core import Pattern, magnitude_scores, obs_layer_pruning, pattern_masks

REAL = torch.float64


def _layer(inputs: int, outputs: int, *, bias: bool) -> tuple[nn.Sequential, torch.Tensor]:
    torch.manual_seed(0)
    x = torch.randn(90, inputs, dtype=REAL) @ torch.randn(inputs, inputs, dtype=REAL)
    return nn.Sequential(nn.Linear(inputs, outputs, bias=bias, dtype=REAL)), x


def _damped(x: torch.Tensor) -> torch.Tensor:
    gram = 2 * x.T @ x / len(x)
    return gram + 1e-2 * gram.diagonal().mean() * torch.eye(x.shape[1], dtype=REAL)


def _naive(weight: torch.Tensor, gram: torch.Tensor, pattern: Pattern) -> torch.Tensor:
    """SparseGPT N:M, une ligne à la fois, en inversant à nouveau ce qui reste à droite."""
    weight = weight.clone()
    columns = weight.shape[1]
    diagonal = [torch.linalg.inv(gram[q:, q:])[0, 0] for q in range(columns)]
    for row in weight:
        gone: list[int] = []
        for j in range(columns):
            if j % pattern.group == 0:
                group = range(j, j + pattern.group)
                order = sorted(group, key=lambda q: float(row[q] ** 2 / diagonal[q]))
                gone = order[: pattern.group - pattern.kept]
            if j in gone:
                inverse = torch.linalg.inv(gram[j:, j:])
                row[j:] -= row[j] / inverse[0, 0] * inverse[0]
                row[j] = 0.0
    return weight


@pytest.mark.parametrize("pattern", [Pattern(2, 4), Pattern(1, 3)])
def test_left_to_right_as_published(pattern: Pattern) -> None:
    """De gauche à droite, un groupe est choisi quand la marche l'atteint, comme SparseGPT."""
    model, x = _layer(12, 5, bias=False)
    expected = _naive(model[0].weight.detach(), _damped(x), pattern)
    found = obs_layer_pruning(model, [(x, x)], pattern, order="left_to_right")
    torch.testing.assert_close(found.weights["0.weight"], expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("block_size", [None, 7])
@pytest.mark.parametrize("order", ["joint", "left_to_right"])
def test_the_pattern_holds(order: str, block_size: int | None) -> None:
    """Chaque groupe garde deux poids, le biais compense, la sortie bouge moins que sans OBS."""
    model, x = _layer(16, 6, bias=True)
    found = obs_layer_pruning(model, [(x, x)], Pattern(2, 4), order=order, block_size=block_size)
    mask = found.masks["0.weight"]
    assert (mask.reshape(-1, 4).sum(1) == 2).all()
    assert not found.weights["0.weight"][~mask].any()
    assert not torch.equal(found.weights["0.bias"], model[0].bias)

    dense = model(x)
    kept = pattern_masks(magnitude_scores(model), Pattern(2, 4))["0.weight"]
    naive = nn.functional.linear(x, model[0].weight * kept, model[0].bias)
    found.apply(model)
    if block_size is None:  # en morceaux, la courbure croisée est négligée
        assert (model(x) - dense).square().mean() < 0.6 * (naive - dense).square().mean()


def test_joint_weights_are_the_best_of_their_masks() -> None:
    """À masque donné, aucun poids gardé ne peut réduire l'erreur."""
    model, x = _layer(12, 5, bias=False)
    found = obs_layer_pruning(model, [(x, x)], Pattern(2, 4))
    slope = (found.weights["0.weight"] - model[0].weight.detach()) @ _damped(x)
    assert slope[found.masks["0.weight"]].abs().max() < 1e-8 < slope.abs().max()


@pytest.mark.parametrize("order", ["joint", "left_to_right"])
def test_absent_weights_count_in_their_group(order: str) -> None:
    """Un poids absent est l'un des deux que perd son groupe ; un motif déjà tenu ne change rien."""
    model, x = _layer(8, 4, bias=True)
    present = torch.ones(4, 8, dtype=torch.bool)
    present[:, ::4] = False
    present[0, :4] = False  # un groupe qui a déjà tout perdu
    found = obs_layer_pruning(
        model, [(x, x)], Pattern(2, 4), order=order, masks={"0.weight": present}
    )
    mask = found.masks["0.weight"]
    assert not (mask & ~present).any()
    assert mask.reshape(-1, 4).sum(1).tolist() == [0, *[2] * 7]
    again = obs_layer_pruning(model, [(x, x)], Pattern(2, 4), order=order, masks=found.masks)
    assert torch.equal(again.masks["0.weight"], mask)
    assert torch.equal(again.weights["0.weight"], model[0].weight.detach() * mask)
