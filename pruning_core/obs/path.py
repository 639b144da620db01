"""Avancer par OBS d'une sparsité à la suivante : noter, choisir, compenser, recommencer."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from pruning_core.checks import check_count, check_positive
from pruning_core.masks.applying import PrunedWeights
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.rows import RowCurvature, RowStage
from pruning_core.types import Masks, Scores
from pruning_core.weights.biases import bias_of, with_biases
from pruning_core.weights.prunable import resolve_parameters


@dataclass(frozen=True)
class Settings:
    """Réglages communs à OBS par neurone, par couche et par blocs.

    Attributes
    ----------
    damping : float
        Amortissement, relatif à la diagonale moyenne.
    fresh : bool
        Vrai pour relire la courbure à chaque étape, sur le modèle déjà élagué.
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


@dataclass(frozen=True)
class LayerTable:
    """Une ligne par neurone de sortie d'un poids ; son biais, s'il en a un, en dernière colonne."""

    weight: str
    bias: str | None
    shape: torch.Size

    def rows(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Voir `Table`."""
        rows = tensors[self.weight].reshape(self.shape[0], -1)
        if self.bias is None:
            return rows
        column = tensors.get(self.bias)
        last = torch.ones_like(rows[:, :1]) if column is None else column.unsqueeze(1)
        return torch.cat([rows, last], 1)

    def by_name(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        """Voir `Table`."""
        if self.bias is None:
            return {self.weight: rows.reshape(self.shape)}
        return {self.weight: rows[:, :-1].reshape(self.shape), self.bias: rows[:, -1]}


def layer_tables(model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> list[LayerTable]:
    """Un tableau par poids, avec le biais que trouve `bias_of`."""
    return [LayerTable(name, bias_of(model, name), p.shape) for name, p in parameters.items()]


def working_copy(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None
) -> tuple[nn.Module, dict[str, nn.Parameter]]:
    """Copie du modèle, à élaguer sur place, et ses poids choisis."""
    names = list(resolve_parameters(model, parameters))
    work = copy.deepcopy(model)
    own = dict(work.named_parameters())
    return work, {name: own[name] for name in names}


def walk(
    work: nn.Module,
    chosen: Mapping[str, nn.Parameter],
    tables: Sequence[Table],
    sparsities: Iterable[float],
    read: Callable[[], Sequence[RowCurvature]],
    settings: Settings,
) -> Iterator[Masks]:
    """Élague un modèle, sur place, jusqu'à chacune des sparsités, données croissantes.

    Parameters
    ----------
    work : nn.Module
    chosen : dict[str, nn.Parameter]
        Ses poids à élaguer.
    tables : suite de Table
        Toutes les variables qui s'ajustent, en lignes.
    sparsities : suite de float
    read : fonction () -> suite de RowCurvature
        La courbure de chaque tableau, aux valeurs présentes du modèle.
    settings : Settings

    Yields
    ------
    Masks
        Ceux de chaque sparsité ; ils s'emboîtent.
    """
    values = {name: p.detach() for name, p in with_biases(work, chosen).items()}
    masks: Masks = {name: torch.ones_like(p, dtype=torch.bool) for name, p in chosen.items()}
    curvatures: Sequence[RowCurvature] = []
    for sparsity in sparsities:
        if settings.fresh:
            curvatures = []  # rendue avant d'en lire une autre
        curvatures = curvatures or read()
        masks = _step(values, masks, list(zip(tables, curvatures, strict=True)), sparsity, settings)
        yield masks


def _step(
    values: Mapping[str, torch.Tensor],
    masks: Masks,
    curved: Sequence[tuple[Table, RowCurvature]],
    sparsity: float,
    settings: Settings,
) -> Masks:
    """Note, choisit et ajuste `values` sur place ; rend les masques."""
    stages = [
        (table, RowStage(table.rows(masks), curvature, settings.damping, settings.block_size))
        for table, curvature in curved
    ]
    scores: Scores = {}
    for table, stage in stages:
        scores |= table.by_name(stage.scores(table.rows(values).double()))
    masks = global_masks({name: scores[name] for name in masks}, sparsity)
    for table, stage in stages:
        adjusted = stage.adjusted(table.rows(values).double(), table.rows(masks))
        for name, value in table.by_name(adjusted).items():
            values[name].copy_(value)
    return masks


def snapshot(work: nn.Module, chosen: Mapping[str, nn.Parameter], masks: Masks) -> PrunedWeights:
    """Ce que vaut le modèle élagué : des copies de ses poids choisis et de leurs biais."""
    weights = {name: p.detach().clone() for name, p in with_biases(work, chosen).items()}
    return PrunedWeights(masks=masks, weights=weights)
