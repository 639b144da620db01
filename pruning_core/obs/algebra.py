"""L'algèbre d'Optimal Brain Surgeon sur une courbure donnée, dans l'ordre de la leçon 8.1.3.

L'inverse de la courbure amortie, la saillance (`eq-obs`), la compensation de plusieurs poids à la
fois (`eq-jointe`), puis le retrait d'un seul, qui tient l'inverse à jour (`eq-retrait`). Sauf la
dernière, toutes les fonctions acceptent une matrice [n, n] ou un lot de matrices [..., n, n].
"""

from __future__ import annotations

import torch

from pruning_core.checks import check_finite, check_positive

DAMPING = 1e-2
"""Amortissement par défaut d'OBS, relatif à la moyenne de la diagonale."""

NO_CURVATURE = 1e-100
"""Diagonale moyenne d'une couche qui n'en a pas (la précédente est toute élaguée) : y élaguer ne
coûte rien."""


def damp(curvature: torch.Tensor, damping: float, *, scale: float | None = None) -> torch.Tensor:
    """Ajoute `damping` × `scale` à la diagonale ; `scale` est par défaut la diagonale moyenne.

    Raises
    ------
    TypeError, ValueError
        Si l'amortissement n'est pas un réel fini, positif ou nul.
    """
    level = check_positive(damping, "damping")
    diagonal = curvature.diagonal(dim1=-2, dim2=-1)
    reference = float(diagonal.mean()) if scale is None else scale
    damped = curvature.clone()
    damped.diagonal(dim1=-2, dim2=-1).add_(level * reference)
    return damped


def inverse_curvature(curvature: torch.Tensor, *, damping: float = 0.0) -> torch.Tensor:
    """Inverse de la courbure amortie, H⁻¹, par Cholesky.

    Parameters
    ----------
    curvature : Tensor [..., n, n]
        Symétrique.
    damping : float
        Amortissement relatif à la diagonale moyenne : `H + damping · moyenne(diag H) · I`.

    Raises
    ------
    TypeError, ValueError
        Si la courbure n'est pas carrée et finie, ou pas définie positive une fois amortie.
    """
    _check_square(curvature)
    inverse: torch.Tensor = torch.cholesky_inverse(cholesky(damp(curvature, damping)))
    return inverse


def obs_scores(weights: torch.Tensor, inverse: torch.Tensor) -> torch.Tensor:
    """Saillance OBS : w_q² / (2 [H⁻¹]_qq), la hausse de perte une fois les autres poids ajustés.

    C'est la seconde ligne de `eq-obs`.

    Parameters
    ----------
    weights : Tensor [..., n]
    inverse : Tensor [..., n, n]

    References
    ----------
    Hassibi et Stork, 1993, éq. 5.
    """
    return weights.square() / (2.0 * inverse.diagonal(dim1=-2, dim2=-1))


def compensate(weights: torch.Tensor, curvature: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Met à zéro les poids non gardés et ajuste exactement les autres, tous ensemble.

    Minimise ½ δᵀ H δ sous δ_Q = −w_Q : δ_K = H_KK⁻¹ H_KQ w_Q, où K sont les poids gardés et Q les
    autres (`eq-jointe`). Des corrections d'un poids à la fois, additionnées, seraient fausses.

    Parameters
    ----------
    weights : Tensor [..., n]
    curvature : Tensor [..., n, n]
        Symétrique, définie positive sur les poids gardés (amortie au besoin).
    kept : Tensor booléen [..., n]

    Returns
    -------
    Tensor [..., n]
        Des poids neufs : exactement nuls hors de `kept`, et de perte quadratique minimale.

    Raises
    ------
    TypeError, ValueError
        Si les formes ou les types ne conviennent pas, ou si la courbure n'est pas définie positive.

    References
    ----------
    Hassibi et Stork, 1993, éq. 5, pour un poids ; le cas joint est la solution du système de KKT.
    """
    _check_square(curvature)
    if kept.dtype != torch.bool or kept.shape != weights.shape:
        raise TypeError(
            f"kept : reçu {kept.dtype} de forme {tuple(kept.shape)} ; attendu un masque booléen "
            f"de forme {tuple(weights.shape)}."
        )
    if curvature.shape[:-1] != weights.shape:
        raise ValueError(
            f"courbure : reçu la forme {tuple(curvature.shape)} ; attendu "
            f"{(*weights.shape, weights.shape[-1])}."
        )
    removed = weights.masked_fill(kept, 0.0)
    target = (curvature @ removed.unsqueeze(-1)).squeeze(-1).masked_fill(~kept, 0.0)
    # Hors de K, l'identité : le système se sépare, et les lignes d'un lot gardent la même taille.
    block = curvature.masked_fill(~(kept.unsqueeze(-1) & kept.unsqueeze(-2)), 0.0)
    block.diagonal(dim1=-2, dim2=-1).masked_fill_(~kept, 1.0)
    change = torch.cholesky_solve(target.unsqueeze(-1), cholesky(block)).squeeze(-1)
    return (weights + change).masked_fill(~kept, 0.0)


def remove_one(weights: torch.Tensor, inverse: torch.Tensor, index: int) -> None:
    """Élague un poids par OBS et réduit l'inverse, sur place, en O(n²).

    δw = −(w_q / [H⁻¹]_qq) H⁻¹ e_q (`eq-obs`, première ligne), puis
    H⁻¹ ← H⁻¹ − H⁻¹ e_q e_qᵀ H⁻¹ / [H⁻¹]_qq (`eq-retrait`), qui est l'inverse de H privée de la
    ligne et de la colonne q (mises à zéro).

    Parameters
    ----------
    weights : Tensor [n]
    inverse : Tensor [n, n]
    index : int
        Rang q du poids.
    """
    column = inverse[:, index].clone()
    pivot = column[index].clone()
    weights.sub_(column * (weights[index] / pivot))
    weights[index] = 0.0
    inverse.addr_(column, column, alpha=-1.0 / float(pivot))
    inverse[index, :] = 0.0
    inverse[:, index] = 0.0


def cholesky(curvature: torch.Tensor) -> torch.Tensor:
    """Facteur de Cholesky inférieur d'une courbure définie positive.

    Raises
    ------
    ValueError
        Si une matrice n'est pas définie positive (courbure indéfinie ou singulière).
    """
    factor: torch.Tensor
    factor, info = torch.linalg.cholesky_ex(curvature)
    # À la précision de la machine près, une matrice singulière peut passer : son pivot est infime.
    pivots = factor.diagonal(dim1=-2, dim2=-1).square()
    scale = curvature.diagonal(dim1=-2, dim2=-1)
    eps = 10 * torch.finfo(curvature.dtype).eps * curvature.shape[-1]
    if bool((info != 0).any()) or bool((pivots <= eps * scale).any()):
        lowest = float(torch.linalg.eigvalsh(curvature).min())
        raise ValueError(
            f"courbure : reçu une matrice indéfinie ou singulière (plus petite valeur propre : "
            f"{lowest:.3g}) ; attendu une matrice définie positive. Augmentez l'amortissement "
            "(damping), ou prenez la GGN plutôt que la hessienne."
        )
    return factor


def _check_square(curvature: torch.Tensor) -> None:
    check_finite(curvature, "courbure")
    if curvature.ndim < 2 or curvature.shape[-1] != curvature.shape[-2]:
        raise ValueError(
            f"courbure : reçu la forme {tuple(curvature.shape)} ; attendu une matrice carrée."
        )
