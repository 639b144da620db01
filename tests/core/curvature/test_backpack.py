"""Les diagonales de courbure, contre BackPACK."""

import copy

import backpack
import pytest
import torch
from backpack import extensions
from torch import nn

from pruning_core import empirical_fisher_diagonal, ggn_diagonal, hessian_diagonal
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import prunable_parameters
from tests.core.cases import case


def _cnn() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 2, stride=2),
        nn.Sigmoid(),
        nn.Flatten(),
        nn.Linear(16, 3),
    ).double()


@pytest.mark.filterwarnings("ignore")  # de BackPACK
@pytest.mark.parametrize("family", ["mlp", "cnn"])
def test_against_backpack(family: str) -> None:
    """Une autre bibliothèque, écrite par d'autres, donne les mêmes diagonales."""
    found = case("mlp")
    x = found.x if family == "mlp" else torch.randn(7, 2, 8, 8, dtype=torch.float64)
    model = found.model if family == "mlp" else _cnn()
    twin = backpack.extend(copy.deepcopy(model))
    loss = backpack.extend(nn.CrossEntropyLoss())(twin(x), found.y)
    wanted = extensions.DiagGGNExact(), extensions.DiagHessian(), extensions.SumGradSquared()
    with backpack.backpack(*wanted):
        loss.backward()
    theirs = dict(twin.named_parameters())
    chosen = with_biases(model, prunable_parameters(model))
    loader = [(x[:3], found.y[:3]), (x[3:], found.y[3:])]
    for measure, attribute, factor in (
        (ggn_diagonal, "diag_ggn_exact", 1.0),
        (hessian_diagonal, "diag_h", 1.0),
        # BackPACK somme les carrés des gradients déjà divisés par N
        (empirical_fisher_diagonal, "sum_grad_squared", float(len(x))),
    ):
        ours = measure(model, loader, nn.CrossEntropyLoss(), parameters=chosen)
        for name, value in ours.items():
            expected = getattr(theirs[name], attribute) * factor
            torch.testing.assert_close(value, expected, rtol=1e-10, atol=1e-14)
