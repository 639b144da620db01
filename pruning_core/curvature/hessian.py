"""Les lignes de la hessienne, par produits hessienne-vecteur : on dérive le gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.batches import Batch
from pruning_core.curvature.batch_loss import loss_of
from pruning_core.curvature.differentiating import check_depends, gradients_of, rounding
from pruning_core.curvature.flattening import unflatten
from pruning_core.curvature.losses import batch_loss
from pruning_core.curvature.per_example import CHUNK_ELEMENTS
from pruning_core.curvature.verifying import Probe
from pruning_core.types import Criterion

_MAX_ROWS = 64


def hessian_rows(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    criterion: Criterion,
    batch: Batch,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Lignes de la hessienne de la perte moyenne d'un lot, par paquets : (rang, [c, n]).

    Raises
    ------
    ValueError
        Si autograd ne sait pas dériver deux fois le modèle.
    """
    _, loss = batch_loss(model, criterion, batch)
    check_depends(loss)
    products = _Products(loss, list(parameters.values()))
    if _has_own_function(loss):
        _check_by_differences(model, parameters, criterion, batch, products)
    n = products.size
    chunk = max(1, min(_MAX_ROWS, CHUNK_ELEMENTS // n))
    starts = range(0, n, chunk)
    for start in tqdm(starts, desc="hessienne", unit="paquet", delay=3, leave=False):
        yield start, products.rows(start, min(chunk, n - start))


class _Products:
    """Produits de la hessienne d'une perte par des vecteurs.

    Attributes
    ----------
    size : int
        Le nombre n de poids.
    slope : Tensor [n]
        Le gradient, à plat, avec son graphe.
    """

    def __init__(self, loss: torch.Tensor, weights: list[nn.Parameter]) -> None:
        self._weights = weights
        self._sizes = [weight.numel() for weight in weights]
        self.size = sum(self._sizes)
        self.slope = torch.cat(
            [g.reshape(-1) for g in gradients_of(loss, weights, create_graph=True)]
        )
        self._probe = Probe()
        self._tolerance = rounding(self.slope)
        self._batches = True

    def rows(self, start: int, count: int) -> torch.Tensor:
        """`count` lignes de suite : ensemble si autograd le peut, sinon l'une après l'autre."""
        vectors = self.slope.new_zeros(count, self.size)
        vectors.diagonal(start).fill_(1.0)
        if self._batches:
            found = self._together(vectors)
            if found is not None:
                return found
            self._batches = False
        return torch.stack([self.times(vector) for vector in vectors])

    def _together(self, vectors: torch.Tensor) -> torch.Tensor | None:
        """Produits de plusieurs vecteurs à la fois, vérifiés sur une combinaison au hasard."""
        if not self.slope.requires_grad:
            return torch.zeros_like(vectors)
        try:
            found = torch.autograd.grad(
                self.slope,
                self._weights,
                vectors,
                retain_graph=True,
                is_grads_batched=True,
                materialize_grads=True,
            )
        except Exception:
            # Quelle qu'elle soit, l'erreur d'un modèle reviendra par l'autre voie.
            return None
        rows = torch.cat([one.reshape(len(vectors), -1) for one in found], 1)
        mix = self._probe.like(vectors[:, 0])
        gap = (rows.T @ mix - self.times(vectors.T @ mix)).abs().max()
        return None if bool(gap > self._tolerance * rows.abs().max() * mix.norm()) else rows

    def times(self, vector: torch.Tensor) -> torch.Tensor:
        """Produit par un vecteur [n]."""
        if not self.slope.requires_grad:
            return torch.zeros_like(vector)
        return torch.cat(
            [one.reshape(-1) for one in gradients_of(self.slope, self._weights, vector)]
        )


def _has_own_function(loss: torch.Tensor) -> bool:
    """Dit si le graphe passe par une `torch.autograd.Function` écrite en Python."""
    seen: set[Any] = {None}
    waiting: list[Any] = [loss.grad_fn]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            return True
        seen.add(node)
        waiting.extend(following for following, _ in node.next_functions)
    return False


def _check_by_differences(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    criterion: Criterion,
    batch: Batch,
    products: _Products,
) -> None:
    """Compare un produit de la hessienne à une différence de gradients.

    Autograd dérive une fonction écrite pour lui comme elle le dit, et se trompe en silence si elle
    n'est faite que pour une dérivation. Celles de torch sont sûres.

    Raises
    ------
    ValueError
        S'ils diffèrent.
    """
    epsilon = torch.finfo(products.slope.dtype).eps
    step = epsilon ** (1 / 3)
    direction = Probe().like(products.slope.detach())
    moves = unflatten(direction * step, parameters)

    def slope(sign: int) -> torch.Tensor:
        moved = {n: (p + sign * moves[n]).detach().requires_grad_() for n, p in parameters.items()}
        loss = loss_of(criterion, batch.output(model, moved), batch.target)
        return torch.cat([g.reshape(-1) for g in gradients_of(loss, list(moved.values()))])

    measured = (slope(1) - slope(-1)) / (2 * step)
    told = products.times(direction)
    noise = 10 * epsilon * float(products.slope.detach().norm()) / step
    allowed = epsilon**0.25 * float(told.norm() + measured.norm()) + noise
    if float((measured - told).norm()) > allowed:
        raise ValueError(
            "model : reçu une torch.autograd.Function dont la dérivée seconde est fausse ; attendu "
            "une fonction qui se dérive deux fois, par des opérations de torch sur ce qu'elle a "
            "mis de côté (save_for_backward). Sinon, prenez la GGN ou la Fisher empirique."
        )
