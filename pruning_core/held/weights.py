"""Un poids tenu : exactement nul hors du masque, dans sa valeur comme dans son gradient.

Le paramètre reste celui du modèle, à sa place : ni clef, ni identité ne changent. Ce qui est élagué
est remis à zéro dans le paramètre même, à l'insu d'autograd (`data`), et un crochet ôte du gradient
ce qui revient aux poids élagués. L'optimiseur, la norme du gradient et la recherche linéaire ne
voient donc que le problème masqué.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from pruning_core.held.zeros import Zeros


@dataclass(eq=False)
class HeldWeight:
    """Ce qu'un module tient d'un de ses poids.

    Attributes
    ----------
    by_hold : dict[str, Zeros]
        Les zéros de chaque tenue, par jeton de tenue.
    zeros : Zeros
        Leur réunion.
    owner : int
        `id` du paramètre du module. Un autre tenseur mis à sa place le temps d'un appel
        (`functional_call`) n'est pas à nous : il se lit masqué, et garde ses valeurs.
    """

    by_hold: dict[str, Zeros]
    zeros: Zeros = field(init=False)
    owner: int = 0

    def __post_init__(self) -> None:
        self.zeros = Zeros.union(self.by_hold.values())

    def take(self, parameter: nn.Parameter | None) -> None:
        """Fait d'un paramètre celui que ce poids tient : l'annule et surveille son gradient."""
        self.owner = id(parameter)
        if parameter is not None:
            self.zeros.follow(parameter)
            self.zeros.impose(parameter)
            self._watch(parameter)

    def leave(self, parameter: nn.Parameter | None) -> None:
        """Cesse de masquer le gradient d'un paramètre."""
        hooks = (None if parameter is None else parameter._backward_hooks) or {}
        for key, hook in list(hooks.items()):
            if isinstance(hook, GradientMask) and hook.zeros is self.zeros:
                del hooks[key]

    def read(self, tensor: torch.Tensor) -> torch.Tensor:
        """Le poids tel qu'un passage avant doit le voir."""
        if _recorded():
            return self.zeros.masked(tensor)
        check_fits(tensor, self.zeros)
        if self.owner != id(tensor) or not isinstance(tensor, nn.Parameter):
            return self.zeros.masked(tensor)
        try:
            self.zeros.impose(tensor)
        except RuntimeError:
            # torch.func refuse qu'on écrive dans un paramètre : on le lit masqué.
            return self.zeros.masked(tensor)
        self._watch(tensor)
        return tensor

    def _watch(self, parameter: nn.Parameter) -> None:
        """Masque désormais le gradient du paramètre, s'il en a un."""
        known = any(watcher.zeros is self.zeros for watcher in _watchers(parameter))
        if parameter.requires_grad and not known:
            parameter.register_hook(GradientMask(self.zeros))


class GradientMask:
    """Crochet de gradient d'un paramètre ; il dit aussi aux optimiseurs que ce poids est tenu."""

    def __init__(self, zeros: Zeros) -> None:
        self.zeros = zeros

    def __call__(self, gradient: torch.Tensor) -> torch.Tensor:
        if _recorded():
            return self.zeros.masked(gradient)
        return self.zeros.masked_gradient(gradient)


def _watchers(parameter: torch.Tensor) -> list[GradientMask]:
    hooks = parameter._backward_hooks or {}
    return [hook for hook in hooks.values() if isinstance(hook, GradientMask)]


def _recorded() -> bool:
    """Dit si l'on enregistre un graphe : c'est alors lui qui masquera ce qu'il lit."""
    return torch.compiler.is_compiling() or torch.jit.is_tracing()  # type: ignore[attr-defined]


def check_fits(tensor: torch.Tensor, zeros: Zeros) -> None:
    """Refuse un tenseur que l'on ne peut pas tenir : d'une autre forme, ou réparti (FSDP).

    Raises
    ------
    TypeError, ValueError
    """
    if hasattr(tensor, "placements"):
        raise TypeError(
            "poids tenu : reçu un paramètre réparti entre des processus (DTensor, de FSDP) ; "
            "attendu un paramètre entier, comme avec DistributedDataParallel. "
            "release_masks(model) lève la tenue."
        )
    if tensor.shape != zeros.where.shape:
        raise ValueError(
            f"poids tenu : reçu un paramètre de forme {tuple(tensor.shape)} ; attendu "
            f"{tuple(zeros.where.shape)}, celle de son masque. Levez d'abord la tenue : "
            "release_masks(model)."
        )


def mask_gradient(parameter: torch.Tensor, zeros: Zeros) -> None:
    """Annule ce qui est élagué dans le gradient déjà accumulé d'un paramètre."""
    gradient = parameter.grad
    if gradient is not None and gradient.is_sparse:
        parameter.grad = zeros.masked_gradient(gradient)
    elif gradient is not None:
        zeros.impose(gradient)


def _held(optimizer: Optimizer) -> Iterator[tuple[torch.Tensor, Zeros]]:
    """Les paramètres tenus d'un optimiseur, et leurs zéros."""
    # Compilé, le pas est suivi d'une lecture qui masque.
    if torch.compiler.is_compiling():
        return
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            for watcher in _watchers(parameter):
                yield parameter, watcher.zeros


def _before_step(optimizer: Optimizer, args: object, kwargs: object) -> None:
    """Masque aussi les gradients écrits sans autograd (bruit, compression)."""
    for parameter, zeros in _held(optimizer):
        mask_gradient(parameter, zeros)


def _after_step(optimizer: Optimizer, args: object, kwargs: object) -> None:
    for parameter, zeros in _held(optimizer):
        zeros.impose(parameter)


register_optimizer_step_pre_hook(_before_step)
register_optimizer_step_post_hook(_after_step)
