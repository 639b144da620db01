"""Les gradients b_i a_iᵀ : quels poids y ont droit, sur chaque lot, et ce qui les en écarte."""

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.curvature.diagonals import empirical_fisher_diagonal
from pruning_core.curvature.recording import Recorder
from pruning_core.curvature.verifying import Probe, factored, leaves_outside
from pruning_core.passes import read_batches, undisturbed
from pruning_core.weights.prunable import prunable_parameters
from tests.core.cases import NAMES, case

FACTORED = {
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


def _factored(model: nn.Module, x: torch.Tensor) -> list[str]:
    """Les poids qu'un lot montre comme ayant des facteurs."""
    chosen = prunable_parameters(model)
    (batch,) = read_batches([(x, torch.zeros(len(x)))], model)
    with undisturbed(model, chosen):
        recorder, probe = Recorder(model, chosen), Probe()
        output = recorder.forward(batch).values
        vectors = probe.like(output)
        return factored(recorder, output, vectors, recorder.gradients(vectors), probe)


def test_which_weights_have_factors() -> None:
    """Une couche n'a de facteurs que si son poids ne sert pas ailleurs."""
    assert set(FACTORED) == set(NAMES)
    for name, expected in FACTORED.items():
        found = case(name)
        assert _factored(found.model, found.x) == expected


class TimeFirst(nn.Module):
    """Une couche appelée sur [temps, exemples, ...], avec autant de temps que d'exemples."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.layer(x.transpose(0, 1))).sum(0)


class Permuted(nn.Module):
    """Les lignes de la couche sont celles des exemples, autant qu'eux, dans un autre ordre."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        order = x[:, 0].argsort()
        return self.layer(x[order])[order.argsort()]


class Doubled(nn.Linear):
    """Une sous-classe dont la sortie n'est pas celle d'une couche linéaire."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(2 * x, self.weight, self.bias)


class Masked(nn.Linear):
    """Une sous-classe dont le poids lu n'est pas le paramètre."""

    @property
    def weight(self) -> torch.Tensor:
        return self._parameters["weight"] * 2


class Silent(nn.Module):
    """La même couche, appelée puis employée sans appel."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) + F.linear(x.tanh(), self.layer.weight)


class Overwritten(nn.Module):
    """L'entrée de la couche est réécrite après l'appel."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.clone()
        output = self.layer(x)
        x.mul_(2)
        return output


class Mixed(nn.Module):
    """Chaque sortie dépend de la couche pour tous les exemples."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.layer(x)
        return h + 1e-3 * h.mean(0)


class Weighted(nn.Module):
    """Le poids d'une couche est l'entrée d'une autre."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.second = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.first(x) * self.second(self.first.weight).T


def test_what_denies_factors() -> None:
    """Aucun de ces modèles n'a de facteurs pour sa couche, quel que soit le lot."""
    x = torch.randn(4, 4, 2).double()
    assert _factored(TimeFirst().double(), x) == []
    for kind in (Permuted, Silent, Overwritten, Mixed):
        assert _factored(kind().double(), x[0]) == [], kind
    masked = nn.Linear(2, 2)
    masked.__class__ = Masked
    for layer in (Doubled(2, 2), masked):
        assert _factored(nn.Sequential(layer).double(), x[0]) == []
    assert "first.weight" not in _factored(Weighted().double(), x[0])


def test_a_late_example_is_seen() -> None:
    """Un seul exemple déplacé, le dernier d'un long lot, suffit à écarter la couche."""

    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            output = self.layer(x)
            return torch.cat([output[:-2], output[-1:], output[-2:-1]])

    assert _factored(Late().double(), torch.randn(500, 2).double()) == []


class Flattened(nn.Module):
    """Les pas de temps d'un exemple sont des lignes de suite, comme on en voit souvent."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.layer(x.flatten(0, 1))).unflatten(0, x.shape[:2]).sum(1)


class Direct(nn.Module):
    """Une couche appelée par sa méthode, l'autre par mot-clef."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.second = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(input=self.first.forward(x).relu())


def test_what_keeps_factors() -> None:
    """Des lignes de suite pour un exemple, un appel sans `__call__` : les facteurs suffisent."""
    x = torch.randn(5, 4, 2).double()
    assert _factored(Flattened().double(), x) == ["layer.weight"]
    assert _factored(Direct().double(), x[0]) == ["first.weight", "second.weight"]


def test_leaves_outside() -> None:
    """Les feuilles hors des appels sont celles que le graphe atteint sans passer par eux."""
    model = Silent()
    (batch,) = read_batches([(torch.randn(3, 2), torch.zeros(3))], model)
    recorder = Recorder(model, dict(model.named_parameters()))
    output = recorder.forward(batch).values
    weight, bias = model.layer.weight, model.layer.bias
    assert leaves_outside(output, recorder.calls) == {id(weight)}
    assert leaves_outside(output, []) == {id(weight), id(bias)}


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
