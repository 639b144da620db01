"""Tenir des masques, c'est entraîner le problème vraiment masqué : un tableau d'optimiseurs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch
from torch import nn, optim

from pruning_core.masks.holding import hold_masks
from tests.core.masks.masked_problem import (
    MaskedProblem,
    X,
    Y,
    check_same_training,
    masks_of,
    network,
)

STEPS = 20

# Chaque optimiseur de torch, et les réglages sous lesquels on l'essaie.
OPTIMIZERS: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "maximize": True, "foreach": True},
        {"lr": 0.1, "momentum": 0.9, "fused": True},
    ],
    "Adam": [
        {"lr": 0.01, "weight_decay": 0.1},
        {"lr": 0.01, "amsgrad": True, "foreach": True},
        {"lr": 0.01, "fused": True},
    ],
    "AdamW": [
        {"lr": 0.01, "amsgrad": True},
        {"lr": 0.01, "weight_decay": 0.5, "foreach": True},
        {"lr": 0.01, "fused": True},
    ],
    "Adadelta": [{"lr": 1.0}, {"lr": 1.0, "weight_decay": 0.1, "foreach": True}],
    "Adafactor": [{"lr": 0.05}, {"lr": 0.05, "weight_decay": 0.1, "foreach": True}],
    "Adagrad": [
        {"lr": 0.1, "lr_decay": 0.1},
        {"lr": 0.1, "initial_accumulator_value": 0.1, "foreach": True},
        {"lr": 0.1, "fused": True},
    ],
    "Adamax": [{"lr": 0.01}, {"lr": 0.01, "weight_decay": 0.1, "foreach": True}],
    "ASGD": [{"lr": 0.1, "t0": 5}, {"lr": 0.1, "lambd": 0.1, "foreach": True}],
    "LBFGS": [
        {"lr": 0.1, "max_iter": 4},
        {"max_iter": 4, "history_size": 3, "line_search_fn": "strong_wolfe"},
    ],
    "Muon": [{"lr": 0.01}, {"lr": 0.01, "nesterov": False, "weight_decay": 0.5}],
    "NAdam": [
        {"lr": 0.01},
        {"lr": 0.01, "decoupled_weight_decay": True, "weight_decay": 0.1, "foreach": True},
    ],
    "RAdam": [{"lr": 0.01}, {"lr": 0.01, "weight_decay": 0.1, "foreach": True}],
    "RMSprop": [
        {"lr": 0.01, "centered": True, "momentum": 0.9},
        {"lr": 0.01, "weight_decay": 0.1, "foreach": True},
    ],
    "Rprop": [{"lr": 0.01}, {"lr": 0.01, "foreach": True}],
}

TABLE = [
    pytest.param(name, settings, id=f"{name}-{rank}")
    for name, lines in OPTIMIZERS.items()
    if hasattr(optim, name)
    for rank, settings in enumerate(lines)
]


def train(
    model: nn.Module, optimizer: optim.Optimizer, steps: int = STEPS, clip: float | None = None
) -> None:
    """Des pas de moindres carrés."""

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (model(X) - Y).square().mean()
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        return loss

    for _ in range(steps):
        if isinstance(optimizer, optim.LBFGS):
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize(("name", "settings"), TABLE)
def test_same_as_the_masked_problem(
    name: str, settings: dict[str, Any], clip: float | None
) -> None:
    """Vingt pas tenus sont vingt pas du problème masqué, gradient écrêté par sa norme ou non."""
    held = network(bias=name != "Muon")  # Muon ne prend que des matrices
    before = held[0].weight.detach().clone()
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    hold_masks(held, masks)
    for model in (held, problem):
        train(model, getattr(optim, name)(model.parameters(), **settings), clip=clip)
    check_same_training(held, masks, problem)
    moved = (held[0].weight.detach() - before)[masks["0.weight"]]
    assert float(moved.abs().max()) > 1e-3, "l'optimiseur n'a rien changé"


def test_the_table_has_every_optimizer() -> None:
    """Tous les optimiseurs de torch sont au tableau ; SparseAdam, à part, est pour les creux."""
    known = {
        name
        for name, one in vars(optim).items()
        if isinstance(one, type) and issubclass(one, optim.Optimizer) and one is not optim.Optimizer
    }
    assert known - {"SparseAdam"} <= set(OPTIMIZERS)


@pytest.mark.parametrize(("name", "settings"), TABLE)
def test_an_old_state_brings_nothing_back(name: str, settings: dict[str, Any]) -> None:
    """L'inertie d'avant la tenue ne fait renaître aucun poids, et change les autres comme θ."""
    held = network(bias=name != "Muon")
    optimizer = getattr(optim, name)(held.parameters(), **settings)
    train(held, optimizer, steps=3)
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    twin = getattr(optim, name)(problem.parameters(), **settings)
    # Et non load_state_dict, qui convertit l'état de NAdam en float64.
    for parameter, theta in zip(held.parameters(), problem.parameters(), strict=True):
        twin.state[theta] = copy.deepcopy(optimizer.state[parameter])
    hold_masks(held, masks)
    train(held, optimizer, steps=5)
    train(problem, twin, steps=5)
    check_same_training(held, masks, problem)


BUILD: list[Callable[[Iterable[nn.Parameter]], optim.Optimizer]] = [
    lambda p: optim.SparseAdam(p, 0.1),
    lambda p: optim.SGD(p, 0.1, momentum=0.9),
]


@pytest.mark.parametrize("build", BUILD)
def test_sparse_gradients(build: Callable[..., optim.Optimizer]) -> None:
    """Le gradient creux d'un plongement est masqué lui aussi, et reste creux."""
    rows = torch.tensor([0, 2, 2, 5])
    held, plain = (nn.Embedding(6, 4, sparse=True).double() for _ in range(2))
    mask = torch.rand(6, 4) < 0.5
    hold_masks(held, {"weight": mask})
    plain.load_state_dict(held.state_dict())
    first, second = build(held.parameters()), build(plain.parameters())
    for _ in range(5):
        for model, optimizer in ((held, first), (plain, second)):
            optimizer.zero_grad()
            (model(rows) - 1.0).square().sum().backward()
            gradient = model.weight.grad
            assert gradient.is_sparse
            if model is plain:
                dense = gradient.to_dense() * mask
                model.weight.grad = torch.sparse_coo_tensor(
                    gradient.coalesce().indices(),
                    dense[gradient.coalesce().indices()[0]],
                    (6, 4),
                    check_invariants=True,
                )
            optimizer.step()
    assert not bool(held.weight[~mask].any())
    torch.testing.assert_close(held.weight[mask], plain.weight[mask])
