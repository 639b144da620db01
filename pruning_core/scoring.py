"""Ce que partagent les critères qui font passer des données dans le modèle.

Un contexte qui rend le modèle tel qu'il était, la lecture des lots, le contrôle de la fonction de
perte, et la somme sur les processus d'un groupe distribué.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from pruning_core.checks import check_count

Batch = tuple[torch.Tensor, torch.Tensor]
Loader = Iterable[Batch]
Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

_CHECKED_SAMPLES = 8


@contextmanager
def scoring(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None = None
) -> Iterator[None]:
    """Prépare un calcul de scores, puis rend le modèle et le hasard tels qu'ils étaient.

    Dans le contexte, le modèle est en mode évaluation (les lots ne se mélangent pas, rien n'est
    tiré au sort), ses gradients sont mis de côté, autograd est actif, et les poids de
    `parameters` sont dérivables même s'ils sont gelés. En sortie, même si une
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
    try:
        model.eval()
        for parameter in own:
            parameter.grad = None
        for parameter in (parameters or {}).values():
            parameter.requires_grad_(True)
        # Les noyaux rapides d'attention n'ont ni dérivée seconde ni forme vectorisée.
        torch.backends.mha.set_fastpath_enabled(False)
        with torch.enable_grad(), sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fastpath)
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


def read_batches(loader: Loader, model: nn.Module, n_batches: int | None = None) -> Iterator[Batch]:
    """Parcourt les lots `(x, y)` d'un itérable, sur le périphérique du modèle.

    Parameters
    ----------
    loader : itérable de (x, y)
        `x` et `y` sont des tenseurs de même première dimension (les exemples), non vide.
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.

    Raises
    ------
    TypeError
        Si `loader` n'est pas un itérable de couples de tenseurs.
    ValueError
        S'il ne donne aucun lot, ou un lot vide ou mal apparié.
    """
    if n_batches is not None:
        check_count(n_batches, "n_batches", minimum=1)
    if not isinstance(loader, Iterable) or isinstance(loader, torch.Tensor):
        raise TypeError(
            f"train_loader : reçu {type(loader).__name__} ; attendu un itérable de couples (x, y)."
        )
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    empty = True
    for item in islice(loader, n_batches):
        _check_batch(item)
        empty = False
        yield item[0].to(device), item[1].to(device)
    if empty:
        raise ValueError(
            "train_loader : reçu un itérable sans aucun lot ; attendu au moins un couple (x, y). "
            "Un générateur ne se parcourt qu'une fois : donnez une liste ou un DataLoader."
        )


def _check_batch(item: object) -> None:
    if not isinstance(item, (tuple, list)) or len(item) != 2:
        size = f" de longueur {len(item)}" if isinstance(item, (tuple, list)) else ""
        raise TypeError(
            f"train_loader : reçu un lot {type(item).__name__}{size} ; attendu un couple (x, y)."
        )
    x, y = item
    for value, name in ((x, "x"), (y, "y")):
        if not isinstance(value, torch.Tensor):
            raise TypeError(
                f"train_loader : reçu {name} de type {type(value).__name__} ; attendu un tenseur."
            )
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"train_loader : reçu x de forme {tuple(x.shape)} et y de forme {tuple(y.shape)} ; "
            "attendu la même première dimension, non nulle (les exemples)."
        )


def reusable(loader: Loader) -> Loader:
    """Rend un itérable qu'on peut parcourir plusieurs fois : un itérateur est mis en liste."""
    return list(loader) if isinstance(loader, Iterator) else loader


def batch_loss(
    model: nn.Module, criterion: Criterion, x: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sortie du modèle et perte moyenne d'un lot, contrôlées.

    Returns
    -------
    output : Tensor [N, ...]
    loss : Tensor scalaire

    Raises
    ------
    TypeError
        Si le modèle ne rend pas un tenseur, ou si la perte n'est pas un scalaire.
    ValueError
        Si la sortie n'a pas une ligne par exemple, ou si la perte n'est pas finie.
    """
    output = check_output(model(x), x)
    return output, check_loss(criterion(output, y))


def check_output(output: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Vérifie que la sortie du modèle est un tenseur, une ligne par exemple, et la rend.

    Raises
    ------
    TypeError
        Si ce n'est pas un tenseur.
    ValueError
        S'il n'a pas une ligne par exemple.
    """
    if not isinstance(output, torch.Tensor):
        raise TypeError(
            f"model : reçu une sortie de type {type(output).__name__} ; attendu un tenseur."
        )
    if output.ndim == 0 or len(output) != len(x):
        raise ValueError(
            f"model : reçu une sortie de forme {tuple(output.shape)} pour {len(x)} exemples ; "
            "attendu une ligne par exemple."
        )
    return output


def check_loss(loss: torch.Tensor) -> torch.Tensor:
    """Vérifie qu'une perte est un scalaire fini et la rend.

    Raises
    ------
    TypeError
        Si ce n'est pas un tenseur scalaire.
    ValueError
        Si elle n'est pas finie.
    """
    if not isinstance(loss, torch.Tensor) or loss.ndim != 0:
        shape = tuple(loss.shape) if isinstance(loss, torch.Tensor) else type(loss).__name__
        raise TypeError(
            f"criterion : reçu une perte de forme {shape} ; attendu un scalaire, la moyenne "
            "sur les exemples (reduction='mean')."
        )
    if not bool(torch.isfinite(loss)):
        raise ValueError(f"criterion : reçu une perte de {loss.item()} ; attendu un nombre fini.")
    return loss


def check_mean_criterion(criterion: Criterion, output: torch.Tensor, y: torch.Tensor) -> None:
    """Vérifie que la perte d'un lot est la moyenne des pertes de ses exemples.

    Cela écarte `reduction="sum"`, mais aussi des poids de classes ou un `ignore_index` qui
    rendraient l'exemple isolé incomparable au lot.

    Raises
    ------
    ValueError
        Si ce n'est pas le cas.
    """
    output = output.detach()[:_CHECKED_SAMPLES]
    y = y[:_CHECKED_SAMPLES]
    if len(output) == 1:
        output, y = torch.cat([output, output]), torch.cat([y, y])
    whole = check_loss(criterion(output, y)).item()
    parts = [criterion(output[i : i + 1], y[i : i + 1]).item() for i in range(len(output))]
    mean = sum(parts) / len(parts)
    tolerance = 50 * torch.finfo(output.dtype).eps * max(1.0, *map(abs, parts))
    if not abs(whole - mean) <= tolerance:
        raise ValueError(
            f"criterion : reçu une perte de lot de {whole:.6g} pour des pertes d'exemples de "
            f"moyenne {mean:.6g} ; attendu la moyenne sur les exemples (reduction='mean', sans "
            "poids de classes ni exemples ignorés)."
        )


def sum_over_processes(tensors: dict[str, torch.Tensor], count: int) -> int:
    """Ajoute sur place les tenseurs de tous les processus d'un groupe `torch.distributed`.

    Sans groupe initialisé, ne fait rien. Tous les processus reçoivent les mêmes bits.

    Returns
    -------
    int
        Le nombre total d'exemples (ou de lots) derrière ces sommes.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return count
    # Avec NCCL, tout doit être sur le périphérique des tenseurs.
    device = next((tensor.device for tensor in tensors.values()), torch.device("cpu"))
    total = torch.tensor(count, dtype=torch.int64, device=device)
    dist.all_reduce(total)
    for name in sorted(tensors):
        dist.all_reduce(tensors[name])
        # La somme peut dépendre du processus au dernier bit près : le premier fait foi.
        dist.broadcast(tensors[name], src=0)
    return int(total)


def loss_gradients(
    criterion: Criterion,
) -> Callable[[torch.Tensor, torch.Tensor], Iterator[torch.Tensor]]:
    """Donne le gradient de la perte de chaque exemple par rapport à sa sortie.

    Returns
    -------
    fonction (sortie [N, ...], y) -> itérateur d'un seul tenseur [N, ...]
        Sa ligne i est ∂ℓ_i/∂f(x_i), soit N fois le gradient de la perte moyenne.
    """

    def vectors(output: torch.Tensor, y: torch.Tensor) -> Iterator[torch.Tensor]:
        check_mean_criterion(criterion, output, y)
        leaf = output.detach().requires_grad_()
        loss = check_loss(criterion(leaf, y))
        yield torch.autograd.grad(loss, leaf)[0] * len(output)

    return vectors
