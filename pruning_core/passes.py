"""Faire passer des exemples dans un modèle : le laisser tel quel, lire les lots, additionner.

Toute mesure sur des données s'écrit ainsi : dans `undisturbed(model)`, une somme sur les lots de
`read_batches`, puis `mean_over_examples`, qui y ajoute celles des autres processus.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from pruning_core.batches import Batch, Batches
from pruning_core.checks import check_count
from pruning_core.held.models import lifted
from pruning_core.types import Loader


@contextmanager
def undisturbed(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None = None
) -> Iterator[None]:
    """Prépare une mesure sur le modèle, puis rend le modèle et le hasard tels qu'ils étaient.

    Dans le contexte, le modèle est en mode évaluation (les lots ne se mélangent pas, rien n'est
    tiré au sort), ses gradients sont mis de côté, autograd est actif, et les poids de
    `parameters` sont dérivables même s'ils sont gelés ; rien n'y est compilé, ni tenu à zéro
    (`hold_masks`). En sortie, même si une
    exception passe, sont rendus : le mode de chaque module, les gradients, `requires_grad`,
    les valeurs des poids et des tampons (statistiques de BatchNorm), et l'état des générateurs
    de `torch`, `numpy` et `random`.
    """
    modes = [(module, module.training) for module in model.modules()]
    own = list(model.parameters())
    gradients = [parameter.grad for parameter in own]
    flags = [parameter.requires_grad for parameter in own]
    saved = [(t, t.detach().clone()) for t in (*own, *model.buffers())]
    buffers = [(m, dict(m._buffers)) for m in model.modules()]
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    fastpath = torch.backends.mha.get_fastpath_enabled()
    onednn = torch.backends.mkldnn.enabled
    try:
        model.eval()
        for parameter in own:
            parameter.grad = None
        for parameter in (parameters or {}).values():
            parameter.requires_grad_(True)
        # Les noyaux rapides d'attention n'ont ni dérivée seconde ni forme vectorisée.
        torch.backends.mha.set_fastpath_enabled(False)
        # torch.func ne sait pas dériver le LSTM en float32 que la bibliothèque oneDNN calcule.
        torch.backends.mkldnn.set_flags(onednn and not has_recurrence(model))
        with lifted(model), uncompiled(), torch.enable_grad(), sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fastpath)
        torch.backends.mkldnn.set_flags(onednn)
        for module, training in modes:
            module.training = training
        for parameter, gradient, flag in zip(own, gradients, flags, strict=True):
            parameter.requires_grad_(flag)
            parameter.grad = gradient
        for module, tensors in buffers:
            module._buffers.clear()
            module._buffers.update(tensors)
        with torch.no_grad():
            for tensor, copy in saved:
                # Recopier sans besoin invaliderait une rétropropagation en attente.
                if not torch.equal(tensor, copy):
                    tensor.copy_(copy)
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
        if cuda:
            torch.cuda.set_rng_state_all(cuda)


def uncompiled() -> AbstractContextManager[object]:
    """Contexte où un modèle compilé (`torch.compile`) s'exécute pas à pas, et voit les crochets."""
    # Sans PyTorch 2.6, ou si rien n'a été compilé, il n'y a rien à faire, ni à charger.
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return nullcontext()
    return torch.compiler.set_stance("force_eager")


def has_recurrence(model: nn.Module) -> bool:
    """Dit si le modèle contient un module récurrent, que `vmap` ne sait pas vectoriser."""
    return any(isinstance(module, (nn.RNNBase, nn.RNNCellBase)) for module in model.modules())


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
