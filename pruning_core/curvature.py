"""La courbure de la perte : diagonales et matrices de Gauss-Newton, de Fisher et hessiennes.

L est la perte moyenne sur les N exemples, f(x_i) la sortie, J_i sa jacobienne par rapport aux
poids, Λ_i la hessienne de la perte par rapport à la sortie.

- Gauss-Newton généralisée (GGN) : (1/N) Σ_i J_iᵀ Λ_i J_i, semi-définie positive ; pour l'entropie
  croisée Λ_i = diag(p_i) − p_i p_iᵀ, et c'est aussi l'information de Fisher.
- Fisher empirique : (1/N) Σ_i g_i g_iᵀ, g_i le gradient de l'exemple i.
- Hessienne exacte : ∇²L, qui peut être indéfinie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.func import functional_call, grad, vjp, vmap

from pruning_core.checks import check_count
from pruning_core.loss_curvature import curvature_vectors
from pruning_core.magnitude import check_weights
from pruning_core.parameters import resolve_parameters
from pruning_core.per_sample import flat_gradients, has_recurrence, per_sample_sums
from pruning_core.recorder import CHUNK_ELEMENTS, accumulator
from pruning_core.scoring import (
    Criterion,
    Loader,
    batch_loss,
    check_mean_criterion,
    loss_gradients,
    read_batches,
    scoring,
    sum_over_processes,
)

MAX_BYTES = 2**31
"""Mémoire au-delà de laquelle une matrice de courbure complète est refusée (2 Gio)."""


def ggn_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale exacte de la matrice de Gauss-Newton généralisée, ≥ 0.

    Coût : autant de rétropropagations que de sorties ; les couches linéaires et convolutives
    sans tenseur par exemple.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids voulus ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    dict[str, Tensor]
        De la forme des poids, en float32 au moins.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte ou les poids ne conviennent pas.

    References
    ----------
    Martens, 2020, « New insights and perspectives on the natural gradient method », § 8 ;
    Dangel, Kunstner et Hennig, 2020, « BackPACK ».
    """
    chosen = _resolve(model, parameters)
    with scoring(model, chosen):
        batches = read_batches(loader, model, n_batches)
        sums, count = per_sample_sums(
            model, chosen, batches, curvature_vectors(criterion), torch.square
        )
    return _mean(sums, count)


def empirical_fisher_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale de la Fisher empirique, (1/N) Σ_i g_i², avec le gradient de chaque exemple.

    Une seule rétropropagation. Ce n'est pas le carré du gradient moyen d'un lot. Paramètres,
    résultat et erreurs : voir `ggn_diagonal`.

    References
    ----------
    Kunstner, Balles et Hennig, 2019, « Limitations of the empirical Fisher approximation ».
    """
    chosen = _resolve(model, parameters)
    with scoring(model, chosen):
        batches = read_batches(loader, model, n_batches)
        sums, count = per_sample_sums(
            model, chosen, batches, loss_gradients(criterion), torch.square
        )
    return _mean(sums, count)


def hessian_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale exacte de la hessienne ; elle peut avoir des éléments négatifs.

    Coût : un produit hessienne-vecteur par poids ; pour de petits réseaux. Paramètres,
    résultat et erreurs : voir `ggn_diagonal`.
    """
    chosen = _resolve(model, parameters)
    total = _flat_zeros(chosen)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for start, rows in _hessian_rows(model, chosen, criterion, x, y):
                index = torch.arange(len(rows), device=rows.device)
                total[start : start + len(rows)] += rows[index, start + index] * len(x)
            count += len(x)
    return _mean(unflatten(total, chosen), count)


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
    chosen = _resolve(model, parameters)
    total = _square_zeros(chosen, max_bytes)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for gradients in flat_gradients(model, chosen, x, y, curvature_vectors(criterion)):
                total.addmm_(gradients.T, gradients)
            count += len(x)
    return _mean({"": total}, count)[""]


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
    chosen = _resolve(model, parameters)
    total = _square_zeros(chosen, max_bytes)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for gradients in flat_gradients(model, chosen, x, y, loss_gradients(criterion)):
                total.addmm_(gradients.T, gradients)
            count += len(x)
    return _mean({"": total}, count)[""]


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
    chosen = _resolve(model, parameters)
    total = _square_zeros(chosen, max_bytes)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for start, rows in _hessian_rows(model, chosen, criterion, x, y):
                total[start : start + len(rows)] += rows * len(x)
            count += len(x)
    return _mean({"": total}, count)[""]


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


def _resolve(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None
) -> dict[str, nn.Parameter]:
    chosen = resolve_parameters(model, parameters)
    check_weights(chosen)
    return chosen


def _mean(sums: dict[str, torch.Tensor], count: int) -> dict[str, torch.Tensor]:
    count = sum_over_processes(sums, count)
    return {name: total / count for name, total in sums.items()}


def _flat_zeros(parameters: Mapping[str, nn.Parameter], *shape: int) -> torch.Tensor:
    first = next(iter(parameters.values()))
    n = sum(p.numel() for p in parameters.values())
    return torch.zeros(*shape, n, dtype=accumulator(first), device=first.device)


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
    return _flat_zeros(parameters, n)


def _hessian_rows(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    criterion: Criterion,
    x: torch.Tensor,
    y: torch.Tensor,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Lignes de la hessienne de la perte moyenne d'un lot, par paquets : (rang, [c, n])."""
    output, _ = batch_loss(model, criterion, x, y)
    check_mean_criterion(criterion, output, y)
    weights = {name: parameter.detach() for name, parameter in parameters.items()}

    def loss(values: dict[str, torch.Tensor]) -> torch.Tensor:
        return criterion(functional_call(model, values, (x,)), y)

    with torch.no_grad():
        pull = vjp(grad(loss), weights)[1]
    sizes = [weight.numel() for weight in weights.values()]
    n = sum(sizes)
    chunk = max(1, min(64, CHUNK_ELEMENTS // n))
    for start in range(0, n, chunk):
        size = min(chunk, n - start)
        rows = torch.zeros(size, n, dtype=output.dtype, device=output.device)
        rows.diagonal(start).fill_(1.0)
        tangents = {
            name: piece.reshape(size, *weight.shape)
            for (name, weight), piece in zip(
                weights.items(), torch.split(rows, sizes, 1), strict=True
            )
        }
        with torch.no_grad():
            if has_recurrence(model):
                parts = [pull({k: t[i] for k, t in tangents.items()})[0] for i in range(size)]
                result = {k: torch.stack([part[k] for part in parts]) for k in weights}
            else:
                result = vmap(pull)(tangents)[0]
        yield start, torch.cat([result[k].flatten(1) for k in weights], 1)
