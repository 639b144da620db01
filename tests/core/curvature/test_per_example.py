"""La forme par lot du gradient de chaque exemple, et quand elle ne vaut pas."""

import torch
from torch import nn

from pruning_core.curvature.diagonals import empirical_fisher_diagonal
from pruning_core.curvature.per_example import exact_parameters
from pruning_core.passes import read_batches, undisturbed
from pruning_core.weights.prunable import prunable_parameters
from tests.core.cases import NAMES, case

EXACT = {
    "mlp": ["0.weight", "2.weight"],
    "mlp_mse": ["0.weight", "2.weight"],
    "mlp_bce": ["0.weight", "2.weight"],
    "cnn": ["layers.0.weight", "layers.3.weight", "layers.6.weight"],
    "cnn_1d_3d": ["0.weight", "3.weight", "5.weight"],
    # l'attention emploie ses poids hors de leurs couches ; le plongement partage le sien
    "transformer": ["encoder.linear1.weight", "encoder.linear2.weight"],
    "rnn": ["output.weight"],
    # « encode » sert aussi, transposé, hors de sa couche
    "tied": ["first.weight"],
    "inputs_first": ["up.weight", "output.weight"],
}


def test_which_weights_are_exact() -> None:
    """Une couche n'est exacte que si son poids ne sert pas ailleurs."""
    assert set(EXACT) == set(NAMES)
    for name, expected in EXACT.items():
        found = case(name)
        chosen = prunable_parameters(found.model)
        (batch,) = read_batches([(found.x, found.y)], found.model)
        with undisturbed(found.model, chosen):
            assert list(exact_parameters(found.model, chosen, batch)) == expected


class TimeFirst(nn.Module):
    """Une couche appelée sur [temps, exemples, ...], avec autant de temps que d'exemples."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 3, dtype=torch.float64)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.layer(x.transpose(0, 1))).sum(0)


def test_examples_in_another_dimension() -> None:
    """Le gradient est juste même si les exemples sont en deuxième dimension, autant que de pas."""
    model = TimeFirst()
    x = torch.randn(4, 4, 2, dtype=torch.float64)
    y = torch.tensor([0, 1, 2, 0])
    criterion = nn.CrossEntropyLoss()
    chosen = prunable_parameters(model)
    (batch,) = read_batches([(x, y)], model)
    with undisturbed(model, chosen):
        assert exact_parameters(model, chosen, batch) == {}
    got = empirical_fisher_diagonal(model, [(x, y)], criterion)["layer.weight"]
    expected = torch.zeros_like(got)
    for i in range(4):
        model.zero_grad()
        criterion(model(x[i : i + 1]), y[i : i + 1]).backward()
        expected += model.layer.weight.grad.square() / 4
    torch.testing.assert_close(got, expected)


class Unused(nn.Module):
    """Une couche jamais appelée, une autre appelée par mot-clef, une sous no_grad."""

    def __init__(self) -> None:
        super().__init__()
        self.idle = nn.Linear(2, 2)
        self.keyword = nn.Linear(2, 2)
        self.silent = nn.Linear(2, 2)
        self.double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            shift = self.silent(x)
        return self.keyword(input=x) + shift


def test_unusual_calls() -> None:
    """Une couche sans gradient a une courbure nulle ; un appel par mot-clef en a une."""
    model = Unused()
    x = torch.randn(3, 2, dtype=torch.float64)
    got = empirical_fisher_diagonal(model, [(x, torch.tensor([0, 1, 1]))], nn.CrossEntropyLoss())
    assert not bool(got["idle.weight"].any())
    assert not bool(got["silent.weight"].any())
    assert bool(got["keyword.weight"].all())
