"""Faire passer des exemples dans un modèle : le laisser tel quel, lire les lots, additionner.

Toute mesure sur des données s'écrit ainsi : dans `undisturbed(model)`, une somme sur les lots de
`read_batches`, puis `mean_over_examples`, qui y ajoute celles des autres processus.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import islice

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from pruning_core.batches import Batch, Batches
from pruning_core.checks import check_count
from pruning_core.differentiable import check_differentiable, plain_computation
from pruning_core.held.models import lifted
from pruning_core.types import Loader


@contextmanager
def undisturbed(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None = None
) -> Iterator[None]:
    """Prépare une mesure sur le modèle, puis rend le modèle et le hasard tels qu'ils étaient.

    Dans le contexte, le modèle est en mode évaluation (les lots ne se mélangent pas, rien n'est
    tiré au sort), ses gradients et les fonctions accrochées à ses poids (`register_hook`) sont mis
    de côté, autograd est actif, même sous `no_grad` ou `inference_mode`, et les poids de
    `parameters` sont dérivables même s'ils sont gelés ; rien n'y est compilé, ni calculé dans un
    autre type (`autocast`), ni tenu à zéro (`hold_masks`). En sortie, même si une exception passe,
    sont rendus : le mode de chaque module, les gradients, `requires_grad`, les valeurs des poids et
    des tampons (statistiques de BatchNorm), et l'état des générateurs de `torch`, `numpy` et
    `random`.

    Raises
    ------
    TypeError, ValueError
        Si autograd ne peut pas dériver le modèle ; voir `check_differentiable`.
    """
    check_differentiable(model)
    own = list(model.parameters())
    with ExitStack() as stack:
        for context in (plain_computation, lifted, _same_values):
            stack.enter_context(context(model))
        stack.enter_context(_same_random_state())
        modes = [(module, module.training) for module in model.modules()]
        kept = [(p, p.grad, p.requires_grad, p._backward_hooks) for p in own]
        try:
            model.eval()
            for parameter in own:
                parameter.grad = None
                parameter._backward_hooks = None
            for parameter in (parameters or {}).values():
                parameter.requires_grad_(True)
            yield
        finally:
            for module, training in modes:
                module.training = training
            for parameter, gradient, flag, hooks in kept:
                parameter.requires_grad_(flag)
                parameter.grad = gradient
                parameter._backward_hooks = hooks


@contextmanager
def _same_values(model: nn.Module) -> Iterator[None]:
    """Rend aux poids et aux tampons leurs valeurs, et aux modules leurs tampons."""
    saved = [(t, t.detach().clone()) for t in (*model.parameters(), *model.buffers())]
    buffers = [(module, dict(module._buffers)) for module in model.modules()]
    try:
        yield
    finally:
        for module, tensors in buffers:
            module._buffers.clear()
            module._buffers.update(tensors)
        with torch.no_grad():
            for tensor, copy in saved:
                # Recopier sans besoin invaliderait une rétropropagation en attente.
                if not torch.equal(tensor, copy):
                    tensor.copy_(copy)


@contextmanager
def _same_random_state() -> Iterator[None]:
    """Rend aux générateurs globaux de nombres aléatoires leur état."""
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
        if cuda:
            torch.cuda.set_rng_state_all(cuda)


def read_batches(loader: Loader, model: nn.Module, n_batches: int | None = None) -> Iterator[Batch]:
    """Parcourt les lots d'un itérable, sur le périphérique du modèle.

    Parameters
    ----------
    loader : itérable de (x, y), ou Batches
        `x` et `y` sont des tenseurs, ou des structures de tenseurs, de même première dimension (les
        exemples), non vide.
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.

    Raises
    ------
    TypeError
        Si `loader` n'est pas un itérable de lots, ou si leur structure ne convient pas.
    ValueError
        S'il ne donne aucun lot, ou un lot vide ou mal apparié.
    """
    if n_batches is not None:
        check_count(n_batches, "n_batches", minimum=1)
    batches = loader if isinstance(loader, Batches) else Batches(loader)
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    empty = True
    for item in islice(batches, n_batches):
        empty = False
        yield batches.batch(item, device)
    if empty:
        raise ValueError(
            "train_loader : reçu un itérable sans aucun lot ; attendu au moins un couple (x, y). "
            "Un générateur ne se parcourt qu'une fois : donnez une liste ou un DataLoader."
        )


def reusable(loader: Loader) -> Loader:
    """Rend un itérable qu'on peut parcourir plusieurs fois : un itérateur est mis en liste."""
    if isinstance(loader, Batches):
        return loader.reusable()
    return list(loader) if isinstance(loader, Iterator) else loader


def sum_dtype(tensor: torch.Tensor) -> torch.dtype:
    """Type où sommer : celui du tenseur, float32 au moins."""
    return torch.promote_types(tensor.dtype, torch.float32)


def mean_over_examples(sums: Mapping[str, torch.Tensor], count: int) -> dict[str, torch.Tensor]:
    """Divise des sommes sur `count` exemples par leur nombre, tous processus confondus."""
    count = sum_over_processes(sums, count)
    return {name: total / count for name, total in sums.items()}


def sum_over_processes(sums: torch.Tensor | Mapping[str, torch.Tensor], count: int) -> int:
    """Ajoute sur place les sommes de tous les processus d'un groupe `torch.distributed`.

    Sans groupe initialisé, ne fait rien. Tous les processus reçoivent les mêmes bits.

    Parameters
    ----------
    sums : Tensor ou dict[str, Tensor]
    count : int
        Le nombre d'exemples (ou de lots) derrière ces sommes, dans ce processus.

    Returns
    -------
    int
        Leur nombre, tous processus confondus.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return count
    tensors = [sums] if isinstance(sums, torch.Tensor) else [sums[name] for name in sorted(sums)]
    # Avec NCCL, tout doit être sur le périphérique des tenseurs.
    total = torch.tensor(count, dtype=torch.int64, device=tensors[0].device)
    dist.all_reduce(total)
    for tensor in tensors:
        dist.all_reduce(tensor)
        # La somme peut dépendre du processus au dernier bit près : le premier fait foi.
        dist.broadcast(tensor, src=0)
    return int(total)
