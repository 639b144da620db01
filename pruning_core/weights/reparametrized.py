"""Refuser un poids que son module recalcule à partir d'autres paramètres."""

from __future__ import annotations

from fnmatch import fnmatchcase

import torch
from torch import nn
from torch.nn.utils import parametrize

from pruning_core.weights.biases import is_bias

# Les morceaux que laissent weight_norm, puis spectral_norm et torch.nn.utils.prune.
_PIECES = (("_g", "_v"), ("_orig",))


def refuse_reparametrized(
    selected: list[tuple[str, nn.Module]], patterns: list[str] | None
) -> None:
    """Refuse les poids reparamétrés des modules choisis, ou ceux que désigne un motif.

    Raises
    ------
    ValueError
    """
    for prefix, module in selected:
        for attribute in _reparametrized_attributes(module):
            name = f"{prefix}.{attribute}" if prefix else attribute
            if patterns is None or any(fnmatchcase(name, pattern) for pattern in patterns):
                raise ValueError(
                    f"{name} : reçu un poids reparamétré (weight_norm, spectral_norm ou "
                    "torch.nn.utils.prune) ; attendu un paramètre simple. Retirez d'abord la "
                    "reparamétrisation (parametrize.remove_parametrizations, "
                    "remove_weight_norm, remove_spectral_norm ou prune.remove) ; les masques de "
                    "torch.nn.utils.prune se reprennent par masks_from_torch_prune."
                )


def _reparametrized_attributes(module: nn.Module) -> set[str]:
    attributes: set[str] = set()
    if parametrize.is_parametrized(module):
        attributes |= {str(name) for name in module.parametrizations}  # type: ignore[union-attr]
    attributes |= {name for name in vars(module) if _is_recomputed(module, name)}
    return {name for name in attributes if not is_bias(name)}


def _is_recomputed(module: nn.Module, attribute: str) -> bool:
    """Dit si un crochet recalcule cet attribut, simple tenseur, à partir de paramètres."""
    if not (module._forward_pre_hooks and isinstance(vars(module)[attribute], torch.Tensor)):
        return False
    own = module._parameters
    return any(all(f"{attribute}{end}" in own for end in pieces) for pieces in _PIECES)
