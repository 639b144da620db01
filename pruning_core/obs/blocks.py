"""OBS sur la courbure complète, ou sur des blocs de poids consécutifs, le long d'un chemin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.checks import check_count, check_positive
from pruning_core.curvature.flat import flatten, unflatten
from pruning_core.curvature.losses import curvature_vectors, loss_gradients
from pruning_core.curvature.matrices import MAX_BYTES
from pruning_core.curvature.per_example import flat_gradients
from pruning_core.distributed import sum_over_processes
from pruning_core.examples import read_batches, reusable, scoring
from pruning_core.masks.applying import PrunedWeights
from pruning_core.obs.algebra import compensate, damp, inverse_curvature, obs_scores
from pruning_core.obs.path import DAMPING, last, walk
from pruning_core.schedules import CubicSchedule
from pruning_core.types import Criterion, Loader, Masks, Scores
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import check_weights

BlockCurvature = Literal["ggn", "empirical_fisher"]


def obs_block_pruning(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsity: float,
    *,
    block_size: int | None = None,
    curvature: BlockCurvature = "ggn",
    steps: int = 15,
    damping: float = DAMPING,
    fresh: bool = True,
    parameters: Mapping[str, nn.Parameter] | None = None,
    max_bytes: int = MAX_BYTES,
) -> PrunedWeights:
    """Élague par OBS avec la courbure complète, ou sa diagonale par blocs, le long d'un chemin.

    Les poids et les biais sont mis à plat ; chaque bloc de `block_size` variables consécutives a
    sa courbure exacte, la courbure entre blocs est négligée. Dans un bloc, tous les poids supprimés
    à une étape le sont ensemble : la compensation est jointe et exacte. Les biais s'ajustent mais
    ne sont jamais supprimés.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsity : float
        Dans [0, 1].
    block_size : int, optionnel
        Taille des blocs B ; par défaut un seul bloc, la courbure complète. Mémoire : n·B nombres.
    curvature : {"ggn", "empirical_fisher"}
    steps, damping, fresh, parameters
        Comme pour `obs_neuron_pruning`.
    max_bytes : int
        Mémoire permise aux blocs.

    Returns
    -------
    PrunedWeights

    Raises
    ------
    MemoryError
        Si les blocs prendraient plus de `max_bytes` octets.
    TypeError, ValueError
        Si les données, la fonction de perte, les poids ou un réglage ne conviennent pas.

    References
    ----------
    Hassibi et Stork, 1993 ; Singh et Alistarh, 2020 (WoodFisher), pour les blocs, ici avec une
    compensation jointe, qui mène exactement à zéro.
    """
    if curvature not in get_args(BlockCurvature):
        expected = get_args(BlockCurvature)
        raise ValueError(f"curvature : reçu {curvature!r} ; attendu l'une de {expected}.")
    if block_size is not None:
        check_count(block_size, "block_size", minimum=1)
    check_positive(damping, "damping")
    settings = _Settings(reusable(loader), criterion, block_size, curvature, damping, max_bytes)
    schedule = CubicSchedule(sparsity, steps)
    return last(walk(model, lambda work: _Blocks(work, settings, fresh), schedule, parameters))


@dataclass(frozen=True)
class _Settings:
    loader: Loader
    criterion: Criterion
    block_size: int | None
    curvature: BlockCurvature
    damping: float
    max_bytes: int


class _Blocks:
    """Étapes d'OBS par blocs ; la courbure est recalculée à chacune, ou gardée du début."""

    def __init__(self, work: nn.Module, settings: _Settings, fresh: bool) -> None:
        self._work = work
        self._settings = settings
        self._fresh = fresh
        self._curvature: torch.Tensor | None = None

    def __call__(self, chosen: dict[str, nn.Parameter], masks: Masks) -> _BlockStage:
        variables = with_biases(self._work, chosen)
        if self._fresh or self._curvature is None:
            self._curvature = _block_curvature(self._work, variables, self._settings)
        return _BlockStage(variables, masks, self._curvature)


class _BlockStage:
    """Une étape : les variables à plat, en lignes de la taille d'un bloc."""

    def __init__(
        self, variables: dict[str, nn.Parameter], masks: Masks, curvature: torch.Tensor
    ) -> None:
        self._variables = variables
        self._masks = masks
        self._width = curvature.shape[-1]
        self._present = self._flags(masks)
        outside = ~(self._present.unsqueeze(-1) & self._present.unsqueeze(-2))
        self._curvature = curvature.masked_fill(outside, 0.0)
        self._curvature.diagonal(dim1=-2, dim2=-1).masked_fill_(~self._present, 1.0)

    def scores(self) -> Scores:
        """Saillance de chaque poids présent ; −1 pour un poids déjà supprimé."""
        rows = obs_scores(self._values(), inverse_curvature(self._curvature))
        scores = self._by_name(rows.masked_fill(~self._present, -1.0))
        return {name: scores[name] for name in self._masks}

    def prune(self, masks: Masks) -> None:
        """Supprime les poids hors des masques ; ajuste les autres et les biais, sur place."""
        rows = compensate(self._values(), self._curvature, self._flags(masks))
        with torch.no_grad():
            for name, value in self._by_name(rows).items():
                self._variables[name].copy_(value)

    def _values(self) -> torch.Tensor:
        return _in_rows(flatten(self._variables).double(), self._width)

    def _flags(self, masks: Masks) -> torch.Tensor:
        """Vrai pour un poids gardé et pour un biais ; faux au-delà de la dernière variable."""
        flags = {
            name: masks.get(name, torch.ones_like(p, dtype=torch.bool))
            for name, p in self._variables.items()
        }
        return _in_rows(flatten(flags), self._width)

    def _by_name(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        size = sum(p.numel() for p in self._variables.values())
        return unflatten(rows.reshape(-1)[:size], self._variables)


def _in_rows(flat: torch.Tensor, width: int) -> torch.Tensor:
    """Range un vecteur, complété par des zéros, en lignes [b, width] ou [..., b, width]."""
    padded = F.pad(flat, (0, -flat.shape[-1] % width))
    return padded.reshape(*flat.shape[:-1], -1, width)


def _block_curvature(
    model: nn.Module, variables: dict[str, nn.Parameter], settings: _Settings
) -> torch.Tensor:
    """Courbure amortie de chaque bloc, [b, B, B], en float64."""
    check_weights(variables)
    size = sum(p.numel() for p in variables.values())
    width = min(settings.block_size or size, size)
    blocks = -(-size // width)
    needed = blocks * width * width * 8
    if needed > settings.max_bytes:
        raise MemoryError(
            f"blocs de courbure : reçu {size} variables en blocs de {width}, soit {needed} octets ;"
            f" attendu au plus {settings.max_bytes} octets (max_bytes). Réduisez block_size."
        )
    device = next(iter(variables.values())).device
    total = torch.zeros(blocks, width, width, dtype=torch.float64, device=device)
    of_loss = curvature_vectors if settings.curvature == "ggn" else loss_gradients
    vectors = of_loss(settings.criterion)
    count = 0
    with scoring(model, variables):
        for x, y in read_batches(settings.loader, model):
            for gradients in flat_gradients(model, variables, x, y, vectors):
                rows = _in_rows(gradients.double(), width).transpose(0, 1)
                total.baddbmm_(rows.transpose(1, 2), rows)
            count += len(x)
    total /= sum_over_processes({"blocs": total}, count)
    scale = float(total.diagonal(dim1=-2, dim2=-1).sum()) / size
    return damp(total, settings.damping, scale=scale)
