"""La courbure de la perte par rapport à la sortie du modèle, en racines : Λ_i = Σ_c v_ic v_icᵀ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.func import grad, jacrev, vmap
from torch.nn import functional as F

from pruning_core.types import Criterion

Vectors = Callable[[torch.Tensor, torch.Tensor], Iterator[torch.Tensor]]


def curvature_vectors(criterion: Criterion) -> Vectors:
    """Donne les racines v_ic de la hessienne Λ_i de la perte par rapport à la sortie.

    - entropie croisée : v_c = √p_c (e_c − p), car Σ_c v_c v_cᵀ = diag(p) − p pᵀ ;
    - erreur quadratique moyenne sur D sorties : v_c = √(2/D) e_c ;
    - toute autre perte convexe : racines tirées des valeurs propres de Λ_i.

    Returns
    -------
    fonction (sortie [N, ...], y) -> itérateur de tenseurs de la forme de la sortie
        La ligne i du c-ième tenseur est v_ic. Σ_i porte sur les exemples, sans moyenne.

    Raises
    ------
    ValueError
        (à l'appel) Si la perte n'est pas une moyenne sur les exemples, n'est pas convexe par
        rapport à la sortie, ou y est linéaire.
    """
    if isinstance(criterion, nn.CrossEntropyLoss) or criterion is F.cross_entropy:
        rows: Vectors = _cross_entropy_vectors
    elif isinstance(criterion, nn.MSELoss) or criterion is F.mse_loss:
        rows = _squared_error_vectors
    else:
        rows = _generic_vectors(criterion)

    def vectors(output: torch.Tensor, y: torch.Tensor) -> Iterator[torch.Tensor]:
        check_mean_criterion(criterion, output, y)
        if isinstance(criterion, nn.CrossEntropyLoss):
            _refuse_weighted(criterion, y)
        return rows(output, y)

    return vectors


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


def _generic_vectors(criterion: Criterion) -> Vectors:
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
