"""Les pertes avec lesquelles on s'entraîne, chacune avec un petit modèle et des données triées."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import prunable_parameters
from tests.core.oracles import Dense, by_batch

SIZES = (1, 9, 4)
COUNT = sum(SIZES)
CLASS_WEIGHTS = torch.tensor([1.0, 20.0, 0.3], dtype=torch.float64)


class Net(nn.Module):
    """Un perceptron dont la sortie prend la forme que l'on veut."""

    def __init__(self, outputs: int, form: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.hidden = nn.Linear(3, 3)
        self.output = nn.Linear(3, outputs)
        self.form = form
        self.double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.form(self.output(torch.tanh(self.hidden(x))))


class Setting(NamedTuple):
    """Un modèle, ses lots et une perte."""

    model: nn.Module
    loader: list[tuple[torch.Tensor, torch.Tensor]]
    criterion: Callable

    @property
    def names(self) -> list[str]:
        return list(prunable_parameters(self.model))

    def oracle(self) -> Dense:
        return by_batch(self.model, self.loader, self.criterion, self.names)


class Entropy(nn.CrossEntropyLoss):
    """Une sous-classe qui change la perte : elle n'est pas l'entropie croisée."""

    def forward(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return super().forward(2 * output, y) + 0.1 * output.square().mean()


class Squared(nn.MSELoss):
    """Une sous-classe qui change la perte : elle n'est pas l'erreur quadratique."""

    def forward(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return super().forward(output, y) + (output - y).pow(4).mean()


def _classes() -> torch.Tensor:
    """Triées, la classe rare à la fin."""
    return torch.tensor([0] * 8 + [2] * 4 + [1] * 2)


def _padded() -> torch.Tensor:
    """Des suites de 3 mots, complétées par -100 à partir du onzième exemple."""
    y = torch.randint(0, 3, (COUNT, 3))
    y[10, 2:], y[12, 1:], y[13, 1:] = -100, -100, -100
    return y


def _ignored() -> torch.Tensor:
    y = _classes()
    y[[5, 12]] = -100
    return y


def by_word(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """L'entropie croisée de tous les mots d'un lot de suites, [N, T, C] contre [N, T]."""
    return F.cross_entropy(output.flatten(0, 1), y.flatten())


def _soft() -> torch.Tensor:
    """Des cibles douces, dont la somme n'est pas 1."""
    return torch.rand(COUNT, 3, dtype=torch.float64) * torch.linspace(0.2, 2, COUNT)[:, None]


def _far() -> torch.Tensor:
    """Des cibles proches, puis loin : les deux zones de Huber, triées."""
    return torch.linspace(-0.5, 12, COUNT, dtype=torch.float64)


def _binary() -> torch.Tensor:
    return (torch.arange(COUNT) >= 11).double()


def _plain(output: torch.Tensor) -> torch.Tensor:
    return output


def _vector(output: torch.Tensor) -> torch.Tensor:
    return output.squeeze(-1)


def _words(output: torch.Tensor) -> torch.Tensor:
    return torch.stack([output, output.roll(1, -1).sin(), 0.5 * output], 1)


def _words_last(output: torch.Tensor) -> torch.Tensor:
    return _words(output).transpose(1, 2)


def _of_sums(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (output - y).sum(1).square().mean()


def entropy(**options) -> Callable:
    """L'entropie croisée, écrite en une fonction."""
    return lambda o, y: F.cross_entropy(o, y, **options)


CE = nn.CrossEntropyLoss
W = CLASS_WEIGHTS
# sorties, forme, cible, perte
LOSSES: dict[str, tuple[int, Callable, Callable, Callable]] = {
    "weights": (3, _plain, _classes, CE(weight=W)),
    "weights_lambda": (3, _plain, _classes, entropy(weight=W)),
    "weights_partial": (3, _plain, _classes, functools.partial(F.cross_entropy, weight=W)),
    "ignored": (3, _plain, _ignored, CE()),
    "ignored_weights_smoothing": (3, _plain, _ignored, CE(weight=W, label_smoothing=0.2)),
    "ignored_class": (3, _plain, _classes, CE(ignore_index=2)),
    "soft": (3, _plain, _soft, CE()),
    "soft_weights_smoothing": (3, _plain, _soft, CE(weight=W, label_smoothing=0.2)),
    "subclass": (3, _plain, _classes, Entropy()),
    "subclass_squared": (2, _plain, lambda: _soft()[:, :2], Squared()),
    "words": (3, _words, _padded, by_word),
    "words_last": (3, _words_last, _padded, CE()),
    "words_last_weights": (3, _words_last, _padded, F.cross_entropy),
    "mse_vector": (1, _vector, _far, nn.MSELoss()),
    "mse_column": (1, _plain, lambda: _far()[:, None], nn.MSELoss()),
    "mse_squeezed": (1, _plain, _far, lambda o, y: F.mse_loss(o.squeeze(-1), y)),
    "bce_vector": (1, _vector, _binary, nn.BCEWithLogitsLoss()),
    "bce_column": (1, _plain, lambda: _binary()[:, None], nn.BCEWithLogitsLoss()),
    "bce_weighted": (
        *(2, _plain, lambda: _soft()[:, :2].clamp(max=1)),
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor([7.0, 0.5], dtype=torch.float64)),
    ),
    "bce_probabilities": (1, lambda o: o.sigmoid().squeeze(-1), _binary, nn.BCELoss()),
    "huber_vector": (1, _vector, _far, nn.HuberLoss()),
    "huber_column": (1, _plain, lambda: _far()[:, None], nn.HuberLoss(delta=2.0)),
    "smooth_l1": (1, _vector, _far, nn.SmoothL1Loss()),
    "poisson": (1, _vector, _far, nn.PoissonNLLLoss()),
    "poisson_column": (1, _plain, lambda: _far()[:, None], nn.PoissonNLLLoss()),
    "coupled_outputs": (
        2,
        _plain,
        lambda: _soft()[:, :2],
        lambda o, y: (o - y).sum(1).pow(2).mean(),
    ),
}


def setting(name: str, order: torch.Tensor | None = None) -> Setting:
    """Le modèle et les données d'une perte, dans leur ordre ou un autre."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        outputs, form, target, criterion = LOSSES[name]
        model = Net(outputs, form)
        x, y = torch.randn(COUNT, 3, dtype=torch.float64), target()
    if order is not None:
        x, y = x[order], y[order]
    return Setting(model, list(zip(x.split(SIZES), y.split(SIZES), strict=True)), criterion)
