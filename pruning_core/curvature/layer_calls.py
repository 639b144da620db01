"""Un appel d'une couche W a + b, linéaire ou convolutive : ses entrées, ses sorties, ses lignes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from pruning_core.curvature.convolutions import CONVOLUTIONS, input_patches, output_positions
from pruning_core.curvature.differentiating import rounding, same_rows
from pruning_core.passes import sum_dtype
from pruning_core.weights.rows import is_matrix_layer, is_transformers_conv1d

_COMPUTING = frozenset({"forward", "_conv_forward", "_output_padding"})
"""Les méthodes qui font la sortie d'une couche."""


@dataclass(frozen=True)
class RecordedCall:
    """Un appel d'une couche : ce qu'elle a reçu, et la sortie qui en est partie.

    Attributes
    ----------
    layer : nn.Module
    inputs : Tensor
        L'entrée, avec son graphe.
    outputs : Tensor
        La sortie, sur laquelle rien ne s'écrit.
    version : int
        Le nombre d'écritures en place qu'avait connues l'entrée.
    """

    layer: nn.Module
    inputs: torch.Tensor
    outputs: torch.Tensor
    version: int


def is_affine(module: nn.Module) -> bool:
    """Dit si une couche est linéaire ou convolutive, et calculée par le code que l'on connaît."""
    if not is_matrix_layer(module) or not _COMPUTING.isdisjoint(vars(module)):
        return False
    if is_transformers_conv1d(module):
        return True
    kind = next(kind for kind in (nn.Linear, *CONVOLUTIONS) if isinstance(module, kind))
    return all(
        getattr(type(module), method, None) is getattr(kind, method, None) for method in _COMPUTING
    )


def is_as_told(layer: nn.Module, inputs: torch.Tensor, output: torch.Tensor) -> bool:
    """Dit si la sortie d'une `Conv1D`, que l'on ne connaît qu'à son nom, est a W + b."""
    if not is_transformers_conv1d(layer):
        return True
    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
    with torch.no_grad():
        expected = inputs @ weight + bias
        return same_rows(output, expected, rounding(output))


def has_rows_for(call: RecordedCall, examples: int) -> bool:
    """Dit si les lignes d'un appel se partagent également entre les exemples."""
    if isinstance(call.layer, CONVOLUTIONS):
        shaped = call.inputs.ndim == 2 + len(call.layer.kernel_size)
    else:
        shaped = call.inputs.ndim > 1
    return shaped and call.outputs.numel() > 0 and len(call.inputs) % examples == 0


def inputs_of(call: RecordedCall) -> torch.Tensor:
    """Entrées que voit chaque position du poids, [N, G, P, I]."""
    inputs = call.inputs.detach().to(sum_dtype(call.outputs))
    if isinstance(call.layer, CONVOLUTIONS):
        return input_patches(call.layer, inputs, call.outputs.shape[2:])
    return inputs.reshape(len(inputs), 1, -1, inputs.shape[-1])


def outputs_of(call: RecordedCall, values: torch.Tensor) -> torch.Tensor:
    """Valeurs de la forme de la sortie, à chaque position, [N, G, P, O]."""
    values = values.to(sum_dtype(values))
    if isinstance(call.layer, CONVOLUTIONS):
        return output_positions(call.layer, values)
    return values.reshape(len(values), 1, -1, values.shape[-1])
