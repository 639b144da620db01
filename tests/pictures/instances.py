"""Chaque image que l'on bouge, par son nom, sur de petites données."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import torch
from torch import nn

from pruning_core import (
    global_masks,
    hold_masks,
    magnitude_scores,
    prunable_parameters,
    pruned_copy,
)
from pruning_core.course import models
from pruning_core.course.pictures import (
    Bowl,
    Budget,
    Cancellation,
    Epochs,
    FirstStep,
    HeatMap,
    LossPath,
    ScaleFactor,
    Scatter,
)
from pruning_core.course.pictures.base import Picture


def curved(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Une courbure définie positive quelconque, et des poids."""
    generator = torch.Generator().manual_seed(size)
    inputs = torch.randn(4 * size, size, generator=generator, dtype=torch.float64)
    inputs[:, 1] += inputs[:, 0]
    weights = torch.randn(size, generator=generator, dtype=torch.float64)
    return inputs.T @ inputs / len(inputs), weights


def quartic(weights: torch.Tensor) -> float:
    """Une perte qui n'est pas une parabole."""
    return float((weights - curved(12)[1]).pow(4).sum())


def scored() -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], torch.Tensor]:
    """Deux couches de poids, des scores dont plusieurs sont nuls, et une image moyenne."""
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: torch.randn(*shape, generator=generator)
        for name, shape in (("0.weight", (6, 16)), ("2.weight", (3, 6)))
    }
    scores = {
        name: torch.rand(weight.shape, generator=generator) * weight.abs()
        for name, weight in weights.items()
    }
    scores["0.weight"][:, ::4] = 0
    return weights, scores, torch.linspace(0, 1, 16)


def rescaled(factor: float) -> nn.Module:
    """Un petit réseau, sa première couche multipliée et la suivante divisée."""
    torch.manual_seed(0)
    return models.rescaled(nn.Sequential(nn.Linear(9, 6), nn.ReLU(), nn.Linear(6, 4)), 0, factor)


def few_zeros(model: nn.Module) -> float:
    """Une « exactitude » qui dépend des poids gardés, et non de leur échelle."""
    first, last = ((model[rank].weight != 0).double().mean().item() for rank in (0, 2))
    return 0.4 * first + 0.6 * last


def three_layers() -> nn.Module:
    """Un petit réseau à trois couches, la dernière très petite."""
    torch.manual_seed(0)
    layers = nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2)
    return nn.Sequential(*layers)


def weighed(model: nn.Module) -> float:
    """Une « exactitude » où les poids de la dernière couche comptent le plus."""
    kept = [(model[rank].weight != 0).double().mean().item() for rank in (0, 2, 4)]
    return 0.2 * kept[0] + 0.3 * kept[1] + 0.5 * kept[2]


def opposed() -> dict[str, tuple[float, torch.Tensor]]:
    """Deux poids : l'un dont les gradients s'opposent, l'autre où presque tous sont nuls."""
    generator = torch.Generator().manual_seed(0)
    gradients = torch.randn(30, generator=generator, dtype=torch.float64).pow(3) * 1e-3
    rare = torch.zeros(30, dtype=torch.float64)
    rare[[4, 21]] = torch.tensor([2e-4, 3e-4], dtype=torch.float64)
    return {"centre": (-0.3, gradients), "bord": (0.4, rare)}


def shrunk(model: nn.Module, sparsity: float) -> nn.Module:
    """Une copie élaguée par la magnitude."""
    return pruned_copy(model, global_masks(magnitude_scores(model), sparsity))


def wavy(model: nn.Module) -> float:
    """Une perte qui n'est pas une parabole, sur tous les poids."""
    flat = torch.cat([weight.detach().flatten() for weight in model.parameters()])
    return float((1.5 + (3 * flat).sin() + 0.1 * flat**2).mean())


def wavy_terms(start: nn.Module, end: nn.Module) -> tuple[float, float]:
    """Ses deux premiers ordres, d'un réseau à l'autre."""
    flat, there = (
        torch.cat([weight.detach().flatten() for weight in net.parameters()])
        for net in (start, end)
    )
    step = there - flat
    first = ((3 * (3 * flat).cos() + 0.2 * flat) * step).mean()
    second = 0.5 * ((0.2 - 9 * (3 * flat).sin()) * step**2).mean()
    return float(first), float(second)


def stepped(*, hold: bool) -> list[dict[str, torch.Tensor]]:
    """Les poids d'un réseau élagué à 80 %, puis après chacun de trois pas d'Adam."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(40, 16, generator=generator)
    inputs[:, 3] = 0  # une entrée toujours nulle : ses poids ne bougent pas
    model = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
    for parameter in model.parameters():
        nn.init.normal_(parameter, generator=generator)
    masks = global_masks(magnitude_scores(model), 0.8)
    model = pruned_copy(model, masks)
    if hold:
        hold_masks(model, masks)
    weights = prunable_parameters(model)
    steps = [{name: weight.detach().clone() for name, weight in weights.items()}]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(3):
        optimizer.zero_grad()
        model(inputs).square().mean().backward()
        optimizer.step()
        steps.append({name: weight.detach().clone() for name, weight in weights.items()})
    return steps


def measured() -> pd.DataFrame:
    """Trois méthodes, deux sparsités, deux graines, et leur affinage."""
    regimes = ("none", "15 epochs", "gradual 15 epochs", "70 epochs", "gradual 70 epochs")
    rows = [(seed, 0.0, "dense", "none", 0.96 + seed / 100) for seed in range(2)]
    rows += [
        (seed, asked, method, regime, 0.9 - asked / 10 + rank / 50 - seed / 9 + place / 100)
        for seed in range(2)
        for asked in (0.8, 0.95)
        for rank, method in enumerate(("obs", "random", "magnitude"))
        for place, regime in enumerate(regimes)
    ]
    return pd.DataFrame(rows, columns=["seed", "asked", "method", "regime", "accuracy"])


PICTURES: dict[str, Callable[[], Picture]] = {
    "bowl": lambda: Bowl((1.2, -0.7), ((2.0, -0.6), (-0.6, 0.5)), removed=1),
    "budget": lambda: Budget(three_layers(), weighed, sparsity=0.7),
    "cancellation": lambda: Cancellation(opposed(), sizes=(1, 4, 8, 30), size=8),
    "epochs": lambda: Epochs(measured()),
    "first_step": lambda: FirstStep(stepped(hold=False), stepped(hold=True)),
    "heat_map": lambda: HeatMap(*curved(12), loss=quartic),
    "loss_path": lambda: LossPath(
        rescaled(1).double(), shrunk, wavy, wavy_terms, sparsity=0.8, steps=(1, 4)
    ),
    "scale_factor": lambda: ScaleFactor(rescaled, few_zeros, factors=(0.5, 1, 20)),
    "scatter": lambda: Scatter(*scored(), sparsity=0.5),
}
