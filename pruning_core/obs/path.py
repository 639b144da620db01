"""Avancer par OBS d'une sparsité à la suivante : noter, choisir, compenser, recommencer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from pruning_core.checks import check_count, check_positive
from pruning_core.curvature.pieces import Pieces, cut
from pruning_core.masks.applying import PrunedWeights
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.rows import RowCurvature, RowStage
from pruning_core.obs.start import Start
from pruning_core.types import Masks, Scores
from pruning_core.weights.biases import bias_of, with_biases
from pruning_core.weights.rows import RowLayout, row_layout

Read = Callable[[Sequence[Sequence[Pieces]]], Sequence[RowCurvature]]
"""Morceaux de chaque tableau -> courbure de chaque tableau, sur ces morceaux au moins."""


@dataclass(frozen=True)
class Settings:
    """Réglages communs à OBS par neurone et par blocs.

    Attributes
    ----------
    damping : float
        Amortissement, relatif à la diagonale moyenne.
    fresh : bool
        Vrai pour recouper les lignes et relire leur courbure à chaque étape, sur le modèle déjà
        élagué ; faux pour garder les morceaux et la courbure du début.
    block_size : int, optionnel
        Une ligne qui a encore plus de colonnes est traitée en morceaux égaux, dont la courbure
        croisée est négligée. Par défaut 48 pour plus de 128 colonnes ; sinon, des lignes entières.

    Raises
    ------
    TypeError, ValueError
        Si l'amortissement n'est pas un réel fini, positif ou nul, ou la taille un entier positif.
    """

    damping: float
    fresh: bool = True
    block_size: int | None = None

    def __post_init__(self) -> None:
        check_positive(self.damping, "damping")
        if self.block_size is not None:
            check_count(self.block_size, "block_size", minimum=1)


class Table(Protocol):
    """Des variables du modèle, rangées en lignes."""

    def rows(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Range des tenseurs en lignes [R, C] ; 1 (gardée) pour une variable non nommée."""
        ...

    def by_name(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        """Rend les tenseurs que rangent des lignes."""
        ...


Stages = Sequence[tuple[Table, RowStage]]
"""Chaque tableau et ses lignes, avec la courbure d'une étape."""


@dataclass(frozen=True)
class LayerTable:
    """Une ligne par neurone de sortie d'un poids ; son biais, s'il en a un, en dernière colonne."""

    weight: str
    bias: str | None
    layout: RowLayout

    def rows(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Voir `Table`."""
        rows = self.layout.to_rows(tensors[self.weight])
        if self.bias is None:
            return rows
        column = tensors.get(self.bias)
        last = torch.ones_like(rows[:, :1]) if column is None else column.unsqueeze(1)
        return torch.cat([rows, last], 1)

    def by_name(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        """Voir `Table`."""
        if self.bias is None:
            return {self.weight: self.layout.from_rows(rows)}
        return {self.weight: self.layout.from_rows(rows[:, :-1]), self.bias: rows[:, -1]}


def layer_tables(model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> list[LayerTable]:
    """Un tableau par poids, avec le biais que trouve `bias_of`.

    Raises
    ------
    ValueError
        Si un poids n'a pas de lignes (voir `row_layout`).
    """
    return [LayerTable(n, bias_of(model, n), row_layout(model, n)) for n in parameters]


def walk(
    start: Start,
    tables: Sequence[Table],
    sparsities: Iterable[float],
    read: Read,
    settings: Settings,
    descend: Callable[[Masks, Stages], None] | None = None,
) -> Iterator[Masks]:
    """Élague sur place le modèle d'un départ, jusqu'à chacune des sparsités, données croissantes.

    Parameters
    ----------
    start : Start
    tables : suite de Table
        Toutes les variables qui s'ajustent, en lignes.
    sparsities : suite de float
    read : Read
        Lit la courbure aux valeurs présentes du modèle.
    settings : Settings
    descend : fonction (variables présentes, étapes), optionnel
        Change les variables sur place, après chaque lecture de la courbure.

    Yields
    ------
    Masks
        Ceux de chaque sparsité ; ils s'emboîtent, et n'ont rien de ce qui était déjà absent.
    """
    values = {name: p.detach() for name, p in with_biases(start.work, start.chosen).items()}
    present = start.present
    stages: Stages = []
    for sparsity in sparsities:
        if settings.fresh or not stages:
            stages = []  # la courbure est rendue avant d'en lire une autre
            stages = _read_stages(tables, present, read, settings)
            if descend is not None:
                descend(present, stages)
        scores = _scores(values, present, stages)
        masks = global_masks({name: scores[name] for name in start.chosen}, sparsity)
        _adjust(values, present, present | masks, stages)
        present = present | masks
        yield masks


def _read_stages(tables: Sequence[Table], present: Masks, read: Read, settings: Settings) -> Stages:
    cuts = [cut(table.rows(present), settings.block_size) for table in tables]
    return [
        (table, RowStage(pieces, curvature, settings.damping))
        for table, pieces, curvature in zip(tables, cuts, read(cuts), strict=True)
    ]


def _scores(
    values: Mapping[str, torch.Tensor],
    present: Masks,
    stages: Stages,
) -> Scores:
    scores: Scores = {}
    for table, stage in stages:
        rows = stage.scores(table.rows(values).double(), table.rows(present))
        scores |= table.by_name(rows)
    return scores


def _adjust(
    values: Mapping[str, torch.Tensor],
    present: Masks,
    kept: Masks,
    stages: Stages,
) -> None:
    """Met à zéro, sur place, ce qui n'est plus gardé, et ajuste le reste."""
    for table, stage in stages:
        rows = table.rows(values).double()
        adjusted = stage.adjusted(rows, table.rows(present), table.rows(kept))
        for name, value in table.by_name(adjusted).items():
            values[name].copy_(value)


def snapshot(start: Start, masks: Masks) -> PrunedWeights:
    """Ce que vaut le modèle élagué : des copies de ses poids choisis et de leurs biais."""
    own = with_biases(start.work, start.chosen)
    weights = {name: p.detach().clone() for name, p in own.items()}
    return PrunedWeights(masks=masks, weights=weights)
