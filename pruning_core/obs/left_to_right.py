"""SparseGPT, tel que publié : élaguer une couche de gauche à droite, une colonne à la fois."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from pruning_core.masks.k_smallest import prune_smallest
from pruning_core.masks.patterns import Pattern
from pruning_core.obs.algebra import inverse_curvature
from pruning_core.obs.choosing import SharedCurvature

BLOCK = 128
"""Nombre de colonnes d'un bloc, dans l'article."""


def sweep(
    values: torch.Tensor,
    present: torch.Tensor,
    biased: bool,
    parts: Sequence[SharedCurvature],
    pruned: int | Pattern,
    block_size: int = BLOCK,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Élague un tableau [R, C] par blocs de colonnes ; la suite compense chaque colonne.

    Un bloc perd sa part des poids, les plus petits w² / d² où d est la diagonale du facteur de
    Cholesky U de H⁻¹ = Uᵀ U. Puis, de gauche à droite, l'erreur d'une colonne est reportée sur les
    suivantes, selon sa ligne de U. Dans un bloc, d décroît vers la droite, où moins de colonnes
    restent pour compenser : une couche guère plus large qu'un bloc y perd trop de ses premières.

    Parameters
    ----------
    values : Tensor [R, C], float64
        Nulles où elles sont absentes.
    present : Tensor booléen [R, C]
    biased : bool
        Vrai si la dernière colonne est celle du biais, qui s'ajuste et n'est jamais élaguée.
    parts : suite de SharedCurvature
    pruned : int ou Pattern
        Nombre de poids nuls voulus, les absents compris ; ou ce que garde chaque groupe.
    block_size : int
        Nombre de colonnes d'un bloc ; sous un motif, un bloc est un groupe.

    Returns
    -------
    Tensor [R, C], Tensor booléen [R, C]
        Les nouvelles valeurs, et ce qui est gardé.

    References
    ----------
    Frantar et Alistarh, 2023, algorithme 1 ; ici, le nombre de poids nuls est exact.
    """
    values, kept = values.clone(), present.clone()
    width = values.shape[1] - biased
    factors = [torch.linalg.cholesky(inverse_curvature(part.matrix), upper=True) for part in parts]
    done = 0
    size = pruned.group if isinstance(pruned, Pattern) else block_size
    for columns in _blocks(parts, width, size):
        inside = [
            (
                part,
                factor,
                slice(columns.start - part.columns.start, columns.stop - part.columns.start),
            )
            for part, factor in zip(parts, factors, strict=True)
            if part.columns.start <= columns.start < part.columns.stop
        ]
        scores = torch.empty_like(values[:, columns])
        for part, factor, block in inside:
            scores[part.rows] = (part.of(values)[:, block] / factor.diagonal()[block]).square()
        scores.masked_fill_(~present[:, columns], -1.0)
        if isinstance(pruned, Pattern):
            kept[:, columns] &= pruned.keep(scores)
        else:
            count = _share(present[:, :width], columns, pruned, done)
            kept[:, columns] = prune_smallest({"": scores}, count)[""]
            done += count
        for part, factor, block in inside:
            _carry(part.of(values), part.of(kept), factor, block)
    return values, kept


def _blocks(parts: Sequence[SharedCurvature], width: int, size: int) -> Iterator[slice]:
    """Les blocs de colonnes à élaguer ; aucun n'est sur deux morceaux."""
    for start, stop in sorted({(part.columns.start, part.columns.stop) for part in parts}):
        for first in range(start, min(stop, width), size):
            yield slice(first, min(first + size, stop, width))


def _share(present: torch.Tensor, columns: slice, pruned: int, done: int) -> int:
    """Nombre de poids nuls d'un bloc : sa part, compte tenu de ceux déjà absents, ici et après."""
    absent = int(torch.count_nonzero(~present[:, columns]))
    later = int(torch.count_nonzero(~present[:, columns.stop :]))
    wanted = pruned * columns.stop // present.shape[1] - done
    size = present[:, columns].numel()
    return min(size, max(absent, min(wanted, pruned - done - later)))


def _carry(values: torch.Tensor, kept: torch.Tensor, factor: torch.Tensor, block: slice) -> None:
    """Met à zéro, sur place, les colonnes d'un bloc, et reporte leur erreur sur les suivantes."""
    errors = torch.zeros_like(values[:, block])
    for index, column in enumerate(range(block.start, block.stop)):
        gone = values[:, column].masked_fill(kept[:, column], 0.0) / factor[column, column]
        rest = slice(column, block.stop)
        values[:, rest] -= torch.outer(gone, factor[column, rest])
        values[:, column].masked_fill_(~kept[:, column], 0.0)
        errors[:, index] = gone
    values[:, block.stop :] -= errors @ factor[block, block.stop :]
