"""Les lignes de la hessienne, par produits hessienne-vecteur : on dérive le gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.batches import Batch
from pruning_core.curvature.differentiating import gradients_of, rounding
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
    products = _Products(loss, list(parameters.values()))
    products.check_symmetry()
    n = products.size
    chunk = max(1, min(_MAX_ROWS, CHUNK_ELEMENTS // n))
    starts = range(0, n, chunk)
    for start in tqdm(starts, desc="hessienne", unit="paquet", delay=3, leave=False):
        yield start, products.rows(start, min(chunk, n - start))


class _Products:
    """Produits de la hessienne d'une perte par des vecteurs."""

    def __init__(self, loss: torch.Tensor, weights: list[nn.Parameter]) -> None:
        self._weights = weights
        self._sizes = [weight.numel() for weight in weights]
        self.size = sum(self._sizes)
        self._slope = torch.cat(
            [g.reshape(-1) for g in gradients_of(loss, weights, create_graph=True)]
        )
        self._probe = Probe()
        self._tolerance = rounding(self._slope)
        self._batches = True

    def rows(self, start: int, count: int) -> torch.Tensor:
        """`count` lignes de suite : ensemble si autograd le peut, sinon l'une après l'autre."""
        vectors = self._slope.new_zeros(count, self.size)
        vectors.diagonal(start).fill_(1.0)
        if self._batches:
            found = self._together(vectors)
            if found is not None:
                return found
            self._batches = False
        return torch.stack([self._times(vector) for vector in vectors])

    def check_symmetry(self) -> None:
        """Vérifie que uᵀ(Hv) = vᵀ(Hu) pour deux vecteurs tirés au hasard.

        Raises
        ------
        ValueError
            Si ce n'est pas le cas : une fonction du modèle se dérive mal une seconde fois.
        """
        u, v = (self._probe.like(self._slope.detach()) for _ in range(2))
        by_u, by_v = self._times(u), self._times(v)
        scale = float(u.norm() * by_v.norm() + v.norm() * by_u.norm())
        if float((u @ by_v - v @ by_u).abs()) > self._tolerance * scale:
            raise ValueError(
                "model : reçu un modèle dont la dérivée seconde n'est pas symétrique ; attendu un "
                "modèle qu'autograd sait dériver deux fois. Une torch.autograd.Function qui "
                "ne se dérive qu'une fois en est souvent la cause ; prenez alors la GGN ou la "
                "Fisher empirique."
            )

    def _together(self, vectors: torch.Tensor) -> torch.Tensor | None:
        """Produits de plusieurs vecteurs à la fois, vérifiés sur une combinaison au hasard."""
        if not self._slope.requires_grad:
            return torch.zeros_like(vectors)
        try:
            found = torch.autograd.grad(
                self._slope,
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
        gap = (rows.T @ mix - self._times(vectors.T @ mix)).abs().max()
        return None if bool(gap > self._tolerance * rows.abs().max() * mix.norm()) else rows

    def _times(self, vector: torch.Tensor) -> torch.Tensor:
        if not self._slope.requires_grad:
            return torch.zeros_like(vector)
        return torch.cat(
            [one.reshape(-1) for one in gradients_of(self._slope, self._weights, vector)]
        )
