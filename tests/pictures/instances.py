"""Chaque image que l'on bouge, par son nom, sur de petites données."""

from __future__ import annotations

from collections.abc import Callable

import torch

from pruning_core.course.pictures import Bowl, HeatMap
from pruning_core.course.pictures.base import Picture


def curved(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Une courbure définie positive quelconque, et des poids."""
    generator = torch.Generator().manual_seed(size)
    inputs = torch.randn(4 * size, size, generator=generator, dtype=torch.float64)
    inputs[:, 1] += inputs[:, 0]
    weights = torch.randn(size, generator=generator, dtype=torch.float64)
    return inputs.T @ inputs / len(inputs), weights


PICTURES: dict[str, Callable[[], Picture]] = {
    "bowl": lambda: Bowl((1.2, -0.7), ((2.0, -0.6), (-0.6, 0.5)), removed=1),
    "heat_map": lambda: HeatMap(*curved(12)),
}
