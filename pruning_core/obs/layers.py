"""OBS couche par couche, d'après les seules entrées de chaque couche (leçon 8.1.3, `eq-couche`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.checks import check_same_names
from pruning_core.curvature.pieces import Pieces
from pruning_core.curvature.recording import layer_inputs
from pruning_core.masks.applying import PrunedWeights
from pruning_core.obs.algebra import DAMPING
from pruning_core.obs.path import (
    LayerTable,
    Settings,
    layer_tables,
    snapshot,
    walk,
)
from pruning_core.obs.rows import MatrixCurvature
from pruning_core.obs.start import Start
from pruning_core.passes import (
    read_batches,
    reusable,
    sum_over_processes,
    undisturbed,
)
from pruning_core.types import Loader, Masks
from pruning_core.weights.prunable import check_weights

_PIECE = 1024


def obs_layer_pruning(
    model: nn.Module,
    loader: Loader,
    sparsity: float | Mapping[str, float],
    *,
    steps: int = 15,
    damping: float = DAMPING,
    block_size: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> PrunedWeights:
    """Élague chaque couche en changeant le moins possible sa sortie ; la perte n'est pas lue.

    Les couches sont prises dans l'ordre du modèle, chacune avec les entrées x que lui donnent les
    précédentes déjà élaguées. L'erreur quadratique de sa sortie a pour courbure H = 2 E[x xᵀ],
    la même pour toutes les lignes ; l'élagage suit un chemin cubique, avec une compensation jointe
    exacte de chaque ligne et de son biais.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    loader : itérable de (x, y)
        Seul x est lu.
    sparsity : float ou dict[str, float]
        Une sparsité pour toutes les couches, ou une par nom.
    steps : int
        Nombre d'étapes du chemin de chaque couche.
    damping : float
        Amortissement, relatif à la diagonale moyenne de la couche.
    block_size : int, optionnel
        Voir `obs_neuron_pruning` ; 1024 par défaut : la courbure est commune aux lignes, les couper
        n'épargne presque rien.
    parameters : dict[str, nn.Parameter], optionnel
        Des poids de couches linéaires ou convolutives ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    PrunedWeights

    Raises
    ------
    TypeError, ValueError
        Si les données, les poids ou un réglage ne conviennent pas, ou si un poids n'est pas celui
        d'une couche linéaire ou convolutive que le modèle appelle.

    References
    ----------
    Dong et coll., 2017 (L-OBS) ; Frantar, Singh et Alistarh, 2022 (OBC, éq. 2) ; Frantar et
    Alistarh, 2023 (SparseGPT), pour l'ordre des couches.
    """
    settings = Settings(damping=damping, block_size=_PIECE if block_size is None else block_size)
    start = Start.of(model, parameters, None)
    schedules = _schedules(start, sparsity, steps)
    check_weights(start.chosen)
    loader = reusable(loader)
    masks: Masks = {}
    tables = layer_tables(start.work, start.chosen)
    for table in tqdm(tables, desc="OBS par couche", unit="couche", delay=3, leave=False):
        curvature = _input_curvature(start.work, table, loader)
        layer = start.only(table.weight)
        read = partial(_known, curvature)
        for mask in walk(layer, [table], schedules[table.weight], read, settings):
            masks |= mask
    return snapshot(start, masks)


def _schedules(
    start: Start, sparsity: float | Mapping[str, float], steps: int
) -> dict[str, list[float]]:
    if isinstance(sparsity, Mapping):
        check_same_names(sparsity, list(start.chosen), "sparsité par couche")
    else:
        sparsity = dict.fromkeys(start.chosen, sparsity)
    return {name: start.only(name).cubic(value, steps) for name, value in sparsity.items()}


def _known(
    curvature: list[MatrixCurvature], pieces: Sequence[Sequence[Pieces]]
) -> list[MatrixCurvature]:
    """Les entrées d'une couche ne changent pas quand on l'élague : leur courbure non plus."""
    return curvature


def _input_curvature(model: nn.Module, table: LayerTable, loader: Loader) -> list[MatrixCurvature]:
    """H = 2 E[x xᵀ] des entrées d'une couche, une par groupe de convolution (`eq-couche`)."""
    name = table.weight
    parameter = dict(model.named_parameters())[name]
    biased = () if table.bias is None else (name,)
    total: torch.Tensor | None = None
    count = 0
    with undisturbed(model, {name: parameter}):
        for batch in read_batches(loader, model):
            inputs = layer_inputs(model, {name: parameter}, batch, biased)[name]
            inputs = inputs.transpose(0, 1).flatten(1, 2)
            gram = 2.0 * inputs.transpose(1, 2) @ inputs
            total = gram if total is None else total + gram
            count += inputs.shape[1]
    assert total is not None
    total /= sum_over_processes(total, count)
    mean = float(total.diagonal(dim1=-2, dim2=-1).mean())
    return [MatrixCurvature(total, table.layout.count, mean)]
