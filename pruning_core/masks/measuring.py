"""Mesurer des masques : sparsité réelle, par couche, et accord de deux élagages."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_materialized, check_same_names
from pruning_core.masks.applying import check_bool_masks
from pruning_core.types import Masks
from pruning_core.weights.prunable import prunable_parameters
from pruning_core.weights.selection import default_modules, own_weights


def compute_sparsity(masks: Mapping[str, torch.Tensor] | nn.Module) -> float:
    """Sparsité réelle : part des poids élagués parmi les poids élagables, dans [0, 1].

    Ce sont les mêmes poids dans les deux cas : ceux que `prunable_parameters(model)` choisit, et
    que couvrent donc les masques faits par défaut. Les autres (plongements, normalisations, poids
    gelés) ne comptent ni au numérateur ni au dénominateur : `weight_coverage` dit leur part. Un
    modèle dont tous les poids sont gelés est mesuré en entier.

    Parameters
    ----------
    masks : Masks ou nn.Module
        Des masques, dont on compte tous les poids ; ou un modèle, dont on compte les poids
        élagables exactement nuls.

    Raises
    ------
    TypeError, ValueError
        Si les masques sont vides ou ne sont pas booléens, ou si le modèle n'a pas de poids
        élagable, est sur le périphérique `meta`, ou a un module paresseux qui n'a rien lu.

    Warns
    -----
    UserWarning
        Si les poids élagables du modèle sont moins de la moitié de ses poids matriciels non gelés.
    """
    if isinstance(masks, nn.Module):
        masks = masks_of_zeros(masks)
    check_bool_masks(masks)
    total = sum(mask.numel() for mask in masks.values())
    if total == 0:
        raise ValueError("masques : reçu des tenseurs sans élément ; attendu au moins un poids.")
    kept = sum(int(torch.count_nonzero(mask)) for mask in masks.values())
    return (total - kept) / total


def layer_sparsities(masks: Mapping[str, torch.Tensor] | nn.Module) -> dict[str, float]:
    """Sparsité réelle de chaque couche, dans [0, 1], par nom ; voir `compute_sparsity`.

    Raises
    ------
    TypeError, ValueError
        Si les masques sont vides ou ne sont pas booléens.
    """
    if isinstance(masks, nn.Module):
        masks = masks_of_zeros(masks)
    check_bool_masks(masks)
    return {name: compute_sparsity({name: mask}) for name, mask in masks.items()}


def masks_of_zeros(model: nn.Module) -> Masks:
    """Masques des poids élagables d'un modèle : gardé = différent de zéro."""
    weights = [p for _, module in default_modules(model) for p in own_weights(module)]
    all_frozen = not any(parameter.requires_grad for parameter in weights)
    found = prunable_parameters(model, include_frozen=all_frozen)
    for name, parameter in found.items():
        check_materialized(parameter, name)
    return {name: parameter.detach() != 0 for name, parameter in found.items()}


def mask_agreement(first: Mapping[str, torch.Tensor], second: Mapping[str, torch.Tensor]) -> float:
    """Accord de deux masques : part des poids gardés par l'un ou l'autre que gardent les deux.

    C'est l'indice de Jaccard des poids gardés, dans [0, 1] ; 1 si aucun poids n'est gardé.

    Raises
    ------
    TypeError, ValueError
        Si les masques ne sont pas booléens ou n'ont pas les mêmes noms et les mêmes formes.
    """
    check_bool_masks(first)
    check_bool_masks(second)
    check_same_names(second, first, "masques comparés")
    both = either = 0
    for name, mask in first.items():
        other = second[name].to(mask.device)
        if other.shape != mask.shape:
            raise ValueError(
                f"masque de {name} : reçu la forme {tuple(other.shape)} ; attendu "
                f"{tuple(mask.shape)}."
            )
        both += int(torch.count_nonzero(mask & other))
        either += int(torch.count_nonzero(mask | other))
    return both / either if either else 1.0
