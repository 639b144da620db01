"""OBS sur la courbure complète, ou sur des blocs de poids consécutifs, le long d'un chemin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from pruning_core.curvature.by_name import SquareCurvature, vectors_named
from pruning_core.curvature.flattening import flatten, unflatten
from pruning_core.curvature.matrices import MAX_BYTES
from pruning_core.curvature.per_example import ExampleGradients
from pruning_core.curvature.pieces import Pieces
from pruning_core.masks.applying import PrunedWeights
from pruning_core.obs.algebra import DAMPING
from pruning_core.obs.path import Settings, snapshot, walk
from pruning_core.obs.rows import MatrixCurvature
from pruning_core.obs.start import Start
from pruning_core.passes import read_batches, reusable, sum_over_processes, undisturbed
from pruning_core.types import Criterion, Loader
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import check_weights


def obs_block_pruning(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsity: float,
    *,
    block_size: int | None = None,
    curvature: SquareCurvature = "ggn",
    steps: int = 15,
    damping: float = DAMPING,
    fresh: bool = True,
    parameters: Mapping[str, nn.Parameter] | None = None,
    masks: Mapping[str, torch.Tensor] | None = None,
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
    loader : itérable de (x, y), ou Batches
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsity : float
        Dans [0, 1].
    block_size : int, optionnel
        Taille des blocs B ; par défaut un seul bloc, la courbure complète. Mémoire : n·B nombres.
    curvature : {"ggn", "empirical_fisher", "sampled_fisher"}, ou SampledFisher
    steps, damping, fresh, parameters, masks
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
    vectors = vectors_named(curvature, criterion)
    settings = Settings(damping=damping, fresh=fresh, block_size=block_size)
    start = Start.of(model, parameters, masks)
    stages = start.cubic(sparsity, steps)
    loader = reusable(loader)
    table = _BlockTable.of(with_biases(start.work, start.chosen), block_size)
    table.check_memory(max_bytes)
    gradients = ExampleGradients(start.work, table.variables, vectors)
    read = partial(_block_curvature, start.work, table, loader, gradients)
    whole_rows = replace(settings, block_size=table.width)
    bar = tqdm(stages, desc="OBS", unit="étape", delay=3, leave=False)
    *_, last = walk(start, [table], bar, read, whole_rows)
    return snapshot(start, last)


@dataclass(frozen=True)
class _BlockTable:
    """Toutes les variables à plat, en lignes de la taille d'un bloc, la dernière complétée."""

    variables: dict[str, nn.Parameter]
    size: int
    width: int

    @classmethod
    def of(cls, variables: dict[str, nn.Parameter], block_size: int | None) -> _BlockTable:
        size = sum(p.numel() for p in variables.values())
        return cls(variables, size, min(block_size or size, size))

    def check_memory(self, max_bytes: int) -> None:
        needed = -(-self.size // self.width) * self.width * self.width * 8
        if needed > max_bytes:
            raise MemoryError(
                f"blocs de courbure : reçu {self.size} variables en blocs de {self.width}, soit "
                f"{needed} octets ; attendu au plus {max_bytes} octets (max_bytes). Réduisez "
                "block_size."
            )

    def rows(self, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Lignes [b, B] ; faux et nul au-delà de la dernière variable."""
        flat = flatten(
            {
                n: tensors.get(n, torch.ones_like(p, dtype=torch.bool))
                for n, p in self.variables.items()
            }
        )
        return self.in_rows(flat)

    def in_rows(self, flat: torch.Tensor) -> torch.Tensor:
        """Range un vecteur, complété par des zéros, en lignes : [..., n] -> [..., b, B]."""
        padded = F.pad(flat, (0, -flat.shape[-1] % self.width))
        return padded.reshape(*flat.shape[:-1], -1, self.width)

    def by_name(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        """Voir `Table`."""
        return unflatten(rows.reshape(-1)[: self.size], self.variables)


def _block_curvature(
    model: nn.Module,
    table: _BlockTable,
    loader: Loader,
    several: ExampleGradients,
    pieces: Sequence[Sequence[Pieces]],
) -> list[MatrixCurvature]:
    """Courbure de chaque bloc, [b, B, B], en float64 : entière, quels que soient les morceaux."""
    check_weights(table.variables)
    blocks = -(-table.size // table.width)
    device = next(iter(table.variables.values())).device
    count = 0
    with undisturbed(model, table.variables):
        total = torch.zeros(blocks, table.width, table.width, dtype=torch.float64, device=device)
        for batch in read_batches(loader, model):
            for gradients in several.flat(batch):
                rows = table.in_rows(gradients.double()).transpose(0, 1)
                total.baddbmm_(rows.transpose(1, 2), rows)
            count += len(batch)
    total /= sum_over_processes(total, count)
    scale = float(total.diagonal(dim1=-2, dim2=-1).sum()) / table.size
    return [MatrixCurvature(total, scale)]
