"""Les matrices de courbure complètes, pour de petits réseaux."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_count
from pruning_core.curvature.flat import flat_zeros, mean_over_examples, resolve_weights
from pruning_core.curvature.hessian import hessian_rows
from pruning_core.curvature.layers import accumulator
from pruning_core.curvature.losses import (
    curvature_vectors,
    loss_gradients,
)
from pruning_core.curvature.per_example import flat_gradients
from pruning_core.examples import read_batches, scoring
from pruning_core.types import Criterion, Loader

MAX_BYTES = 2**31
"""Mémoire au-delà de laquelle une matrice de courbure complète est refusée (2 Gio)."""


def ggn_matrix(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
    max_bytes: int = MAX_BYTES,
) -> torch.Tensor:
    """Matrice de Gauss-Newton complète [n, n], pour de petits réseaux.

    Les poids sont rangés à plat dans l'ordre de `parameters` (voir `flatten`).

    Raises
    ------
    MemoryError
        Si la matrice prendrait plus de `max_bytes` octets.
    TypeError, ValueError
        Comme `ggn_diagonal`.
    """
    chosen = resolve_weights(model, parameters)
    total = _square_zeros(chosen, max_bytes)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for gradients in flat_gradients(model, chosen, x, y, curvature_vectors(criterion)):
                total.addmm_(gradients.T, gradients)
            count += len(x)
    return mean_over_examples({"": total}, count)[""]


def empirical_fisher_matrix(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
    max_bytes: int = MAX_BYTES,
) -> torch.Tensor:
    """Fisher empirique complète [n, n], (1/N) Σ_i g_i g_iᵀ ; voir `ggn_matrix`."""
    chosen = resolve_weights(model, parameters)
    total = _square_zeros(chosen, max_bytes)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for gradients in flat_gradients(model, chosen, x, y, loss_gradients(criterion)):
                total.addmm_(gradients.T, gradients)
            count += len(x)
    return mean_over_examples({"": total}, count)[""]


def hessian_matrix(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
    max_bytes: int = MAX_BYTES,
) -> torch.Tensor:
    """Hessienne exacte complète [n, n], parfois indéfinie ; voir `ggn_matrix`."""
    chosen = resolve_weights(model, parameters)
    total = _square_zeros(chosen, max_bytes)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for start, rows in hessian_rows(model, chosen, criterion, x, y):
                total[start : start + len(rows)] += rows * len(x)
            count += len(x)
    return mean_over_examples({"": total}, count)[""]


def _square_zeros(parameters: Mapping[str, nn.Parameter], max_bytes: int) -> torch.Tensor:
    check_count(max_bytes, "max_bytes")
    n = sum(p.numel() for p in parameters.values())
    needed = n * n * accumulator(next(iter(parameters.values()))).itemsize
    if needed > max_bytes:
        raise MemoryError(
            f"matrice de courbure : reçu {n} poids, soit {needed} octets ; attendu au plus "
            f"{max_bytes} octets (max_bytes). Pour un grand réseau, prenez une diagonale ou "
            "obs_neuron_pruning, qui travaille par neurone."
        )
    return flat_zeros(parameters, n)
