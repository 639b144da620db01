"""Ajuster exactement les poids gardés de chaque ligne, quand les lignes partagent leur courbure."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from pruning_core.obs.algebra import cholesky, inverse_curvature

_GROUP_ELEMENTS = 2**22


def adjust_rows(values: torch.Tensor, curvature: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Met à zéro les poids non gardés de chaque ligne et ajuste les autres, tous ensemble.

    La solution est celle de `compensate`, avec K les poids gardés et Q les autres. Elle s'obtient
    de H_KK ou de [H⁻¹]_QQ : le plus petit des deux systèmes est résolu, les lignes de tailles
    voisines ensemble.

    Parameters
    ----------
    values : Tensor [R, c], float64
    curvature : Tensor [c, c], float64
        Définie positive.
    kept : Tensor booléen [R, c]

    Returns
    -------
    Tensor [R, c]
        Un tableau neuf ; temps O(Σ_r min(|K_r|, |Q_r|)³ + R c²).

    Raises
    ------
    ValueError
        Si la courbure n'est pas définie positive.

    References
    ----------
    Hassibi et Stork, 1993 ; Frantar, Singh et Alistarh, 2022, éq. 3, pour l'ajustement groupé.
    """
    adjusted = values.masked_fill(~kept, 0.0)
    counts = kept.sum(1)
    width = values.shape[1]
    changed = (values * ~kept).any(1)
    by_kept = changed & (2 * counts <= width)
    by_removed = changed & ~by_kept
    if bool(by_kept.any()):
        rows = by_kept.nonzero().squeeze(1)
        slope = values[rows] @ curvature
        adjusted[rows] = _solve(curvature, kept[rows], slope)
    if bool(by_removed.any()):
        inverse = inverse_curvature(curvature)
        rows = by_removed.nonzero().squeeze(1)
        force = _solve(inverse, ~kept[rows], values[rows])
        adjusted[rows] = (values[rows] - force @ inverse).masked_fill(~kept[rows], 0.0)
    return adjusted


def _solve(matrix: torch.Tensor, active: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Résout A_SS x_S = b_S dans chaque ligne, où S sont ses places actives ; 0 ailleurs."""
    solution = torch.zeros_like(target)
    for rows, places, valid in _groups(active):
        block = matrix[places.unsqueeze(2), places.unsqueeze(1)]
        # Aux places en trop, l'identité : le système se sépare.
        block.masked_fill_(~(valid.unsqueeze(2) & valid.unsqueeze(1)), 0.0)
        block.diagonal(dim1=1, dim2=2).masked_fill_(~valid, 1.0)
        right = target[rows.unsqueeze(1), places].masked_fill(~valid, 0.0)
        found = torch.cholesky_solve(right.unsqueeze(2), cholesky(block)).squeeze(2)
        every = rows.unsqueeze(1).expand_as(places)
        solution[every[valid], places[valid]] = found[valid]
    return solution


def _groups(active: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Lignes [B], leurs places actives [B, w] et lesquelles valent, par tailles voisines."""
    counts = active.sum(1)
    order = counts.argsort(descending=True, stable=True)
    start = 0
    while start < len(order):
        width = int(counts[order[start]])
        if width == 0:
            return
        # Assez de lignes pour vectoriser, assez peu pour la mémoire et le remplissage.
        rows = order[start : start + max(1, _GROUP_ELEMENTS // width**2)]
        # Les places actives d'abord, dans l'ordre.
        places = active[rows].logical_not().to(torch.uint8).argsort(dim=1, stable=True)[:, :width]
        yield rows, places, torch.gather(active[rows], 1, places)
        start += len(rows)
