"""Élaguer peu à peu, en affinant entre deux étapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack

from torch import nn
from tqdm import tqdm

from pruning_core.masks.applying import Pruned, PrunedWeights
from pruning_core.masks.holding import hold_masks
from pruning_core.schedules import check_path
from pruning_core.types import Masks


def gradual_pruning(
    model: nn.Module,
    prune: Callable[[nn.Module, float], Pruned],
    schedule: Iterable[float],
    finetune: Callable[[nn.Module], object],
) -> Masks:
    """Alterne élagage et affinage, en suivant un calendrier de sparsités.

    Parameters
    ----------
    model : nn.Module
        Changé sur place ; exactement nul hors des masques à la sortie.
    prune : fonction (modèle, sparsité) -> Masks ou PrunedWeights
        Par exemple `lambda m, s: global_masks(magnitude_scores(m), s)`. Les masques de l'étape
        précédente sont tenus pendant l'appel : OBS les lit, et n'emploie pas les poids absents.
        Pour les autres critères, un poids nul a une magnitude et une saillance nulles : ils
        l'élaguent de nouveau, le premier.
    schedule : suite de float
        Sparsités croissantes dans [0, 1], par exemple `CubicSchedule(0.9, 10)`.
    finetune : fonction (modèle) -> None
        Affine sur place ; les masques sont tenus pendant l'appel.

    Returns
    -------
    Masks
        Ceux de la dernière étape.

    Raises
    ------
    TypeError, ValueError
        Si le calendrier est vide, décroît ou sort de [0, 1], ou si les masques que rend `prune` ne
        conviennent pas au modèle.

    References
    ----------
    Zhu et Gupta, 2017, « To prune, or not to prune ».
    """
    masks: Masks = {}
    stages = tqdm(check_path(schedule), desc="élagage", unit="étape", delay=3, leave=False)
    with ExitStack() as held:
        for sparsity in stages:
            pruned = PrunedWeights.of(prune(model, sparsity))
            held.close()
            pruned.apply(model)
            masks = pruned.masks
            held.enter_context(hold_masks(model, masks))
            finetune(model)
    return masks
