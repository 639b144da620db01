"""Une étape d'OBS sur les lignes d'un tableau : noter, puis ajuster, morceau par morceau.

Une ligne est un groupe de variables dont la courbure est jointe : les poids d'un neurone et son
biais, ou un bloc de variables consécutives. Entre deux lignes, la courbure est négligée.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from pruning_core.curvature.pieces import Pieces
from pruning_core.obs.algebra import (
    NO_CURVATURE,
    cholesky,
    compensate,
    damp,
    inverse_curvature,
    obs_scores,
)


class RowCurvature(Protocol):
    """Courbure des lignes d'un tableau, formée à la demande."""

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        ...

    def blocks(self, piece: Pieces) -> torch.Tensor:
        """Courbure de morceaux de lignes, [B, c, c]."""
        ...


@dataclass(frozen=True)
class MatrixCurvature:
    """Une matrice entière par ligne.

    Attributes
    ----------
    matrices : Tensor [R, C, C]
    mean : float
        Moyenne de la diagonale.
    """

    matrices: torch.Tensor
    mean: float

    def mean_diagonal(self) -> float:
        """Voir `RowCurvature`."""
        return self.mean

    def blocks(self, piece: Pieces) -> torch.Tensor:
        """Voir `RowCurvature`."""
        rows = piece.rows[:, None, None]
        return self.matrices[rows, piece.columns[:, :, None], piece.columns[:, None, :]]


class RowStage:
    """Une étape sur les lignes d'un tableau : leur courbure est celle du début de l'étape.

    Parameters
    ----------
    pieces : suite de Pieces
        Les morceaux où est chaque variable présente, une fois.
    curvature : RowCurvature
    damping : float
        Amortissement, relatif à la diagonale moyenne du tableau.
    """

    def __init__(self, pieces: Sequence[Pieces], curvature: RowCurvature, damping: float) -> None:
        self._pieces = pieces
        self._curvature = curvature
        self._damping = damping
        self._scale = curvature.mean_diagonal() or NO_CURVATURE

    def newton(self, slopes: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Pas de Newton des variables présentes, −H⁻¹g ; 0 pour une variable absente."""
        table = torch.zeros_like(slopes)
        slopes = slopes.masked_fill(~present, 0.0)
        for piece in self._pieces:
            right = piece.of(slopes).masked_fill(~piece.valid, 0.0).unsqueeze(-1)
            factor = cholesky(self._damped(piece, piece.of(present)))
            piece.write(table, -torch.cholesky_solve(right, factor).squeeze(-1))
        return table

    def scores(self, values: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Saillance OBS de chaque variable présente ; −1 pour une variable absente."""
        table = torch.full_like(values, -1.0)
        for piece in self._pieces:
            inverse = inverse_curvature(self._damped(piece, piece.of(present)))
            piece.write(table, obs_scores(piece.of(values), inverse))
        return table.masked_fill_(~present, -1.0)

    def adjusted(
        self, values: torch.Tensor, present: torch.Tensor, kept: torch.Tensor
    ) -> torch.Tensor:
        """Valeurs où les variables non gardées sont nulles, et les autres ajustées ensemble."""
        table = torch.zeros_like(values)
        values = values.masked_fill(~present, 0.0)
        for piece in self._pieces:
            block = self._damped(piece, piece.of(present))
            start = piece.of(values).masked_fill(~piece.valid, 0.0)
            piece.write(table, compensate(start, block, piece.of(kept)))
        return table

    def _damped(self, piece: Pieces, present: torch.Tensor) -> torch.Tensor:
        """Courbure amortie d'un groupe de morceaux ; l'identité aux places inoccupées."""
        block = damp(self._curvature.blocks(piece).double(), self._damping, scale=self._scale)
        there = piece.valid & present
        block.masked_fill_(~(there.unsqueeze(-1) & there.unsqueeze(-2)), 0.0)
        block.diagonal(dim1=-2, dim2=-1).masked_fill_(~there, 1.0)
        return block
