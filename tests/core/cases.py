"""Modèles et données communs aux tests : petits, en float64, un de chaque famille."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Case:
    """Un modèle, ses exemples et sa perte moyenne."""

    model: nn.Module
    x: torch.Tensor
    y: torch.Tensor
    criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

    @property
    def loader(self) -> list[Batch]:
        """Les exemples en deux lots de tailles inégales."""
        cut = len(self.x) // 2 + 1
        return [(self.x[:cut], self.y[:cut]), (self.x[cut:], self.y[cut:])]


class Convolutional(nn.Module):
    """Convolutions à groupes, pas, dilatation et bords variés, avec BatchNorm et abandon."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(inplace=True),
            nn.Conv2d(4, 3, 2, dilation=2, padding="same", padding_mode="circular"),
            nn.Dropout(0.5),
            nn.Flatten(),
            nn.Linear(27, 3),
        )
        self.layers[1].running_mean.normal_(std=0.1)
        self.layers[1].running_var.uniform_(0.5, 2.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Transformer(nn.Module):
    """Une couche d'encodeur, dont le plongement et la projection finale partagent leur poids."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.encoder = nn.TransformerEncoderLayer(4, 2, 6, dropout=0.3, batch_first=True)
        self.decoder = nn.Linear(4, 5, bias=False)
        self.decoder.weight = self.embedding.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encoder(self.embedding(x)).mean(1))


class Recurrent(nn.Module):
    """Un LSTM et une couche linéaire appelée à chaque pas : sortie [N, classes, temps]."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 2, batch_first=True)
        self.output = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.lstm(x)[0]).transpose(1, 2)


class TiedLinear(nn.Module):
    """Deux couches linéaires de même poids, et un autre poids employé hors de sa couche."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.encode = nn.Linear(4, 3, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.tanh(self.second(torch.tanh(self.first(x))))
        return nn.functional.linear(torch.tanh(self.encode(hidden)), self.encode.weight.T)


class Conv1D(nn.Module):
    """La couche linéaire de GPT-2, telle que transformers l'écrit : poids [entrées, sorties]."""

    def __init__(self, nf: int, nx: int) -> None:
        super().__init__()
        self.nf = nf
        self.weight = nn.Parameter(torch.randn(nx, nf) / 2)
        self.bias = nn.Parameter(torch.zeros(nf))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight)
        return flat.reshape(*x.shape[:-1], self.nf)


class InputsFirst(nn.Module):
    """Une convolution transposée à groupes et une `Conv1D` appelée à chaque position."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose1d(
            2, 4, 2, stride=2, padding=1, output_padding=1, groups=2, dilation=2
        )
        self.output = Conv1D(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.output(torch.tanh(self.up(x)).transpose(1, 2))).mean(1)


def _perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))


def _convolution_1d_3d() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(2, 3, 2, stride=2),
        nn.ReLU(inplace=True),
        nn.Unflatten(2, (2, 2, 1)),
        nn.Conv3d(3, 2, (2, 1, 1)),
        nn.Flatten(),
        nn.Linear(4, 3),
    )


def _case(name: str) -> Case:
    classes = torch.randint(0, 3, (7,))
    entropy = nn.CrossEntropyLoss()
    real = torch.float64
    if name == "mlp":
        return Case(_perceptron(), torch.randn(7, 5, dtype=real), classes, entropy)
    if name == "mlp_mse":
        y = torch.randn(7, 3, dtype=real)
        return Case(_perceptron(), torch.randn(7, 5, dtype=real), y, nn.MSELoss())
    if name == "mlp_bce":
        y = torch.rand(7, 3, dtype=real)
        return Case(_perceptron(), torch.randn(7, 5, dtype=real), y, nn.BCEWithLogitsLoss())
    if name == "cnn":
        return Case(Convolutional(), torch.randn(7, 2, 6, 6, dtype=real), classes, entropy)
    if name == "cnn_1d_3d":
        return Case(_convolution_1d_3d(), torch.randn(7, 2, 8, dtype=real), classes, entropy)
    if name == "transformer":
        x = torch.randint(0, 5, (7, 4))
        return Case(Transformer(), x, torch.randint(0, 5, (7,)), entropy)
    if name == "rnn":
        y = torch.randint(0, 3, (7, 4))
        return Case(Recurrent(), torch.randn(7, 4, 3, dtype=real), y, entropy)
    if name == "tied":
        return Case(TiedLinear(), torch.randn(7, 4, dtype=real), classes, entropy)
    if name == "inputs_first":
        return Case(InputsFirst(), torch.randn(7, 2, 3, dtype=real), classes, entropy)
    raise KeyError(name)


NAMES = (
    "mlp",
    "mlp_mse",
    "mlp_bce",
    "cnn",
    "cnn_1d_3d",
    "transformer",
    "rnn",
    "tied",
    "inputs_first",
)


def case(name: str) -> Case:
    """Le cas de ce nom, toujours le même, en float64."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        found = _case(name)
        found.model.double()
    return found


def snapshot(model: nn.Module) -> dict[str, torch.Tensor]:
    """Copie de tous les tenseurs d'un modèle."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(first: Mapping[str, torch.Tensor], second: Mapping[str, torch.Tensor]) -> bool:
    """Dit si deux dictionnaires de tenseurs sont égaux au bit près."""
    return list(first) == list(second) and all(torch.equal(first[k], second[k]) for k in first)
