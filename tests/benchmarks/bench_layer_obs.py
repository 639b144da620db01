"""OBS d'une couche, d'après ses entrées : erreur de sortie, contre SparseGPT et OBC."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from pruning_core import (
    apply_masks,
    compensate,
    count_pruned,
    global_masks,
    inverse_curvature,
    magnitude_scores,
    obs_layer_pruning,
    remove_one,
)
from tests.benchmarks.measuring import measure

SPARSITY = 0.5
DAMPING = 1e-2
OBC = "OBC, ligne par ligne"

_SPARSEGPT_BLOCK = 128


def run(method: str, inputs: int, outputs: int, samples: int, seed: int) -> dict[str, Any]:
    """Élague une couche sans biais à 50 %, sur des entrées corrélées, et mesure l'erreur.

    Returns
    -------
    dict
        `seconds`, `peak_bytes`, et `error`, ‖X(Ŵ − W)ᵀ‖² / ‖XWᵀ‖².
    """
    generator = torch.Generator().manual_seed(seed)
    # Chaque entrée mêle quelques dizaines de facteurs communs et un bruit propre.
    factors = torch.randn(inputs // 4, inputs, generator=generator)
    x = torch.randn(samples, inputs // 4, generator=generator) @ factors / (inputs // 4) ** 0.5
    x = (x + 0.5 * torch.randn(samples, inputs, generator=generator)).double()
    weight = torch.randn(outputs, inputs, generator=generator).double() / inputs**0.5
    prune = METHODS[method]
    prune(weight[:2, :8], x[:, :8])
    found = measure(lambda: prune(weight, x))
    change, output = x @ (found.result - weight).T, x @ weight.T
    return found.cost() | {
        "error": float(change.square().sum() / output.square().sum()),
        "sparsity": float((found.result == 0).double().mean()),
    }


def by_pruning_core(weight: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`pruning_core.obs_layer_pruning`, sur une couche seule."""
    model = _layer(weight)
    pruned = obs_layer_pruning(model, [(x, x)], SPARSITY, damping=DAMPING)
    pruned.apply(model)
    return model.weight.detach()


def by_magnitude(weight: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Les plus petits poids à zéro, sans rien ajuster."""
    model = _layer(weight)
    apply_masks(model, global_masks(magnitude_scores(model), SPARSITY))
    return model.weight.detach()


def by_sparsegpt(weight: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """SparseGPT, écrit au plus simple : une factorisation, colonne après colonne.

    References
    ----------
    Frantar et Alistarh, 2023, algorithme 1 (ici avec exactement la moitié des poids d'un bloc).
    """
    weight = weight.clone()
    upper = torch.linalg.cholesky(inverse_curvature(_curvature(x), damping=DAMPING), upper=True)
    pivots = upper.diagonal()
    for start in range(0, weight.shape[1], _SPARSEGPT_BLOCK):
        block = slice(start, min(start + _SPARSEGPT_BLOCK, weight.shape[1]))
        scores = (weight[:, block] / pivots[block]).square()
        kept = global_masks({"bloc": scores}, SPARSITY)["bloc"]
        for column in range(block.start, block.stop):
            gone = weight[:, column].masked_fill(kept[:, column - start], 0.0)
            weight[:, column:] -= torch.outer(gone / pivots[column], upper[column, column:])
            weight[:, column].masked_fill_(~kept[:, column - start], 0.0)
    return weight


def by_obc(weight: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """OBC exact : un poids à la fois dans chaque ligne, puis les pertes des lignes mêlées.

    References
    ----------
    Frantar, Singh et Alistarh, 2022, algorithmes 1 et 2.
    """
    curvature = _curvature(x)
    curvature.diagonal().add_(DAMPING * float(curvature.diagonal().mean()))
    inverse = inverse_curvature(curvature)
    traces = [_trace(row, inverse.clone()) for row in weight]
    kept = torch.ones_like(weight, dtype=torch.bool)
    heads = [(trace[0][0], row, 0) for row, trace in enumerate(traces)]
    heapq.heapify(heads)
    for _ in range(count_pruned(weight.numel(), SPARSITY)):
        _, row, rank = heapq.heappop(heads)
        kept[row, traces[row][rank][1]] = False
        if rank + 1 < len(traces[row]):
            heapq.heappush(heads, (traces[row][rank + 1][0], row, rank + 1))
    rows = [compensate(w, curvature, k) for w, k in zip(weight, kept, strict=True)]
    return torch.stack(rows)


def _trace(row: torch.Tensor, inverse: torch.Tensor) -> list[tuple[float, int]]:
    """Perte et rang de chaque poids d'une ligne, dans l'ordre où OBS les supprime."""
    row = row.clone()
    gone = torch.zeros_like(row, dtype=torch.bool)
    trace = []
    for _ in range(len(row)):
        losses = (row.square() / inverse.diagonal()).masked_fill(gone, torch.inf)
        index = int(losses.argmin())
        trace.append((float(losses[index]), index))
        remove_one(row, inverse, index)
        gone[index] = True
    return trace


def _curvature(x: torch.Tensor) -> torch.Tensor:
    return 2.0 * x.T @ x / len(x)


def _layer(weight: torch.Tensor) -> nn.Linear:
    model = nn.Linear(weight.shape[1], weight.shape[0], bias=False, dtype=weight.dtype)
    with torch.no_grad():
        model.weight.copy_(weight)
    return model


METHODS: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "pruning_core.obs_layer_pruning": by_pruning_core,
    "SparseGPT": by_sparsegpt,
    OBC: by_obc,
    "magnitude": by_magnitude,
}
