"""Tenir des masques pendant l'entraînement : un poids élagué reste exactement nul."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from pruning_core.masks.applying import apply_masks, check_masks
from pruning_core.types import Masks


class MaskHold:
    """Tenue de masques sur un modèle ; à retirer par `remove()` ou à la sortie d'un `with`.

    Les masques sont remis après chaque pas de n'importe quel optimiseur de torch, après
    `load_state_dict`, et avant un passage avant si un poids a été changé autrement. Les clefs du
    `state_dict` ne changent pas. Une copie profonde du modèle tient les mêmes masques.
    """

    def __init__(self, model: nn.Module, masks: Masks) -> None:
        self._masks = masks
        self._model: weakref.ref[nn.Module] | None = None
        self._versions: dict[str, tuple[weakref.ref[nn.Parameter], int]] = {}
        model.register_forward_pre_hook(self._before_forward)
        model.register_load_state_dict_post_hook(self._after_load)
        self._attach(model)

    def remove(self) -> None:
        """Cesse de tenir les masques ; les poids élagués restent nuls jusqu'au prochain pas."""
        model = self._model() if self._model is not None else None
        if model is not None:
            self.remove_from(model)

    def remove_from(self, model: nn.Module) -> None:
        """Retire la tenue d'un modèle donné, qui peut être une copie du premier."""
        for hooks in _hooks(model):
            for key in [k for k, hook in hooks.items() if _hold_of(hook) is self]:
                del hooks[key]
        with _LOCK:
            _HOLDS.discard(self)
        self._model = None

    def __enter__(self) -> MaskHold:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()

    def _attach(self, model: nn.Module) -> None:
        self._model = weakref.ref(model)
        with _LOCK:
            _HOLDS.add(self)
        self._apply(model)

    def _apply(self, model: nn.Module) -> None:
        apply_masks(model, self._masks)
        parameters = dict(model.named_parameters())
        self._versions = {
            name: (weakref.ref(parameters[name]), parameters[name]._version) for name in self._masks
        }

    def _changed(self) -> bool:
        """Dit si un poids tenu a changé depuis que les masques ont été remis.

        Remettre les masques sans besoin ferait échouer la rétropropagation d'un passage
        avant plus ancien (accumulation de gradients).
        """
        alive = [(reference(), version) for reference, version in self._versions.values()]
        return any(p is None or p._version != version for p, version in alive)

    def _before_forward(self, model: nn.Module, inputs: object) -> None:
        if self._model is None or self._model() is not model:
            self._attach(model)
        elif self._changed():
            self._apply(model)

    def _after_load(self, model: nn.Module, incompatible_keys: object) -> None:
        self._attach(model)

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Remet les masques si l'optimiseur vient de changer un des poids tenus."""
        model = self._model() if self._model is not None else None
        if model is None:
            return
        stepped = {id(p) for group in optimizer.param_groups for p in group["params"]}
        held = [reference() for reference, _ in self._versions.values()]
        if any(p is not None and id(p) in stepped for p in held):
            self._apply(model)

    def __getstate__(self) -> dict[str, Any]:
        # Une copie (deepcopy, pickle) s'attache au modèle copié à son premier passage avant.
        return {"_masks": self._masks}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _model=None, _versions={})


def _hooks(model: nn.Module) -> list[dict[int, Any]]:
    return [model._forward_pre_hooks, model._load_state_dict_post_hooks]


def _hold_of(hook: object) -> MaskHold | None:
    owner = getattr(hook, "__self__", None)
    return owner if isinstance(owner, MaskHold) else None


# Des modèles peuvent s'affiner dans plusieurs fils à la fois.
_LOCK = threading.Lock()
_HOLDS: weakref.WeakSet[MaskHold] = weakref.WeakSet()


def _after_any_step(optimizer: torch.optim.Optimizer, args: object, kwargs: object) -> None:
    with _LOCK:
        holds = list(_HOLDS)
    for hold in holds:
        hold.after_step(optimizer)


register_optimizer_step_post_hook(_after_any_step)


def hold_masks(model: nn.Module, masks: Mapping[str, torch.Tensor]) -> MaskHold:
    """Applique des masques au modèle et les tient pendant l'entraînement.

    Un poids élagué reste exactement nul sous tout optimiseur de torch (inertie, Adam,
    pénalité L2), après `load_state_dict`, et dans une copie profonde du modèle.
    Plusieurs tenues s'ajoutent : un poids est nul si l'une d'elles l'élague.

    Parameters
    ----------
    model : nn.Module
        Le modèle, changé sur place.
    masks : Masks
        Masques booléens par nom de paramètre (copiés).

    Returns
    -------
    MaskHold
        À retirer par `remove()`, ou à employer dans un `with`.

    Raises
    ------
    TypeError, ValueError
        Si les masques ne conviennent pas au modèle ; rien n'est changé.
    """
    check_masks(model, masks)
    return MaskHold(model, {name: mask.clone() for name, mask in masks.items()})


def held_masks(model: nn.Module) -> Masks:
    """Masques que tient un modèle, réunis par nom ; vide s'il n'en tient pas."""
    found: Masks = {}
    for hook in model._forward_pre_hooks.values():
        hold = _hold_of(hook)
        for name, mask in hold._masks.items() if hold is not None else ():
            found[name] = found[name] & mask if name in found else mask
    return found


def release_masks(model: nn.Module) -> None:
    """Retire toutes les tenues de masques d'un modèle, y compris celles héritées d'une copie."""
    for hook in list(model._forward_pre_hooks.values()):
        hold = _hold_of(hook)
        if hold is not None:
            hold.remove_from(model)
