"""La courbure de la perte par rapport à la sortie du modèle, en racines : Λ_i = Σ_c v_ic v_icᵀ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.func import grad, jacrev, vmap
from torch.nn import functional as F

from pruning_core.scoring import Criterion, check_mean_criterion

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
