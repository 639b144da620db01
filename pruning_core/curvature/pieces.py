"""Couper les lignes d'un tableau en morceaux : la courbure entre deux morceaux est négligée."""

from __future__ import annotations

from dataclasses import dataclass

import torch

# Plus d'exemples et de plus petits morceaux valent mieux que l'inverse, sur LeNet-300-100 ; mais
# couper en deux les lignes d'un petit réseau coûte un point d'exactitude.
_LONG_ROW = 128
_PIECE = 48

_GROUP_ELEMENTS = 2**22


@dataclass(frozen=True, eq=False)
class Pieces:
    """Des morceaux de lignes, de tailles voisines.

    Attributes
    ----------
    rows : Tensor d'entiers [B]
    columns : Tensor d'entiers [B, c]
        Colonnes de chaque morceau ; 0 où `valid` est faux (morceaux plus courts que c).
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


def whole_rows(rows: int, width: int, device: torch.device) -> Pieces:
    """Toutes les colonnes de toutes les lignes d'un tableau, sans rien couper."""
    columns = torch.arange(width, device=device).expand(rows, -1)
    valid = torch.ones(rows, width, dtype=torch.bool, device=device)
    return Pieces(torch.arange(rows, device=device), columns, valid)


def cut(present: torch.Tensor, block_size: int | None) -> list[Pieces]:
    """Coupe les colonnes présentes de chaque ligne en morceaux égaux, groupés par taille voisine.

    Parameters
    ----------
    present : Tensor booléen [R, C]
    block_size : int ou None
        Taille au-delà de laquelle les colonnes présentes d'une ligne sont coupées. `None` : 48
        pour un tableau de plus de 128 colonnes ; sinon, des lignes entières.
    """
    width = max(present.shape[1], 1)
    size = block_size or (_PIECE if width > _LONG_ROW else width)
    counts = present.sum(1)
    numbers = (counts + size - 1) // size
    sizes = torch.where(numbers > 0, (counts + numbers.clamp(min=1) - 1) // numbers.clamp(min=1), 1)
    first = numbers.cumsum(0) - numbers
    row, column = torch.nonzero(present, as_tuple=True)
    rank = (present.cumsum(1) - 1)[row, column]
    piece, place = first[row] + rank // sizes[row], rank % sizes[row]
    total, longest = int(numbers.sum()), int(sizes.max()) if len(sizes) else 0
    columns = torch.zeros(total, longest, dtype=torch.long, device=present.device)
    valid = torch.zeros(total, longest, dtype=torch.bool, device=present.device)
    columns[piece, place] = column
    valid[piece, place] = True
    rows = torch.arange(len(present), device=present.device).repeat_interleave(numbers)
    return _grouped(rows, columns, valid)


def _grouped(rows: torch.Tensor, columns: torch.Tensor, valid: torch.Tensor) -> list[Pieces]:
    lengths = valid.sum(1)
    order = torch.argsort(lengths, descending=True, stable=True)
    groups: list[Pieces] = []
    start = 0
    while start < len(order):
        width = int(lengths[order[start]])
        # Assez de morceaux pour vectoriser, assez peu pour la mémoire et le remplissage.
        end = start + max(1, _GROUP_ELEMENTS // width**2)
        some = order[start:end]
        groups.append(Pieces(rows[some], columns[some, :width], valid[some, :width]))
        start = end
    return groups
