"""Le gradient de chaque exemple par `torch.func`, tous à la fois."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.func import vjp, vmap

from pruning_core.batches import Batch


def vectorized_gradients(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    batch: Batch,
    vectors: torch.Tensor,
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Sorties des exemples lus un par un, [N, ...], et gradients J_iᵀ v_i : nom -> [N, *forme].

    Raises
    ------
    Exception
        De toute sorte, si `torch.func` ne sait pas vectoriser le modèle (récurrence, valeurs lues
        dans `forward`).
    """
    detached = {name: parameter.detach() for name, parameter in parameters.items()}

    def gradient(
        inputs: Sequence[torch.Tensor], v_i: torch.Tensor
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        one = batch.with_tensors([tensor.unsqueeze(0) for tensor in inputs])

        def output(weights: dict[str, torch.Tensor]) -> torch.Tensor:
            return one.output(model, weights).values.squeeze(0)

        derived = vjp(output, detached)
        value: torch.Tensor = derived[0]
        found: dict[str, torch.Tensor] = derived[1](v_i)[0]
        return value, found

    # Sans cela, les poids laissés de côté retiendraient le graphe ; vjp dérive quand même.
    with torch.no_grad():
        outputs, gradients = vmap(gradient, randomness="different")(batch.tensors, vectors)
    return outputs, gradients
