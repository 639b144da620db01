"""Élaguer une couche, d'après le second moment de ses entrées."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from pruning_core.curvature.moments import SecondMoment
from pruning_core.masks.k_smallest import prune_smallest
from pruning_core.masks.patterns import Pattern
from pruning_core.obs.adjusting import adjust_rows
from pruning_core.obs.algebra import NO_CURVATURE, damp
from pruning_core.obs.choosing import SharedCurvature, choose_kept
from pruning_core.obs.left_to_right import sweep
from pruning_core.obs.path import LayerTable
from pruning_core.types import Masks

Order = Literal["joint", "left_to_right"]


@dataclass(frozen=True)
class LayerPruning:
    """Comment élaguer une couche.

    Attributes
    ----------
    table : LayerTable
    groups : int
        Nombre de groupes de la couche : autant de courbures, et de paquets de lignes égaux.
    pruned : int ou Pattern
        Nombre de poids à élaguer, ceux déjà absents compris ; ou ce que garde chaque groupe.
    steps, damping, block_size, order, mask_block
        Voir `obs_layer_pruning`.
    """

    table: LayerTable
    groups: int
    pruned: int | Pattern
    steps: int
    damping: float
    block_size: int
    order: Order
    mask_block: int

    def moment(self, device: torch.device) -> SecondMoment:
        """Le second moment à remplir, encore vide."""
        return SecondMoment(self.table.weight, self.groups, self._cuts(), device)

    def prune(
        self, values: Mapping[str, torch.Tensor], present: Masks, moment: SecondMoment
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Élague la couche.

        Parameters
        ----------
        values : dict[str, Tensor]
            Son poids et son biais, nuls où ils sont absents.
        present : Masks
            Faux pour une variable déjà absente.
        moment : SecondMoment

        Returns
        -------
        dict[str, Tensor], Tensor booléen
            Les nouvelles valeurs, en float64, et le masque du poids.
        """
        name = self.table.weight
        rows = self.table.rows(values).double()
        here = self.table.rows({n: m for n, m in present.items() if n in (name, self.table.bias)})
        parts = self._parts(moment.matrices())
        if self._done(here):
            return self.table.by_name(rows), present[name].clone()
        if self.order == "left_to_right":
            biased = self.table.bias is not None
            rows, kept = sweep(rows, here, biased, parts, self.pruned, self.mask_block)
        else:
            kept = choose_kept(rows, parts, lambda scores: self._select(scores, here), self.steps)
            for part in parts:
                part.of(rows).copy_(adjust_rows(part.of(rows), part.matrix, part.of(kept)))
        return self.table.by_name(rows), self.table.by_name(kept)[name]

    def _select(self, scores: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Les plus grands scores parmi les poids présents ; un biais présent reste toujours."""
        width = self.table.layout.width
        kept = present.clone()
        weights = scores[:, :width].masked_fill(~present[:, :width], -1.0)
        if isinstance(self.pruned, Pattern):
            kept[:, :width] &= self.pruned.keep(weights)
        else:
            kept[:, :width] = prune_smallest({"": weights}, self.pruned)[""]
        return kept

    def _done(self, present: torch.Tensor) -> bool:
        """Dit si les poids présents sont déjà ceux que l'on veut garder."""
        weights = present[:, : self.table.layout.width]
        if isinstance(self.pruned, Pattern):
            return bool((self.pruned.keep(weights.byte()) >= weights).all())
        return self.pruned == int(torch.count_nonzero(~weights))

    def _cuts(self) -> list[slice]:
        """Les colonnes, biais compris, en morceaux égaux à un groupe près, sans en couper un."""
        columns = self.table.layout.width + (self.table.bias is not None)
        number = -(-columns // self.block_size)
        group = self.pruned.group if isinstance(self.pruned, Pattern) else 1
        ends = [columns * (index + 1) // number // group * group for index in range(number - 1)]
        starts = sorted({0, *ends})
        return [slice(a, b) for a, b in zip(starts, [*starts[1:], columns], strict=True)]

    def _parts(self, matrices: Sequence[torch.Tensor]) -> list[SharedCurvature]:
        """Les courbures amorties, par groupe et par morceau."""
        diagonal = torch.cat([m.diagonal(dim1=1, dim2=2) for m in matrices], 1)
        scale = float(diagonal.mean()) or NO_CURVATURE
        size = self.table.layout.count // self.groups
        return [
            SharedCurvature(
                slice(group * size, (group + 1) * size),
                cut,
                damp(matrix[group], self.damping, scale=scale),
            )
            for cut, matrix in zip(self._cuts(), matrices, strict=True)
            for group in range(self.groups)
        ]
