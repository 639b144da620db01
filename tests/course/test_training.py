"""Entraîner, évaluer, affiner."""

import pytest
import torch
from torch import nn

from pruning_core.course.datasets import Dataset
from pruning_core.course.models import mlp
from pruning_core.course.training import train
from pruning_core.evaluation import evaluate


def toy() -> Dataset:
    x = torch.rand(60, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return Dataset(x, (x[:, 0] > x[:, 1]).long())


def test_training_learns_a_separable_problem() -> None:
    """L'entraînement apprend un problème séparable."""
    model = mlp((2, 8, 2))
    before = evaluate(model, toy())
    train(model, toy(), epochs=150, lr=1e-2, batch_size=16)
    after = evaluate(model, toy())
    assert after.loss < before.loss / 3
    assert after.accuracy > 0.95


def test_training_is_deterministic_and_leaves_the_global_state() -> None:
    """L'entraînement ne dépend que de sa graine, et laisse hasard et fils."""
    threads = torch.get_num_threads()
    weights = []
    for noise in (0, 1):
        torch.manual_seed(noise)
        expected = torch.get_rng_state()
        model = mlp((2, 8, 2), seed=3).eval()
        train(model, toy(), epochs=3, seed=4)
        assert torch.equal(torch.get_rng_state(), expected)
        assert not model.training
        assert all(p.grad is None for p in model.parameters())
        weights.append(model[0].weight.detach())
    assert torch.equal(*weights)
    assert torch.get_num_threads() == threads


def test_masked_weights_stay_zero_while_the_others_learn() -> None:
    """Les poids masqués restent nuls pendant que les autres apprennent."""
    model = mlp((2, 8, 2))
    masks = {"0.weight": torch.zeros(8, 2, dtype=torch.bool)}
    masks["0.weight"][:4] = True
    kept_before = model[0].weight.detach()[:4].clone()
    train(model, toy(), epochs=2, masks=masks, weight_decay=1e-2)
    assert (model[0].weight[4:] == 0).all()
    assert not torch.equal(model[0].weight[:4], kept_before)


def test_evaluation_matches_a_hand_computed_case() -> None:
    """Exactitude et perte sont celles du calcul à la main, et le mode est rendu."""
    model = nn.Sequential(nn.Identity(), nn.Dropout(0.9)).train()
    x = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [0.0, 2.0]], dtype=torch.float64)
    result = evaluate(model, Dataset(x, torch.tensor([0, 0, 1, 0])))
    assert result.accuracy == 0.75
    # log 2, puis deux fois log(1 + e^-2), puis log(1 + e^2), à la main.
    assert result.loss == pytest.approx((0.693147 + 2 * 0.126928 + 2.126928) / 4, abs=1e-6)
    assert model.training
    assert model[1].training


def test_a_failing_evaluation_restores_the_mode() -> None:
    """Après une erreur, le modèle retrouve son mode."""
    model = mlp((2, 2)).train()
    with pytest.raises(RuntimeError, match="mat1"):
        evaluate(model, Dataset(torch.zeros(1, 5, dtype=torch.float64), torch.zeros(1)))
    assert model.training


def test_empty_data_are_refused() -> None:
    """Des données vides se refusent, un nombre négatif de passages aussi."""
    empty = Dataset(torch.zeros(0, 2, dtype=torch.float64), torch.zeros(0, dtype=torch.long))
    with pytest.raises(ValueError, match="reçu 0 exemple"):
        evaluate(mlp((2, 2)), empty)
    with pytest.raises(ValueError, match="reçu 0 exemple"):
        train(mlp((2, 2)), empty, epochs=1)
    with pytest.raises(ValueError, match="reçu -1"):
        train(mlp((2, 2)), toy(), epochs=-1)
