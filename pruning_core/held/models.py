"""Les poids tenus d'un modèle entier : les ajouter, les ôter, les lire, les mettre de côté."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import torch
from torch import nn

from pruning_core.held.modules import held_weights, set_held_weights
from pruning_core.held.weights import HeldWeight, check_fits, mask_gradient
from pruning_core.held.zeros import Zeros
from pruning_core.types import Masks

# Les tenues qu'un contexte `lifted` a mises de côté.
_SET_ASIDE: WeakKeyDictionary[nn.Module, dict[str, HeldWeight]] = WeakKeyDictionary()


def add_masks(model: nn.Module, masks: Mapping[str, torch.Tensor], key: str) -> list[nn.Module]:
    """Tient des masques sous un jeton, dans chaque module qui porte un de leurs paramètres.

    Returns
    -------
    list[nn.Module]
        Les modules qui tiennent.

    Raises
    ------
    TypeError
        Si un de ces modules est de TorchScript, ou un paramètre réparti ; rien n'est changé.
    """
    own = dict(model.named_parameters())
    # Autograd retient ces masques : ils doivent être ordinaires, même nés sous inference_mode.
    with torch.inference_mode(False):
        zeros = {id(own[name]): Zeros(~mask.to(own[name].device)) for name, mask in masks.items()}
    holders = {module: _shares(module, zeros) for module in model.modules()}
    holders = {module: shares for module, shares in holders.items() if shares}
    if any(isinstance(module, torch.jit.ScriptModule) for module in holders):
        raise TypeError(
            "model : reçu un modèle dont un module est déjà de TorchScript ; attendu des modules "
            "ordinaires. Tenez les masques et entraînez avant torch.jit.script."
        )
    for name in masks:
        check_fits(own[name], zeros[id(own[name])])
    for name in masks:
        mask_gradient(own[name], zeros[id(own[name])])
    for module, shares in holders.items():
        before = held_weights(module)
        added = {
            attribute: HeldWeight(
                (before[attribute].by_hold if attribute in before else {}) | {key: share}
            )
            for attribute, share in shares.items()
        }
        set_held_weights(module, before | added)
    return list(holders)


def _shares(module: nn.Module, zeros: Mapping[int, Zeros]) -> dict[str, Zeros]:
    """Les zéros des paramètres d'un module, par attribut."""
    return {
        attribute: zeros[id(parameter)]
        for attribute, parameter in module._parameters.items()
        if id(parameter) in zeros
    }


def remove_masks(module: nn.Module, key: str | None = None) -> None:
    """Ôte d'un module ce que tient un jeton ; tout, sans jeton."""
    left = {}
    for name, held in held_weights(module).items():
        held.take(module._parameters.get(name))
        by_hold = {k: zeros for k, zeros in held.by_hold.items() if key not in (None, k)}
        if by_hold:
            left[name] = HeldWeight(by_hold)
    set_held_weights(module, left)


def held_masks(model: nn.Module) -> Masks:
    """Rend les masques que tient un modèle, réunis s'il y a plusieurs tenues.

    Returns
    -------
    Masks
        Copies, par nom de `named_parameters()` ; vide si rien n'est tenu. Les mêmes dans le
        contexte `lifted`.
    """
    zeros: dict[int, list[Zeros]] = defaultdict(list)
    for module in model.modules():
        for attribute, held in (held_weights(module) or _SET_ASIDE.get(module, {})).items():
            zeros[id(module._parameters.get(attribute))].append(held.zeros)
    return {
        name: ~Zeros.union(zeros[id(parameter)]).where
        for name, parameter in model.named_parameters()
        if id(parameter) in zeros
    }


@contextmanager
def lifted(model: nn.Module) -> Iterator[None]:
    """Met de côté les masques que tient un modèle : dans le contexte, c'est un modèle ordinaire.

    Ses poids élagués sont nuls à l'entrée ; classes, lectures et gradients sont ceux d'un modèle
    sans tenue. Les masques sont tenus de nouveau à la sortie, même par une exception. Sans effet
    sur un modèle qui ne tient rien, et dans un autre `lifted`.
    """
    aside = {module: held for module in model.modules() if (held := held_weights(module))}
    try:
        for module, held in aside.items():
            remove_masks(module)
            _SET_ASIDE[module] = held
        yield
    finally:
        for module, held in aside.items():
            _SET_ASIDE.pop(module, None)
            set_held_weights(module, held)
