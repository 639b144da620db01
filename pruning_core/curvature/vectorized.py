"""Le gradient de chaque exemple par `torch.func`, pour les poids sans forme par facteurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.func import vjp, vmap

from pruning_core.batches import Batch
from pruning_core.passes import has_recurrence


def vectorized_gradients(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    batch: Batch,
    vectors: torch.Tensor,
) -> dict[str, torch.Tensor]:
    """Gradients J_iᵀ v_i des exemples : nom -> [N, *forme].

    Les modules récurrents, que `vmap` ne sait pas vectoriser, passent un exemple à la fois.
    """
    detached = {name: parameter.detach() for name, parameter in parameters.items()}

    def gradient(inputs: Sequence[torch.Tensor], v_i: torch.Tensor) -> dict[str, torch.Tensor]:
        one = batch.with_tensors([tensor.unsqueeze(0) for tensor in inputs])

        def output(weights: dict[str, torch.Tensor]) -> torch.Tensor:
            return one.output(model, weights).values.squeeze(0)

        result: dict[str, torch.Tensor] = vjp(output, detached)[1](v_i)[0]
        return result

    # Sans cela, les poids laissés de côté retiendraient le graphe ; vjp dérive quand même.
    with torch.no_grad():
        if not has_recurrence(model):
            return vmap(gradient, randomness="different")(batch.tensors, vectors)
        rows = zip(*batch.tensors, strict=True)
        each = [gradient(row, v_i) for row, v_i in zip(rows, vectors, strict=True)]
    return {name: torch.stack([found[name] for found in each]) for name in parameters}
