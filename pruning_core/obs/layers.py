"""OBS couche par couche, d'après les seules entrées de chaque couche."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.checks import check_count, check_positive, check_same_names
from pruning_core.curvature.layers import Recorder, accumulator
from pruning_core.distributed import sum_over_processes
from pruning_core.examples import read_batches, reusable, scoring
from pruning_core.masks.applying import PrunedWeights
from pruning_core.masks.choosing import layerwise_masks
from pruning_core.obs.path import DAMPING
from pruning_core.obs.rows import RowsStage
from pruning_core.schedules import CubicSchedule
from pruning_core.types import Loader, Masks
from pruning_core.weights.biases import bias_of, with_biases
from pruning_core.weights.prunable import check_weights, resolve_parameters


def obs_layer_pruning(
    model: nn.Module,
    loader: Loader,
    sparsity: float | Mapping[str, float],
    *,
    steps: int = 15,
    damping: float = DAMPING,
    block_size: int = 1024,
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
    block_size : int
        Voir `obs_neuron_pruning`. Grand par défaut : la courbure est commune aux lignes, les couper
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
    names = list(resolve_parameters(model, parameters))
    schedules = _schedules(names, sparsity, steps)
    check_positive(damping, "damping")
    check_count(block_size, "block_size", minimum=1)
    loader = reusable(loader)
    work = copy.deepcopy(model)
    own = dict(work.named_parameters())
    chosen = {name: own[name] for name in names}
    check_weights(chosen)
    masks: Masks = {name: torch.ones_like(p, dtype=torch.bool) for name, p in chosen.items()}
    for name in tqdm(names, desc="OBS par couche", unit="couche", delay=3, leave=False):
        bias = bias_of(work, name)
        biases = {} if bias is None else {name: bias}
        curvature = _input_curvature(work, name, chosen[name], loader, biased=name in biases)
        for target in schedules[name]:
            stage = RowsStage.of(
                work, {name: curvature}, biases, masks, damping=damping, block_size=block_size
            )
            masks |= layerwise_masks(stage.scores(), target)
            stage.prune({name: masks[name]})
    variables = with_biases(work, chosen)
    weights = {n: p.detach().clone() for n, p in variables.items()}
    return PrunedWeights(masks=masks, weights=weights)


def _schedules(
    names: list[str], sparsity: float | Mapping[str, float], steps: int
) -> dict[str, CubicSchedule]:
    if not isinstance(sparsity, Mapping):
        return dict.fromkeys(names, CubicSchedule(sparsity, steps))
    check_same_names(sparsity, names, "sparsité par couche")
    return {name: CubicSchedule(value, steps) for name, value in sparsity.items()}


class InputCurvature:
    """H = 2 E[x xᵀ] des entrées d'une couche, commune aux lignes d'un même groupe.

    Parameters
    ----------
    matrices : Tensor [G, I, I]
        Une matrice par groupe (une seule, sauf convolution groupée), biais en dernière colonne.
    rows : int
        Nombre de lignes du poids, réparties également entre les groupes.
    """

    def __init__(self, matrices: torch.Tensor, rows: int) -> None:
        self._matrices = matrices
        self._rows_per_group = rows // len(matrices)

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        return float(self._matrices.diagonal(dim1=-2, dim2=-1).mean())

    def blocks(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Courbure [B, c, c] des lignes [B], chacune sur ses colonnes [B, c]."""
        groups = (rows // self._rows_per_group)[:, None, None]
        return self._matrices[groups, columns[:, :, None], columns[:, None, :]]


def _input_curvature(
    model: nn.Module, name: str, parameter: nn.Parameter, loader: Loader, *, biased: bool
) -> InputCurvature:
    """Courbure des entrées d'un poids ; une constante 1 s'y ajoute pour le biais."""
    total: torch.Tensor | None = None
    count = 0
    with scoring(model, {name: parameter}):
        for x, _ in read_batches(loader, model):
            recorder = Recorder(model, {name: parameter})
            recorder.forward(x)
            if name not in recorder.names:
                raise ValueError(
                    f"parameters : reçu {name}, dont on ne peut pas lire les entrées ; attendu des "
                    "poids de couches linéaires ou convolutives que le modèle appelle."
                )
            inputs = recorder.inputs(name).transpose(0, 1).flatten(1, 2).to(accumulator(parameter))
            if biased:
                inputs = torch.cat([inputs, torch.ones_like(inputs[..., :1])], -1)
            gram = 2.0 * inputs.transpose(1, 2) @ inputs
            total = gram if total is None else total + gram
            count += inputs.shape[1]
    assert total is not None
    total /= sum_over_processes({"entrées": total}, count)
    return InputCurvature(total, len(parameter))
