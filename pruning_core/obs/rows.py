"""Les lignes d'un poids pendant un élagage OBS : noter, supprimer, compenser, bloc par bloc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from pruning_core.obs.algebra import compensate, damp, inverse_curvature, obs_scores
from pruning_core.types import Masks, Scores

# Plus d'exemples et de plus petits morceaux valent mieux que l'inverse, sur LeNet-300-100 ; mais
# couper en deux les lignes d'un petit réseau coûte un point d'exactitude.
_LONG_ROW = 128
_PIECE = 48

_CACHED_ELEMENTS = 2**27
_GROUP_ELEMENTS = 2**22

# Une couche sans aucune courbure (la précédente est toute élaguée) : y élaguer ne coûte rien.
_NO_CURVATURE = 1e-100


class RowCurvature(Protocol):
    """Courbure des lignes d'un poids (biais en dernière colonne), formée à la demande."""

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        ...

    def blocks(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Courbure [B, c, c] des lignes [B], chacune sur ses colonnes [B, c]."""
        ...


@dataclass(frozen=True)
class _Blocks:
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
        """Valeurs d'un tableau [O, I] aux places des morceaux, [B, c]."""
        return table[self.rows.unsqueeze(1), self.columns]

    def write(self, table: torch.Tensor, values: torch.Tensor) -> None:
        """Écrit des valeurs [B, c] à leurs places dans un tableau [O, I]."""
        rows = self.rows.unsqueeze(1).expand_as(self.columns)
        table[rows[self.valid], self.columns[self.valid]] = values[self.valid].to(table.dtype)


class Rows:
    """Les lignes d'un poids, avec leur biais en dernière colonne, et leur courbure.

    Une ligne qui a encore plus de `block_size` colonnes est traitée en morceaux égaux, dont la
    courbure croisée est négligée.

    Parameters
    ----------
    weight, bias : nn.Parameter
        Changés sur place par `prune`. Le biais est facultatif et n'est jamais supprimé.
    curvature : RowCurvature
    mask : Tensor booléen, de la forme du poids
        Les poids encore présents.
    damping : float
        Amortissement, relatif à la diagonale moyenne de la couche.
    block_size : int ou None
        `None` : 48 si le poids a plus de 128 colonnes, biais compris ; sinon les lignes sont
        entières.
    """

    def __init__(
        self,
        weight: nn.Parameter,
        bias: nn.Parameter | None,
        curvature: RowCurvature,
        mask: torch.Tensor,
        *,
        damping: float,
        block_size: int | None,
    ) -> None:
        self._weight = weight
        self._bias = bias
        self._curvature = curvature
        self._mask = mask
        self._damping = damping
        self._scale = curvature.mean_diagonal() or _NO_CURVATURE
        kept = self._with_bias_column(mask)
        self._pieces = _pieces(
            kept, _default_block_size(kept.shape[1]) if block_size is None else block_size
        )
        self._cache: dict[int, torch.Tensor] = {}

    def scores(self) -> torch.Tensor:
        """Saillance OBS de chaque poids présent ; −1 pour un poids déjà supprimé."""
        values = self._values()
        table = torch.full_like(values, -1.0)
        for index, piece in enumerate(self._pieces):
            inverse = inverse_curvature(self._damped(index))
            piece.write(table, obs_scores(piece.of(values), inverse))
        width = self._weight[0].numel()
        return table[:, :width].reshape(self._weight.shape)

    def prune(self, mask: torch.Tensor) -> None:
        """Supprime les poids hors du masque ; ajuste les autres et le biais, sur place."""
        values = self._values()
        kept = self._with_bias_column(mask)
        table = torch.zeros_like(values)
        for index, piece in enumerate(self._pieces):
            start = piece.of(values).masked_fill(~piece.valid, 0.0)
            piece.write(table, compensate(start, self._damped(index), piece.of(kept)))
        width = self._weight[0].numel()
        with torch.no_grad():
            self._weight.copy_(table[:, :width].reshape(self._weight.shape))
            if self._bias is not None:
                self._bias.copy_(table[:, width])

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

    def _values(self) -> torch.Tensor:
        rows = self._weight.detach().reshape(len(self._weight), -1).double()
        if self._bias is None:
            return rows
        return torch.cat([rows, self._bias.detach().double().unsqueeze(1)], 1)

    def _with_bias_column(self, mask: torch.Tensor) -> torch.Tensor:
        rows = mask.reshape(len(mask), -1)
        if self._bias is None:
            return rows
        return torch.cat([rows, torch.ones_like(rows[:, :1])], 1)


@dataclass(frozen=True)
class RowsStage:
    """Une étape d'OBS ligne par ligne, sur tous les poids choisis."""

    layers: dict[str, Rows]

    @classmethod
    def of(
        cls,
        work: nn.Module,
        curvatures: Mapping[str, RowCurvature],
        biases: Mapping[str, str],
        masks: Masks,
        *,
        damping: float,
        block_size: int | None,
    ) -> RowsStage:
        """Étape sur les poids de `work` que nomme `curvatures` ; `biases` : poids -> biais."""
        own = dict(work.named_parameters())
        return cls(
            {
                name: Rows(
                    own[name],
                    own[biases[name]] if name in biases else None,
                    curvature,
                    masks[name],
                    damping=damping,
                    block_size=block_size,
                )
                for name, curvature in curvatures.items()
            }
        )

    def scores(self) -> Scores:
        """Saillance de chaque poids présent ; −1 pour un poids déjà supprimé."""
        return {name: rows.scores() for name, rows in self.layers.items()}

    def prune(self, masks: Masks) -> None:
        """Supprime les poids hors des masques ; ajuste les autres et les biais, sur place."""
        for name, rows in self.layers.items():
            rows.prune(masks[name])


def _default_block_size(columns: int) -> int:
    return _PIECE if columns > _LONG_ROW else max(columns, 1)


def _pieces(kept: torch.Tensor, block_size: int) -> list[_Blocks]:
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


def _group(rows: torch.Tensor, columns: torch.Tensor, valid: torch.Tensor) -> list[_Blocks]:
    lengths = valid.sum(1)
    order = torch.argsort(lengths, descending=True, stable=True)
    groups: list[_Blocks] = []
    start = 0
    while start < len(order):
        width = int(lengths[order[start]])
        # Assez de morceaux pour vectoriser, assez peu pour la mémoire et le remplissage.
        end = start + max(1, _GROUP_ELEMENTS // width**2)
        chosen = order[start:end]
        groups.append(_Blocks(rows[chosen], columns[chosen, :width], valid[chosen, :width]))
        start = end
    return groups
