"""Les matrices de courbure complètes, pour de petits réseaux."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_count
from pruning_core.curvature.hessian import hessian_rows
from pruning_core.curvature.losses import Vectors, curvature_vectors, loss_gradients
from pruning_core.curvature.output_roots import Draw
from pruning_core.curvature.per_example import ExampleGradients
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.passes import read_batches, sum_dtype, sum_over_processes, undisturbed
from pruning_core.types import Criterion, Loader
from pruning_core.weights.prunable import resolve_weights

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
    vectors = curvature_vectors(criterion)
    return _mean_of_squares(model, loader, vectors, n_batches, parameters, max_bytes)


def sampled_fisher_matrix(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    samples: int = 1,
    seed: int = 0,
    draw: Draw = "signs",
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
    max_bytes: int = MAX_BYTES,
) -> torch.Tensor:
    """Matrice de Gauss-Newton estimée [n, n] ; voir `sampled_fisher_diagonal` et `ggn_matrix`."""
    vectors = SampledFisher(samples, seed, draw).vectors(criterion)
    return _mean_of_squares(model, loader, vectors, n_batches, parameters, max_bytes)


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
    vectors = loss_gradients(criterion)
    return _mean_of_squares(model, loader, vectors, n_batches, parameters, max_bytes)


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
    _check_size(chosen, max_bytes)
    count = 0
    with undisturbed(model, chosen):
        total = _square_zeros(chosen)
        for batch in read_batches(loader, model, n_batches):
            for start, rows in hessian_rows(model, chosen, criterion, batch):
                total[start : start + len(rows)] += rows * len(batch)
            count += len(batch)
    total /= sum_over_processes(total, count)
    return total


def _mean_of_squares(
    model: nn.Module,
    loader: Loader,
    vectors: Vectors,
    n_batches: int | None,
    parameters: Mapping[str, nn.Parameter] | None,
    max_bytes: int,
) -> torch.Tensor:
    """(1/N) Σ_i Σ_c g_ic g_icᵀ, où g_ic = J_iᵀ v_ic : [n, n]."""
    chosen = resolve_weights(model, parameters)
    _check_size(chosen, max_bytes)
    several = ExampleGradients(model, chosen, vectors)
    count = 0
    with undisturbed(model, chosen):
        total = _square_zeros(chosen)
        for batch in read_batches(loader, model, n_batches):
            for gradients in several.flat(batch):
                total.addmm_(gradients.T, gradients)
            count += len(batch)
    total /= sum_over_processes(total, count)
    return total


def _check_size(parameters: Mapping[str, nn.Parameter], max_bytes: int) -> None:
    """Refuse une matrice trop grande, avant tout calcul."""
    check_count(max_bytes, "max_bytes")
    n = sum(p.numel() for p in parameters.values())
    needed = n * n * sum_dtype(next(iter(parameters.values()))).itemsize
    if needed > max_bytes:
        raise MemoryError(
            f"matrice de courbure : reçu {n} poids, soit {needed} octets ; attendu au plus "
            f"{max_bytes} octets (max_bytes). Pour un grand réseau, prenez une diagonale ou "
            "obs_neuron_pruning, qui travaille par neurone."
        )


def _square_zeros(parameters: Mapping[str, nn.Parameter]) -> torch.Tensor:
    n = sum(p.numel() for p in parameters.values())
    first = next(iter(parameters.values()))
    return torch.zeros(n, n, dtype=sum_dtype(first), device=first.device)
