"""Une étape d'OBS sur les lignes d'un tableau : noter, puis ajuster, morceau par morceau.

Une ligne est un groupe de variables dont la courbure est jointe : les poids d'un neurone et son
biais, ou un bloc de variables consécutives. Entre deux lignes, la courbure est négligée.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch

from pruning_core.obs.algebra import compensate, damp, inverse_curvature, obs_scores

# Plus d'exemples et de plus petits morceaux valent mieux que l'inverse, sur LeNet-300-100 ; mais
# couper en deux les lignes d'un petit réseau coûte un point d'exactitude.
_LONG_ROW = 128
_PIECE = 48

_CACHED_ELEMENTS = 2**27
_GROUP_ELEMENTS = 2**22

# Une couche sans aucune courbure (la précédente est toute élaguée) : y élaguer ne coûte rien.
_NO_CURVATURE = 1e-100


class RowCurvature(Protocol):
    """Courbure des lignes d'un tableau, formée à la demande."""

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        ...

    def blocks(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Courbure [B, c, c] des lignes [B], chacune sur ses colonnes [B, c]."""
        ...


@dataclass(frozen=True)
class MatrixCurvature:
    """Une matrice commune aux lignes d'un même groupe.

    Attributes
    ----------
    matrices : Tensor [G, C, C]
    rows : int
        Nombre de lignes, réparties également entre les G groupes.
    mean : float
        Moyenne de la diagonale.
    """

    matrices: torch.Tensor
    rows: int
    mean: float

    def mean_diagonal(self) -> float:
        """Voir `RowCurvature`."""
        return self.mean

    def blocks(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Voir `RowCurvature`."""
        groups = (rows // (self.rows // len(self.matrices)))[:, None, None]
        return self.matrices[groups, columns[:, :, None], columns[:, None, :]]


class RowStage:
    """Une étape sur les lignes d'un tableau : leur courbure est celle du début de l'étape.

    Parameters
    ----------
    present : Tensor booléen [R, C]
        Les variables qui ne sont pas encore supprimées.
    curvature : RowCurvature
    damping : float
        Amortissement, relatif à la diagonale moyenne du tableau.
    block_size : int ou None
        Une ligne qui a encore plus de colonnes est traitée en morceaux égaux, dont la courbure
        croisée est négligée. `None` : 48 pour plus de 128 colonnes ; sinon, des lignes entières.
    """

    def __init__(
        self,
        present: torch.Tensor,
        curvature: RowCurvature,
        damping: float,
        block_size: int | None,
    ) -> None:
        self._curvature = curvature
        self._damping = damping
        self._scale = curvature.mean_diagonal() or _NO_CURVATURE
        columns = present.shape[1]
        default = _PIECE if columns > _LONG_ROW else max(columns, 1)
        self._pieces = _pieces(present, default if block_size is None else block_size)
        self._cache: dict[int, torch.Tensor] = {}

    def scores(self, values: torch.Tensor) -> torch.Tensor:
        """Saillance OBS de chaque variable présente ; −1 pour une variable déjà supprimée."""
        table = torch.full_like(values, -1.0)
        for index, piece in enumerate(self._pieces):
            inverse = inverse_curvature(self._damped(index))
            piece.write(table, obs_scores(piece.of(values), inverse))
        return table

    def adjusted(self, values: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        """Valeurs où les variables non gardées sont nulles, et les autres ajustées ensemble."""
        table = torch.zeros_like(values)
        for index, piece in enumerate(self._pieces):
            start = piece.of(values).masked_fill(~piece.valid, 0.0)
            piece.write(table, compensate(start, self._damped(index), piece.of(kept)))
        return table

    def _damped(self, index: int) -> torch.Tensor:
        """Courbure amortie d'un groupe de morceaux ; l'identité aux places inoccupées."""
        if index in self._cache:
            return self._cache[index]
        piece = self._pieces[index]
        block = self._curvature.blocks(piece.rows, piece.columns).double()
        block = damp(block, self._damping, scale=self._scale)
        block.masked_fill_(~(piece.valid.unsqueeze(-1) & piece.valid.unsqueeze(-2)), 0.0)
        block.diagonal(dim1=-2, dim2=-1).masked_fill_(~piece.valid, 1.0)
        if sum(b.numel() for b in self._cache.values()) + block.numel() <= _CACHED_ELEMENTS:
            self._cache[index] = block
        return block


@dataclass(frozen=True)
class _Pieces:
    """Des morceaux de lignes, de tailles voisines.

    Attributes
    ----------
    rows : Tensor d'entiers [B]
    columns : Tensor d'entiers [B, c]
        Colonnes encore présentes ; 0 où `valid` est faux (morceaux plus courts que c).
    valid : Tensor booléen [B, c]
    """

    rows: torch.Tensor
    columns: torch.Tensor
    valid: torch.Tensor

    def of(self, table: torch.Tensor) -> torch.Tensor:
        """Valeurs d'un tableau [R, C] aux places des morceaux, [B, c]."""
        return table[self.rows.unsqueeze(1), self.columns]

    def write(self, table: torch.Tensor, values: torch.Tensor) -> None:
        """Écrit des valeurs [B, c] à leurs places dans un tableau [R, C]."""
        rows = self.rows.unsqueeze(1).expand_as(self.columns)
        table[rows[self.valid], self.columns[self.valid]] = values[self.valid].to(table.dtype)


def _pieces(kept: torch.Tensor, block_size: int) -> list[_Pieces]:
    """Découpe les colonnes présentes de chaque ligne en morceaux, groupés par taille voisine."""
    counts = kept.sum(1)
    numbers = (counts + block_size - 1) // block_size
    sizes = torch.where(numbers > 0, (counts + numbers.clamp(min=1) - 1) // numbers.clamp(min=1), 1)
    ranks = kept.cumsum(1) - 1
    first = numbers.cumsum(0) - numbers
    row, column = torch.nonzero(kept, as_tuple=True)
    rank = ranks[row, column]
    block = first[row] + rank // sizes[row]
    place = rank % sizes[row]
    total, width = int(numbers.sum()), int(sizes.max()) if len(sizes) else 0
    columns = torch.zeros(total, width, dtype=torch.long, device=kept.device)
    valid = torch.zeros(total, width, dtype=torch.bool, device=kept.device)
    columns[block, place] = column
    valid[block, place] = True
    rows = torch.arange(len(kept), device=kept.device).repeat_interleave(numbers)
    return _group(rows, columns, valid)


def _group(rows: torch.Tensor, columns: torch.Tensor, valid: torch.Tensor) -> list[_Pieces]:
    lengths = valid.sum(1)
    order = torch.argsort(lengths, descending=True, stable=True)
    groups: list[_Pieces] = []
    start = 0
    while start < len(order):
        width = int(lengths[order[start]])
        # Assez de morceaux pour vectoriser, assez peu pour la mémoire et le remplissage.
        end = start + max(1, _GROUP_ELEMENTS // width**2)
        chosen = order[start:end]
        groups.append(_Pieces(rows[chosen], columns[chosen, :width], valid[chosen, :width]))
        start = end
    return groups
