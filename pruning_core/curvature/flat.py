"""Des tenseurs par poids à un vecteur, et retour."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.curvature.layers import accumulator
from pruning_core.distributed import sum_over_processes
from pruning_core.weights.prunable import check_weights, resolve_parameters


def flatten(tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Met bout à bout des tenseurs, à plat, dans l'ordre du dictionnaire : [n]."""
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors.values()])


def unflatten(vector: torch.Tensor, like: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Découpe un vecteur [n] en tenseurs des noms et des formes de `like`."""
    pieces = torch.split(vector, [tensor.numel() for tensor in like.values()])
    return {
        name: piece.reshape(tensor.shape)
        for (name, tensor), piece in zip(like.items(), pieces, strict=True)
    }


def resolve_weights(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None
) -> dict[str, nn.Parameter]:
    chosen = resolve_parameters(model, parameters)
    check_weights(chosen)
    return chosen


def mean_over_examples(sums: dict[str, torch.Tensor], count: int) -> dict[str, torch.Tensor]:
    count = sum_over_processes(sums, count)
    return {name: total / count for name, total in sums.items()}


def flat_zeros(parameters: Mapping[str, nn.Parameter], *shape: int) -> torch.Tensor:
    first = next(iter(parameters.values()))
    n = sum(p.numel() for p in parameters.values())
    return torch.zeros(*shape, n, dtype=accumulator(first), device=first.device)
