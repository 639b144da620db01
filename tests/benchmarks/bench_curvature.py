"""Diagonales de la Fisher empirique et de la GGN : pruning_core, BackPACK et `torch.func.vmap`."""

from __future__ import annotations

import copy
import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.func import functional_call, grad, vjp, vmap
from torch.nn import functional as F

from pruning_core import empirical_fisher_diagonal, ggn_diagonal, prunable_parameters
from pruning_core.course.datasets import load_mnist
from pruning_core.course.models import lenet_300_100
from tests.benchmarks.measuring import measure

BACKPACK = "BackPACK"
QUANTITIES = ("Fisher empirique", "GGN")

# Exemples par paquet de vmap : assez pour vectoriser, assez peu pour la mémoire.
_CHUNK = 64
_TOLERANCE = 1e-3

Diagonal = dict[str, torch.Tensor]


def run(quantity: str, network: str, method: str, samples: int, repeats: int) -> dict[str, Any]:
    """Mesure une diagonale sur des images MNIST, et la compare à celle de pruning_core.

    Raises
    ------
    ValueError
        Si les deux diagonales diffèrent : on ne compare pas le temps de deux calculs différents.
    """
    model = NETWORKS[network]()
    x, y = (part[:samples] for part in load_mnist().train)
    x = x if network == "LeNet-300-100" else x.reshape(-1, 1, 28, 28)
    diagonal = METHODS[method][quantity]
    diagonal(model, x[:8], y[:8])
    found = measure(lambda: diagonal(model, x, y), repeats=repeats)
    reference = METHODS["pruning_core"][quantity]
    _check_equal(found.result, reference(model, x, y), (method, quantity))
    return found.cost()


def available(method: str) -> bool:
    """Dit si la bibliothèque de la méthode est installée."""
    return method != BACKPACK or importlib.util.find_spec("backpack") is not None


def lenet_5() -> nn.Sequential:
    """LeNet-5 tel que l'élagage le prend d'ordinaire : 430 500 poids.

    References
    ----------
    Han et coll., 2015, table 1.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(1, 20, 5),
            nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(800, 500),
            nn.ReLU(),
            nn.Linear(500, 10),
        )


def _check_equal(found: Diagonal, expected: Diagonal, what: object) -> None:
    for name, value in expected.items():
        gap = float((found[name] - value).norm() / value.norm())
        if not gap < _TOLERANCE:
            raise ValueError(f"{what}, {name} : écart relatif de {gap:.2g} ; attendu presque nul.")


def _fisher_by_core(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Diagonal:
    return empirical_fisher_diagonal(model, [(x, y)], nn.CrossEntropyLoss())


def _ggn_by_core(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Diagonal:
    return ggn_diagonal(model, [(x, y)], nn.CrossEntropyLoss())


def _by_backpack(model: nn.Module, x: torch.Tensor, y: torch.Tensor, attribute: str) -> Diagonal:
    import backpack
    from backpack import extensions

    extension = {
        "sum_grad_squared": extensions.SumGradSquared,
        "diag_ggn_exact": extensions.DiagGGNExact,
    }[attribute]()
    twin = backpack.extend(copy.deepcopy(model))
    criterion = backpack.extend(nn.CrossEntropyLoss())
    with warnings.catch_warnings(), backpack.backpack(extension):
        warnings.simplefilter("ignore")
        criterion(twin(x), y).backward()
    return {name: getattr(p, attribute) for name, p in prunable_parameters(twin).items()}


def _fisher_by_backpack(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Diagonal:
    # BackPACK somme les carrés des gradients déjà divisés par N.
    sums = _by_backpack(model, x, y, "sum_grad_squared")
    return {name: total * len(x) for name, total in sums.items()}


def _ggn_by_backpack(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Diagonal:
    return _by_backpack(model, x, y, "diag_ggn_exact")


def _fisher_by_vmap(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Diagonal:
    weights = {name: p.detach() for name, p in prunable_parameters(model).items()}

    def loss(w: Diagonal, x_i: torch.Tensor, y_i: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(functional_call(model, w, (x_i[None],)), y_i[None])

    gradients = vmap(grad(loss), (None, 0, 0))
    return _mean_square(weights, x, y, lambda x_part, y_part: [gradients(weights, x_part, y_part)])


def _ggn_by_vmap(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> Diagonal:
    weights = {name: p.detach() for name, p in prunable_parameters(model).items()}

    def pull(x_i: torch.Tensor, c: int) -> Diagonal:
        output, back = vjp(lambda w: functional_call(model, w, (x_i[None],))[0], weights)
        p = output.softmax(0)
        return back(p[c].sqrt() * (F.one_hot(torch.tensor(c), len(p)) - p))[0]

    def by_class(x_part: torch.Tensor, y_part: torch.Tensor) -> list[Diagonal]:
        return [vmap(lambda x_i, c=c: pull(x_i, c))(x_part) for c in range(10)]

    return _mean_square(weights, x, y, by_class)


def _mean_square(
    weights: Diagonal,
    x: torch.Tensor,
    y: torch.Tensor,
    gradients: Callable[[torch.Tensor, torch.Tensor], list[Diagonal]],
) -> Diagonal:
    total = {name: torch.zeros_like(w) for name, w in weights.items()}
    with torch.no_grad():
        for x_part, y_part in zip(x.split(_CHUNK), y.split(_CHUNK), strict=True):
            for found in gradients(x_part, y_part):
                for name, gradient in found.items():
                    total[name] += gradient.square().sum(0)
    return {name: value / len(x) for name, value in total.items()}


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "LeNet-300-100": lenet_300_100,
    "LeNet-5": lenet_5,
}

METHODS: dict[str, dict[str, Callable[..., Diagonal]]] = {
    "pruning_core": dict(zip(QUANTITIES, (_fisher_by_core, _ggn_by_core), strict=True)),
    BACKPACK: dict(zip(QUANTITIES, (_fisher_by_backpack, _ggn_by_backpack), strict=True)),
    "vmap, par exemple": dict(zip(QUANTITIES, (_fisher_by_vmap, _ggn_by_vmap), strict=True)),
}
