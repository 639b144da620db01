"""Les scores LAMP."""

import pytest
import torch
from torch import nn

from pruning_core import global_masks, lamp_scores, magnitude_scores
from tests.core.cases import case


def _naive(weights: torch.Tensor) -> torch.Tensor:
    """La formule de l'article, par une double boucle sur les poids rangés."""
    flat = weights.flatten().tolist()
    order = sorted(range(len(flat)), key=lambda i: abs(flat[i]))
    scores = [0.0] * len(flat)
    for rank, i in enumerate(order):
        scores[i] = flat[i] ** 2 / sum(flat[j] ** 2 for j in order[rank:]) if flat[i] else 0.0
    return torch.tensor(scores, dtype=torch.float64).reshape(weights.shape)


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn"])
def test_formula(name: str) -> None:
    """Le score est celui de l'article, poids par poids."""
    model = case(name).model
    scores = lamp_scores(model)
    for key, score in scores.items():
        torch.testing.assert_close(score, _naive(dict(model.named_parameters())[key].detach()))


def test_ties_and_zeros() -> None:
    """À égalité, le premier rang part le premier ; un poids nul a le score 0."""
    model = nn.Sequential(nn.Linear(4, 1), nn.Linear(1, 2))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0, 0.0, -1.0, 1.0]]))
        model[1].weight.zero_()
    scores = lamp_scores(model)
    torch.testing.assert_close(scores["0.weight"], torch.tensor([[1 / 3, 0, 1 / 2, 1]]).double())
    assert scores["1.weight"].tolist() == [[0.0], [0.0]]
    alike = nn.Linear(1000, 1, bias=False)
    nn.init.ones_(alike.weight)
    expected = 1 / torch.arange(1000, 0, -1, dtype=torch.float64)
    torch.testing.assert_close(lamp_scores(alike)["weight"][0], expected)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_squares_neither_vanish_nor_overflow(scale: float) -> None:
    """Des poids dont le carré sort des flottants ont les scores de poids ordinaires."""
    model = nn.Sequential(nn.Linear(5, 3, dtype=torch.float64))
    expected = lamp_scores(model)["0.weight"]
    with torch.no_grad():
        model[0].weight.mul_(scale)
    torch.testing.assert_close(lamp_scores(model)["0.weight"], expected)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_scale_of_a_layer_does_not_matter(scale: float) -> None:
    """Multiplier une couche ne change pas ses scores, en float32 comme en bfloat16."""
    for dtype in (torch.float32, torch.bfloat16):
        model = nn.Sequential(nn.Linear(5, 3, dtype=dtype))
        expected = _naive(model[0].weight.detach())
        with torch.no_grad():
            model[0].weight.mul_(2.0 ** round(torch.tensor(scale).log2().item()))
        torch.testing.assert_close(lamp_scores(model)["0.weight"], expected)


def test_order_in_a_layer_is_that_of_magnitude() -> None:
    """Seule la répartition entre les couches change, et aucune ne s'efface."""
    model = nn.Sequential(nn.Linear(40, 30), nn.Linear(30, 20), nn.Linear(20, 10))
    with torch.no_grad():
        model[1].weight.mul_(1e-3)
    masks = global_masks(lamp_scores(model), 0.95)
    for key, magnitude in magnitude_scores(model).items():
        kept = masks[key]
        assert bool(kept.any())
        assert float(magnitude[kept].min()) >= float(magnitude[~kept].max())
    assert not bool(global_masks(magnitude_scores(model), 0.95)["1.weight"].any())
