"""Les poids tenus d'un modèle entier : les ajouter, les ôter, les lire, les mettre de côté."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import torch
from torch import nn

from pruning_core.held.modules import held_weights, set_held_weights, take_all
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
    """Ôte d'un module ce que tient un jeton, même mis de côté (`lifted`) ; tout, sans jeton."""
    if module in _SET_ASIDE:
        _SET_ASIDE[module] = _without(_SET_ASIDE[module], key)
    _let_go(module, key)


def _let_go(module: nn.Module, key: str | None = None) -> None:
    """Ôte d'un module ce qu'un jeton y tient en ce moment ; tout, sans jeton."""
    held = held_weights(module)
    for name, weight in held.items():
        weight.take(module._parameters.get(name))
    set_held_weights(module, _without(held, key))


def _without(held: Mapping[str, HeldWeight], key: str | None) -> dict[str, HeldWeight]:
    """Des poids tenus, moins ce que tient un jeton ; rien, sans jeton."""
    left = {
        name: {k: zeros for k, zeros in weight.by_hold.items() if key not in (None, k)}
        for name, weight in held.items()
    }
    return {name: HeldWeight(by_hold) for name, by_hold in left.items() if by_hold}


def _together(*several: Mapping[str, HeldWeight]) -> dict[str, HeldWeight]:
    """Des poids tenus de part et d'autre : un poids garde les zéros de toutes ses tenues."""
    by_hold: dict[str, dict[str, Zeros]] = defaultdict(dict)
    for held in several:
        for name, weight in held.items():
            by_hold[name] |= weight.by_hold
    return {name: HeldWeight(zeros) for name, zeros in by_hold.items()}


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
        all_held = _together(held_weights(module), _SET_ASIDE.get(module, {}))
        for attribute, held in all_held.items():
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
    sans tenue. Les masques sont tenus de nouveau à la sortie, même par une exception, sauf ceux que
    l'on y a cessé de tenir ; ceux que l'on y a tenus le restent. Sans effet sur un modèle qui ne
    tient rien, et dans un autre `lifted`.
    """
    emptied = []
    try:
        for module in model.modules():
            if held := held_weights(module):
                if module not in _SET_ASIDE:
                    emptied.append(module)
                _let_go(module)
                _SET_ASIDE[module] = _together(_SET_ASIDE.get(module, {}), held)
        yield
    finally:
        for module in emptied:
            now = held_weights(module)
            set_held_weights(module, _together(_SET_ASIDE.pop(module, {}), now))
        for module in model.modules():
            take_all(module)
