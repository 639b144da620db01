"""La courbure de la perte par rapport à la sortie du modèle, en racines : Λ_i = Σ_c v_ic v_icᵀ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.func import grad, jacrev, vmap
from torch.nn import functional as F

from pruning_core.batches import Batch
from pruning_core.structures import WAY_OUT, Output, map_tensors
from pruning_core.types import Criterion

_RowVectors = Callable[[torch.Tensor, torch.Tensor], Iterator[torch.Tensor]]

Roots = Callable[[slice], Iterator[torch.Tensor]]
"""(exemples) -> les v_c, chacun réduit aux lignes de ces exemples, de la forme de la sortie."""

Vectors = Callable[[Output, Any], Roots]
"""(sortie de tout un lot, cible) -> ses vecteurs. Le lot entier, car la perte peut avoir son propre
dénominateur (poids de classes, cibles ignorées)."""


def curvature_vectors(criterion: Criterion) -> Vectors:
    """Donne les racines v_ic de la hessienne Λ_i de la perte par rapport à la sortie.

    - entropie croisée : v_c = √p_c (e_c − p), car Σ_c v_c v_cᵀ = diag(p) − p pᵀ ;
    - erreur quadratique moyenne sur D sorties : v_c = √(2/D) e_c ;
    - toute autre perte convexe : racines tirées des valeurs propres de Λ_i.

    Returns
    -------
    Vectors
        La ligne i du c-ième tenseur est v_ic. Σ_i porte sur les exemples, sans moyenne.

    Raises
    ------
    ValueError
        (à l'appel) Si la perte n'est pas une moyenne sur les exemples, n'est pas convexe par
        rapport à la sortie, ou y est linéaire.
    """

    def vectors(output: Output, target: Any) -> Roots:
        check_mean_criterion(criterion, output, target)
        if isinstance(criterion, nn.CrossEntropyLoss):
            _refuse_weighted(criterion, target)
        rows = _row_vectors(criterion, output)
        return lambda part: rows(output.values[part], _rows(target, part))

    return vectors


def _row_vectors(criterion: Criterion, output: Output) -> _RowVectors:
    if isinstance(criterion, nn.CrossEntropyLoss) or criterion is F.cross_entropy:
        return _cross_entropy_vectors
    if isinstance(criterion, nn.MSELoss) or criterion is F.mse_loss:
        return _squared_error_vectors
    return _generic_vectors(
        lambda values, target: loss_of(criterion, replace(output, values=values), target)
    )


def _refuse_weighted(criterion: nn.CrossEntropyLoss, y: torch.Tensor) -> None:
    """Le contrôle par les premiers exemples peut manquer un exemple ignoré plus loin."""
    ignored = not y.is_floating_point() and bool((y == criterion.ignore_index).any())
    if ignored or criterion.weight is not None:
        raise ValueError(
            "criterion : reçu une CrossEntropyLoss avec des poids de classes ou des exemples "
            "ignorés ; attendu la moyenne simple sur les exemples (reduction='mean')."
        )


def _cross_entropy_vectors(output: torch.Tensor, y: torch.Tensor) -> Iterator[torch.Tensor]:
    # [N, C, ...] : la perte d'un exemple est la moyenne sur ses P positions.
    probabilities = (
        output.flatten(2).softmax(1) if output.ndim > 2 else output.softmax(1)[..., None]
    )
    _, classes, positions = probabilities.shape
    roots = (probabilities / positions).sqrt()
    for position in range(positions):
        for c in range(classes):
            vector = torch.zeros_like(probabilities)
            vector[:, :, position] = -roots[:, c, None, position] * probabilities[..., position]
            vector[:, c, position] += roots[:, c, position]
            yield vector.reshape(output.shape)


def _squared_error_vectors(output: torch.Tensor, y: torch.Tensor) -> Iterator[torch.Tensor]:
    size = output[0].numel()
    for c in range(size):
        vector = output.new_zeros(len(output), size)
        vector[:, c] = (2.0 / size) ** 0.5
        yield vector.reshape(output.shape)


def _generic_vectors(criterion: Criterion) -> _RowVectors:
    def vectors(output: torch.Tensor, y: torch.Tensor) -> Iterator[torch.Tensor]:
        shape = output.shape[1:]

        def loss(flat: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
            return criterion(flat.reshape(1, *shape), target.unsqueeze(0))

        matrices = vmap(jacrev(grad(loss)))(output.flatten(1), y)
        values, directions = torch.linalg.eigh(matrices)
        limit = 1e3 * torch.finfo(values.dtype).eps * values.abs().max()
        if not bool(values.abs().max() > 0):
            raise ValueError(
                "criterion : reçu une perte linéaire par rapport à la sortie du modèle (comme "
                "NLLLoss après log_softmax) ; attendu une perte dont la GGN n'est pas nulle, par "
                "exemple CrossEntropyLoss sur les scores avant softmax."
            )
        if bool((values < -limit).any()):
            raise ValueError(
                f"criterion : reçu une perte de courbure {float(values.min()):.3g} par rapport à "
                "la sortie ; attendu une perte convexe par rapport à la sortie."
            )
        roots = directions * values.clamp(min=0).sqrt()[:, None, :]
        for c in range(roots.shape[-1]):
            yield roots[..., c].reshape(output.shape)

    return vectors


_CHECKED_SAMPLES = 8


def batch_loss(model: nn.Module, criterion: Criterion, batch: Batch) -> tuple[Output, torch.Tensor]:
    """Sortie du modèle et perte moyenne d'un lot, contrôlées.

    Returns
    -------
    output : Output
    loss : Tensor scalaire

    Raises
    ------
    TypeError, ValueError
        Si la sortie ou la perte ne conviennent pas ; voir `Batch.output` et `check_loss`.
    """
    output = batch.output(model)
    return output, check_loss(loss_of(criterion, output, batch.target))


def loss_of(criterion: Criterion, output: Output, target: Any) -> torch.Tensor:
    """Perte d'une sortie, que la fonction de perte reçoit comme le modèle la rend.

    Raises
    ------
    TypeError
        Si c'est une classe, si les lots n'ont pas de cible, ou si elle ne lit pas une telle sortie.
    """
    if isinstance(criterion, type) or not callable(criterion):
        raise TypeError(
            f"criterion : reçu {criterion!r} ; attendu une fonction (sortie, cible) -> perte, par "
            "exemple nn.CrossEntropyLoss(), avec ses parenthèses."
        )
    if target is None:
        raise TypeError(
            "train_loader : reçu des lots sans cible ; attendu Batches(loader, forward=..., "
            "target=lambda batch: ...), ce que lit la fonction de perte après la sortie."
        )
    try:
        return criterion(output.restored(output.values), target)
    except Exception as error:
        if output.layout is None:
            raise
        raise TypeError(
            f"model : reçu une sortie de type {output.kind}, que la fonction de perte ne lit pas "
            f"({error}) ; attendu un tenseur, ou une perte qui lise toute la sortie. Pour en "
            "choisir une partie : " + WAY_OUT
        ) from error


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


def check_mean_criterion(criterion: Criterion, output: Output, target: Any) -> None:
    """Vérifie que la perte d'un lot est la moyenne des pertes de ses exemples.

    Cela écarte `reduction="sum"`, mais aussi des poids de classes ou un `ignore_index` qui
    rendraient l'exemple isolé incomparable au lot.

    Raises
    ------
    ValueError
        Si ce n'est pas le cas.
    """

    def loss(values: torch.Tensor, y: Any) -> torch.Tensor:
        return loss_of(criterion, replace(output, values=values), y)

    values = output.values.detach()[:_CHECKED_SAMPLES]
    y = _rows(target, slice(_CHECKED_SAMPLES))
    if len(values) == 1:
        values, y = torch.cat([values, values]), map_tensors(y, lambda t: torch.cat([t, t]))
    whole = check_loss(loss(values, y)).item()
    each = [slice(i, i + 1) for i in range(len(values))]
    parts = [loss(values[one], _rows(y, one)).item() for one in each]
    mean = sum(parts) / len(parts)
    tolerance = 50 * torch.finfo(values.dtype).eps * max(1.0, *map(abs, parts))
    if not abs(whole - mean) <= tolerance:
        raise ValueError(
            f"criterion : reçu une perte de lot de {whole:.6g} pour des pertes d'exemples de "
            f"moyenne {mean:.6g} ; attendu la moyenne sur les exemples (reduction='mean', sans "
            "poids de classes ni exemples ignorés)."
        )


def _rows(target: Any, part: slice) -> Any:
    return map_tensors(target, lambda tensor: tensor[part])


def loss_gradients(criterion: Criterion) -> Vectors:
    """Donne le gradient de la perte de chaque exemple par rapport à sa sortie.

    Returns
    -------
    Vectors
        D'un seul tenseur, dont la ligne i est ∂ℓ_i/∂f(x_i), soit N fois le gradient de la perte
        moyenne.
    """

    def vectors(output: Output, target: Any) -> Roots:
        check_mean_criterion(criterion, output, target)
        leaf = output.values.detach().requires_grad_()
        with torch.enable_grad():
            loss = check_loss(loss_of(criterion, replace(output, values=leaf), target))
            gradient = torch.autograd.grad(loss, leaf)[0] * len(leaf)
        return lambda part: iter([gradient[part]])

    return vectors
