"""Des tenseurs par poids à un vecteur, et retour."""

from __future__ import annotations

from collections.abc import Mapping

import torch


def flatten(tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Met bout à bout des tenseurs, à plat, dans l'ordre du dictionnaire : [n]."""
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors.values()])


def unflatten(vector: torch.Tensor, like: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Découpe un vecteur [n] en tenseurs des noms et des formes de `like`."""
    pieces = torch.split(vector, [tensor.numel() for tensor in like.values()])
    return {
        name: piece.reshape(tensor.shape)
        for (name, tensor), piece in zip(like.items(), pieces, strict=True)
    }
