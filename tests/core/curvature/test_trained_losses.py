"""Les pertes avec lesquelles on s'entraîne : poids, cibles ignorées, suites, régressions.

Chaque mesure est comparée à des dérivées pleines de la perte de chaque lot, en float64, sur des
lots inégaux de données triées, qui mettent tôt ou tard ce qui distingue les exemples.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import (
    empirical_fisher_diagonal,
    empirical_fisher_matrix,
    ggn_diagonal,
    ggn_matrix,
    ggn_neuron_blocks,
    gradient_scores,
    hessian_diagonal,
    hessian_matrix,
    obs_neuron_pruning,
    prunable_parameters,
)
from pruning_core.curvature.flattening import flatten
from tests.core.trained_losses import CLASS_WEIGHTS, COUNT, LOSSES, SIZES, by_word, entropy, setting


def _close(found: torch.Tensor, expected: torch.Tensor) -> None:
    scale = float(expected.abs().max())
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-11 * scale)


ORDERS = {
    "sorted": None,
    "reversed": torch.arange(COUNT).flip(0),
    "mixed": torch.randperm(COUNT, generator=torch.Generator().manual_seed(1)),
}
# Toutes les pertes sur des données triées ; sur d'autres ordres, celles qui en dépendent.
CASES = [(name, "sorted") for name in LOSSES] + [
    (name, order)
    for name in ("weights_lambda", "ignored_weights_smoothing", "words", "huber_vector")
    for order in ("reversed", "mixed")
]


@pytest.mark.parametrize(("name", "order"), CASES)
def test_curvature(name: str, order: str) -> None:
    """La GGN, entière, en diagonale ou par neurone, est celle de la perte de chaque lot."""
    found = setting(name, ORDERS[order])
    model, loader, criterion = found
    expected = found.oracle().ggn
    _close(ggn_matrix(model, loader, criterion), expected)
    _close(flatten(ggn_diagonal(model, loader, criterion)), expected.diagonal())
    blocks = ggn_neuron_blocks(model, loader, criterion)
    rows = torch.cat([b.diagonal(dim1=-2, dim2=-1)[:, :-1].flatten() for b in blocks.values()])
    _close(rows, expected.diagonal())


@pytest.mark.parametrize(("name", "order"), CASES)
def test_gradients(name: str, order: str) -> None:
    """Le gradient d'un exemple est sa part de celui du lot, fois le nombre d'exemples du lot."""
    found = setting(name, ORDERS[order])
    model, loader, criterion = found
    oracle = found.oracle()
    weights = flatten(prunable_parameters(model)).abs()
    _close(empirical_fisher_matrix(model, loader, criterion), oracle.fisher)
    diagonal = oracle.gradients.square().mean(0)
    _close(flatten(empirical_fisher_diagonal(model, loader, criterion)), diagonal)
    batches = [part.mean(0) for part in oracle.gradients.split(SIZES)]
    expected = {
        "batch": weights * torch.stack(batches).abs().mean(0),
        "per_sample": weights * oracle.gradients.abs().mean(0),
        "snip": (weights * oracle.gradients.mean(0)).abs(),
        "taylor": (weights * oracle.gradients.mean(0)).square(),
    }
    for variant, value in expected.items():
        _close(flatten(gradient_scores(model, loader, criterion, variant=variant)), value)


@pytest.mark.parametrize("name", LOSSES)
def test_hessian(name: str) -> None:
    """La hessienne est la moyenne de celles des lots, chacun compté pour ses exemples."""
    found = setting(name)
    model, loader, criterion = found
    expected = found.oracle().hessian
    _close(hessian_matrix(model, loader, criterion), expected)
    _close(flatten(hessian_diagonal(model, loader, criterion)), expected.diagonal())


@pytest.mark.parametrize("name", ["weights", "words", "huber_vector"])
def test_few_examples_at_a_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Le dénominateur est celui du lot, même quand ses exemples passent un à un."""
    monkeypatch.setattr("pruning_core.curvature.per_example.CHUNK_ELEMENTS", 1)
    found = setting(name)
    model, loader, criterion = found
    oracle = found.oracle()
    _close(ggn_matrix(model, loader, criterion), oracle.ggn)
    _close(empirical_fisher_matrix(model, loader, criterion), oracle.fisher)


SPELLINGS = {
    "weights": [
        nn.CrossEntropyLoss(weight=CLASS_WEIGHTS, label_smoothing=0.1),
        lambda o, y: F.cross_entropy(o, y, weight=CLASS_WEIGHTS, label_smoothing=0.1),
        lambda o, y: (
            (
                0.9 * CLASS_WEIGHTS[y] * F.cross_entropy(o, y, reduction="none")
                - 0.1 / 3 * (CLASS_WEIGHTS * o.log_softmax(1)).sum(1)
            ).sum()
            / CLASS_WEIGHTS[y].sum()
        ),
    ],
    "words": [
        by_word,
        lambda o, y: F.cross_entropy(o.transpose(1, 2), y),
        lambda o, y: nn.CrossEntropyLoss()(o.reshape(-1, 3), y.reshape(-1)),
    ],
    "mse_column": [
        nn.MSELoss(),
        F.mse_loss,
        lambda o, y: (o - y).square().mean(),
    ],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_loss_many_spellings(name: str) -> None:
    """Toutes les écritures d'une même perte donnent les mêmes nombres."""
    model, loader, _ = setting(name)
    for function in (ggn_diagonal, empirical_fisher_diagonal):
        first, *others = (flatten(function(model, loader, c)) for c in SPELLINGS[name])
        for other in others:
            _close(other, first)


def test_a_batch_far_from_its_targets() -> None:
    """Un lot tout entier dans la zone linéaire de Huber a une courbure nulle, et compte."""
    model, loader, criterion = setting("huber_vector")
    far = [(x, y + 100) for x, y in loader]
    assert not bool(ggn_matrix(model, far, criterion).any())
    near = [(x, torch.zeros_like(y)) for x, y in loader]
    expected = ggn_matrix(model, near, criterion) / 2
    _close(ggn_matrix(model, near + far, criterion), expected)


def test_pruning_with_class_weights() -> None:
    """OBS par neurone lit la perte pesée : ses masques dépendent des poids de classes."""
    model, loader, criterion = setting("weights")
    weighted = obs_neuron_pruning(model, loader, criterion, 0.5, steps=3)
    spelled = obs_neuron_pruning(model, loader, entropy(weight=CLASS_WEIGHTS), 0.5, steps=3)
    assert all(torch.equal(weighted.masks[n], spelled.masks[n]) for n in weighted.masks)


def test_float32_agrees_with_float64() -> None:
    """En float32, chaque perte est reconnue comme en float64."""
    for name in LOSSES:
        model, loader, criterion = setting(name)
        if "weight" in name or name == "soft_weights_smoothing":
            continue  # les poids de la perte sont en float64
        expected = flatten(ggn_diagonal(model, loader, criterion))
        short = [(x.float(), y.float() if y.is_floating_point() else y) for x, y in loader]
        found = flatten(ggn_diagonal(model.float(), short, criterion))
        scale = float(expected.max())
        torch.testing.assert_close(found.double(), expected, rtol=1e-3, atol=1e-4 * scale)


def _entropy_and_size(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """L'entropie croisée et le carré de son logarithme de somme : presque un softmax."""
    return F.cross_entropy(output, y) + 0.05 * output.logsumexp(1).square().mean()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("criterion", [nn.CrossEntropyLoss(), _entropy_and_size])
def test_short_types(dtype: torch.dtype, criterion) -> None:
    """En demi-précision, la courbure de la perte se lit en float32 : rien n'en passe inaperçu."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 40)).to(dtype)
    x, y = torch.randn(30, 6).to(dtype), torch.arange(30)
    found = ggn_diagonal(model, [(x, y)], criterion)["0.weight"].double()
    exact = ggn_diagonal(model.double(), [(x.double(), y)], criterion)["0.weight"]
    assert float((found - exact).norm() / exact.norm()) < 0.02


def test_class_weights_in_half_precision() -> None:
    """Une perte dont les poids de classes sont en demi-précision se lit aussi."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 3))
    x, y, weights = torch.randn(30, 6), torch.arange(30) % 3, torch.tensor([1.0, 4.0, 0.5])
    exact = ggn_diagonal(model, [(x, y)], nn.CrossEntropyLoss(weights))["0.weight"]
    short = nn.CrossEntropyLoss(weights.bfloat16())
    found = ggn_diagonal(model.bfloat16(), [(x.bfloat16(), y)], short)["0.weight"]
    assert float((found - exact).norm() / exact.norm()) < 0.05
