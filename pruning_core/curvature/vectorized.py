"""Le gradient de chaque exemple par `torch.func`, pour les poids sans forme par facteurs."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.func import functional_call, vjp, vmap

from pruning_core.passes import has_recurrence


def vectorized_gradients(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    x: torch.Tensor,
    vectors: torch.Tensor,
) -> dict[str, torch.Tensor]:
    """Gradients J_iᵀ v_i des exemples : nom -> [N, *forme].

    Les modules récurrents, que `vmap` ne sait pas vectoriser, passent un exemple à la fois.
    """
    detached = {name: parameter.detach() for name, parameter in parameters.items()}

    def gradient(x_i: torch.Tensor, v_i: torch.Tensor) -> dict[str, torch.Tensor]:
        def output(weights: dict[str, torch.Tensor]) -> torch.Tensor:
            value: torch.Tensor = functional_call(model, weights, (x_i.unsqueeze(0),))
            return value.squeeze(0)

        result: dict[str, torch.Tensor] = vjp(output, detached)[1](v_i)[0]
        return result

    # Sans cela, les poids laissés de côté retiendraient le graphe ; vjp dérive quand même.
    with torch.no_grad():
        if not has_recurrence(model):
            return vmap(gradient, randomness="different")(x, vectors)
        each = [gradient(x_i, v_i) for x_i, v_i in zip(x, vectors, strict=True)]
    return {name: torch.stack([one[name] for one in each]) for name in parameters}
