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


@dataclass(eq=False)
class HeldWeight:
    """Ce qu'un module tient d'un de ses poids.

    Attributes
    ----------
    by_hold : dict[str, Tensor]
        Ce qu'élague chaque tenue (vrai = élagué), par jeton de tenue.
    pruned : Tensor
        Leur réunion, de la forme du poids, sur son périphérique.
    owner : int
        `id` du paramètre du module. Un autre tenseur mis à sa place le temps d'un appel
        (`functional_call`) n'est pas à nous : il se lit masqué, et garde ses valeurs.
    """

    by_hold: dict[str, torch.Tensor]
    pruned: torch.Tensor = field(init=False)
    owner: int = 0

    def __post_init__(self) -> None:
        first, *others = self.by_hold.values()
        self.pruned = first
        for other in others:
            self.pruned = self.pruned | other

    def take(self, parameter: nn.Parameter | None) -> None:
        """Fait d'un paramètre celui que ce poids tient : l'annule et surveille son gradient."""
        self.owner = id(parameter)
        if parameter is None:
            return
        if parameter.device != self.pruned.device and not parameter.is_meta:
            _leave(parameter, self.pruned)
            self.by_hold = {key: m.to(parameter.device) for key, m in self.by_hold.items()}
            self.__post_init__()
        erase(parameter, self.pruned)
        self.watch(parameter)

    def watch(self, parameter: nn.Parameter) -> None:
        """Masque désormais le gradient du paramètre, s'il en a un."""
        if parameter.requires_grad and all(
            h.pruned is not self.pruned for h in _watchers(parameter)
        ):
            parameter.register_hook(GradientMask(self.pruned))

    def leave(self, parameter: nn.Parameter | None) -> None:
        """Cesse de masquer le gradient du paramètre."""
        if parameter is not None:
            _leave(parameter, self.pruned)

    def read(self, tensor: torch.Tensor) -> torch.Tensor:
        """Le poids tel qu'un passage avant doit le voir."""
        if _recorded():
            return masked(tensor, self.pruned)
        check_shape(tensor, self.pruned)
        if self.owner == id(tensor) and isinstance(tensor, nn.Parameter):
            try:
                erase(tensor, self.pruned)
            except RuntimeError:
                # torch.func refuse qu'on écrive dans un paramètre : on le lit masqué.
                return masked(tensor, self.pruned)
            self.watch(tensor)
            return tensor
        return masked(tensor, self.pruned)


class GradientMask:
    """Crochet de gradient d'un paramètre ; il dit aussi aux optimiseurs que ce poids est tenu."""

    def __init__(self, pruned: torch.Tensor) -> None:
        self.pruned = pruned

    def __call__(self, gradient: torch.Tensor) -> torch.Tensor:
        return masked(gradient, self.pruned)


def _recorded() -> bool:
    """Dit si l'on enregistre un graphe : c'est alors lui qui masquera ce qu'il lit."""
    return torch.compiler.is_compiling() or torch.jit.is_tracing()  # type: ignore[attr-defined]


def check_shape(tensor: torch.Tensor, pruned: torch.Tensor) -> None:
    """Refuse un tenseur qui n'a pas la forme du masque tenu.

    Raises
    ------
    ValueError
    """
    if tensor.shape != pruned.shape:
        raise ValueError(
            f"poids tenu : reçu un paramètre de forme {tuple(tensor.shape)} ; attendu "
            f"{tuple(pruned.shape)}, celle de son masque. Levez d'abord la tenue : "
            "release_masks(model)."
        )


def masked(tensor: torch.Tensor, pruned: torch.Tensor) -> torch.Tensor:
    """Le tenseur, nul là où c'est élagué ; creux s'il l'est (gradient d'un plongement)."""
    if pruned.device != tensor.device:
        pruned = pruned.to(tensor.device)
    if not tensor.is_sparse:
        # masked_fill et non une multiplication : 0 * NaN vaut NaN.
        return tensor.masked_fill(pruned, 0.0)
    tensor = tensor.coalesce()
    at = pruned[tuple(tensor.indices())]
    return torch.sparse_coo_tensor(
        tensor.indices(),
        tensor.values().masked_fill(at, 0.0),
        tensor.shape,
        check_invariants=False,
        is_coalesced=True,
    )


def erase(parameter: torch.Tensor, pruned: torch.Tensor) -> None:
    """Annule sur place ce qui est élagué, sans qu'autograd y voie un changement du poids.

    Les zéros n'y remplacent que ce qui n'aurait pas dû y être : une rétropropagation en attente,
    qui a lu des zéros, reste juste.
    """
    parameter.data.masked_fill_(pruned.to(parameter.device), 0.0)


def mask_gradient(parameter: torch.Tensor, pruned: torch.Tensor) -> None:
    """Annule ce qui est élagué dans le gradient déjà accumulé d'un paramètre."""
    gradient = parameter.grad
    if gradient is None:
        return
    if gradient.is_sparse:
        parameter.grad = masked(gradient, pruned)
    else:
        erase(gradient, pruned)


def _watchers(parameter: torch.Tensor) -> list[GradientMask]:
    hooks = parameter._backward_hooks or {}
    return [hook for hook in hooks.values() if isinstance(hook, GradientMask)]


def _leave(parameter: torch.Tensor, pruned: torch.Tensor) -> None:
    hooks = parameter._backward_hooks or {}
    for key, hook in list(hooks.items()):
        if isinstance(hook, GradientMask) and hook.pruned is pruned:
            del hooks[key]


def _held(optimizer: Optimizer) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Les paramètres tenus d'un optimiseur, et ce qui y est élagué."""
    # Compilé, le pas est suivi d'une lecture qui masque.
    if torch.compiler.is_compiling():
        return
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            for watcher in _watchers(parameter):
                yield parameter, watcher.pruned


def _before_step(optimizer: Optimizer, args: object, kwargs: object) -> None:
    """Masque aussi les gradients écrits sans autograd (bruit, compression)."""
    for parameter, pruned in _held(optimizer):
        mask_gradient(parameter, pruned)


def _after_step(optimizer: Optimizer, args: object, kwargs: object) -> None:
    for parameter, pruned in _held(optimizer):
        erase(parameter, pruned)


register_optimizer_step_pre_hook(_before_step)
register_optimizer_step_post_hook(_after_step)
