"""Une convolution vue comme une couche linéaire, appelée à chacune de ses positions."""

from __future__ import annotations

from math import prod

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.weights.rows import TRANSPOSED_CONVOLUTIONS

Convolution = (
    nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED_CONVOLUTIONS)


def input_patches(layer: Convolution, x: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """Entrées que voit chaque position, dans l'ordre des colonnes de `weights.rows.RowLayout`.

    Parameters
    ----------
    layer : Convolution
        Transposée ou non.
    x : Tensor [N, C, ...]
        Ce que la couche a lu.
    size : torch.Size
        Les dimensions spatiales de sa sortie ; un appel peut fixer celles d'une transposée.

    Returns
    -------
    Tensor [N, G, P, C/G · taille du noyau]
        G groupes, P positions de la sortie.
    """
    transposed = isinstance(layer, TRANSPOSED_CONVOLUTIONS)
    x = _stuffed(layer, x, size) if transposed else _padded(layer, x)
    dimensions = len(layer.kernel_size)
    for d in range(dimensions):
        extent = layer.dilation[d] * (layer.kernel_size[d] - 1) + 1
        windows = x.unfold(2 + d, extent, 1 if transposed else layer.stride[d])
        x = windows[..., :: layer.dilation[d]]
    # [N, C, positions..., noyau...] -> [N, G, (C/G)·noyau, P] : une seule copie, dont la dernière
    # dimension est presque contiguë ; les positions passent ensuite devant, sans copie.
    n, channels = x.shape[:2]
    positions, kernel = range(2, 2 + dimensions), range(2 + dimensions, 2 + 2 * dimensions)
    x = x.permute(0, 1, *kernel, *positions)
    if transposed:
        x = x.flip(*range(2, 2 + dimensions))
    width = channels // layer.groups * prod(layer.kernel_size)
    return x.reshape(n, layer.groups, width, -1).transpose(2, 3)


def output_positions(layer: Convolution, outputs: torch.Tensor) -> torch.Tensor:
    """Sorties (ou leurs gradients) de chaque position : [N, G, P, O/G]."""
    rows = outputs.flatten(2)
    rows = rows.reshape(len(outputs), layer.groups, layer.out_channels // layer.groups, -1)
    return rows.transpose(-1, -2)


def _padded(layer: Convolution, x: torch.Tensor) -> torch.Tensor:
    """Entrée d'une convolution, bords compris."""
    if not any(layer._reversed_padding_repeated_twice):
        return x
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    return F.pad(x, layer._reversed_padding_repeated_twice, mode=mode)


def _stuffed(layer: Convolution, x: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """Entrée d'une convolution transposée, écartée de zéros : une convolution de pas 1 la lit.

    y[q] = Σ_k w[k] x[p] pour q = p·pas − bord + k·dilatation : le noyau y est lu à l'envers.
    """
    lengths = [(n - 1) * step + 1 for n, step in zip(x.shape[2:], layer.stride, strict=True)]
    spread = x.new_zeros(*x.shape[:2], *lengths)
    places = spread
    borders: list[int] = []
    for d, length in enumerate(lengths):
        places = places[(slice(None),) * (2 + d) + (slice(None, None, layer.stride[d]),)]
        reach = layer.dilation[d] * (layer.kernel_size[d] - 1)
        before = reach - int(layer.padding[d])
        borders = [before, size[d] + reach - length - before, *borders]
    places.copy_(x)
    return F.pad(spread, borders)
