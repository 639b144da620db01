"""Les lignes de la hessienne, par produits hessienne-vecteur."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.func import grad, vjp, vmap

from pruning_core.batches import Batch
from pruning_core.curvature.batch_loss import loss_of
from pruning_core.curvature.losses import batch_loss
from pruning_core.curvature.per_example import CHUNK_ELEMENTS
from pruning_core.passes import has_recurrence
from pruning_core.types import Criterion


def hessian_rows(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    criterion: Criterion,
    batch: Batch,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Lignes de la hessienne de la perte moyenne d'un lot, par paquets : (rang, [c, n])."""
    output, _ = batch_loss(model, criterion, batch)
    weights = {name: parameter.detach() for name, parameter in parameters.items()}

    def loss(values: dict[str, torch.Tensor]) -> torch.Tensor:
        return loss_of(criterion, batch.output(model, values), batch.target)

    with torch.no_grad():
        pull = vjp(grad(loss), weights)[1]
    sizes = [weight.numel() for weight in weights.values()]
    n = sum(sizes)
    chunk = max(1, min(64, CHUNK_ELEMENTS // n))
    for start in range(0, n, chunk):
        size = min(chunk, n - start)
        rows = torch.zeros(size, n, dtype=output.values.dtype, device=output.values.device)
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
