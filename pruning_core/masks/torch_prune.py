"""Des masques de `torch.nn.utils.prune` aux nôtres, et retour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import nn
from torch.nn.utils import prune

from pruning_core.held.models import held_masks
from pruning_core.masks.applying import check_masks
from pruning_core.types import Masks


def masks_from_torch_prune(model: nn.Module) -> Masks:
    """Rend les masques que `torch.nn.utils.prune` a mis sur un modèle.

    Le nom est celui qu'aura le paramètre une fois la reparamétrisation retirée (« 0.weight », et
    non « 0.weight_orig »). Pour continuer avec nous : prenez les masques, retirez la
    reparamétrisation (`prune.remove`, poids par poids), puis `hold_masks(model, masks)`.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.

    Returns
    -------
    Masks
        Des copies ; un poids partagé par plusieurs modules y est sous son premier nom.

    Raises
    ------
    ValueError
        Si le modèle n'a aucun masque de `torch.nn.utils.prune`, si un masque n'est pas fait de 0
        et de 1, ou si des modules qui partagent un poids n'ont pas le même masque.
    """
    masks: Masks = {}
    named: dict[int, str] = {}
    for name, original, mask in _pruned_by_torch(model):
        if not bool(((mask == 0) | (mask == 1)).all()):
            raise ValueError(f"masque de {name} : reçu autre chose que 0 et 1 ; attendu 0 ou 1.")
        kept = mask.detach() != 0
        first = named.setdefault(id(original), name)
        if first == name:
            masks[name] = kept
        elif not torch.equal(masks[first], kept):
            raise ValueError(
                f"masque de {name} : reçu un autre masque que celui de {first}, dont il partage le "
                "poids ; attendu le même."
            )
    if not masks:
        raise ValueError(
            "model : reçu un modèle sans masque de torch.nn.utils.prune ; attendu un paramètre "
            "weight_orig et son tampon weight_mask."
        )
    return masks


def _pruned_by_torch(
    model: nn.Module,
) -> Iterator[tuple[str, nn.Parameter, torch.Tensor]]:
    """Nom, paramètre d'origine et masque de chaque tenseur qu'élague torch."""
    for prefix, module in model.named_modules():
        for attribute, original in module.named_parameters(recurse=False):
            base = attribute.removesuffix("_orig")
            mask = module._buffers.get(f"{base}_mask")
            if base != attribute and mask is not None:
                yield f"{prefix}.{base}" if prefix else base, original, mask


def masks_to_torch_prune(model: nn.Module, masks: Mapping[str, torch.Tensor]) -> None:
    """Met des masques sur un modèle, à la façon de `torch.nn.utils.prune`.

    Chaque poids devient un paramètre « weight_orig », sa valeur entière, et un tampon
    « weight_mask » ; les clefs du `state_dict` changent donc. `prune.remove` fige le résultat.

    Parameters
    ----------
    model : nn.Module
        Changé sur place ; ses valeurs entières sont gardées.
    masks : Masks

    Raises
    ------
    TypeError, ValueError
        Si les masques ne conviennent pas au modèle (voir `check_masks`), ou s'il tient déjà des
        masques (`hold_masks`) ; rien n'est alors changé.
    """
    check_masks(model, masks)
    if held_masks(model):
        raise ValueError(
            "model : reçu un modèle qui tient des masques ; attendu un modèle qui n'en tient pas. "
            "Retirez-les d'abord par release_masks(model)."
        )
    own = dict(model.named_parameters())
    wanted = {id(own[name]): mask for name, mask in masks.items()}
    holders = [
        (module, attribute, wanted[id(parameter)].to(parameter.device))
        for module in model.modules()
        for attribute, parameter in module.named_parameters(recurse=False)
        if id(parameter) in wanted
    ]
    for module, attribute, mask in holders:
        prune.custom_from_mask(module, attribute, mask)
