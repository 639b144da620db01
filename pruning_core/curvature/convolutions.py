"""Une convolution vue comme une couche linéaire, appelée à chacune de ses positions."""

from __future__ import annotations

from math import prod

import torch
from torch import nn
from torch.nn import functional as F

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def input_patches(layer: Convolution, x: torch.Tensor) -> torch.Tensor:
    """Entrées que voit chaque position : [N, G, P, I/G · taille du noyau]."""
    if any(layer._reversed_padding_repeated_twice):
        mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
        x = F.pad(x, layer._reversed_padding_repeated_twice, mode=mode)
    dimensions = len(layer.kernel_size)
    for d in range(dimensions):
        size, step, gap = layer.kernel_size[d], layer.stride[d], layer.dilation[d]
        windows = x.unfold(2 + d, gap * (size - 1) + 1, step)
        x = windows[..., ::gap]
    # [N, C, positions..., noyau...] -> [N, G, (C/G)·noyau, P] : une seule copie, dont la dernière
    # dimension est presque contiguë ; les positions passent ensuite devant, sans copie.
    n, channels = x.shape[:2]
    positions, kernel = range(2, 2 + dimensions), range(2 + dimensions, 2 + 2 * dimensions)
    width = channels // layer.groups * prod(layer.kernel_size)
    patches = x.permute(0, 1, *kernel, *positions).reshape(n, layer.groups, width, -1)
    return patches.transpose(2, 3)


def output_positions(layer: Convolution, outputs: torch.Tensor) -> torch.Tensor:
    """Sorties (ou leurs gradients) de chaque position : [N, G, P, O/G]."""
    rows = outputs.flatten(2)
    rows = rows.reshape(len(outputs), layer.groups, layer.out_channels // layer.groups, -1)
    return rows.transpose(-1, -2)
