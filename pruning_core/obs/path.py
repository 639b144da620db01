"""Avancer par OBS d'une sparsité à la suivante : noter, choisir, compenser, recommencer."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.checks import check_sparsity
from pruning_core.masks.applying import PrunedWeights
from pruning_core.masks.choosing import global_masks
from pruning_core.types import Masks, Scores
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import resolve_parameters

DAMPING = 1e-2
"""Amortissement par défaut d'OBS, relatif à la moyenne de la diagonale."""


class Stage(Protocol):
    """Une étape d'OBS sur un modèle de travail : sa courbure est celle du début de l'étape."""

    def scores(self) -> Scores:
        """Saillance de chaque poids présent ; −1 pour un poids déjà supprimé."""
        ...

    def prune(self, masks: Masks) -> None:
        """Supprime les poids hors des masques et ajuste les autres, sur place."""
        ...


StageMaker = Callable[[dict[str, nn.Parameter], Masks], Stage]
"""Prépare une étape, des poids du modèle de travail et des masques des poids présents."""


def walk(
    model: nn.Module,
    make: Callable[[nn.Module], StageMaker],
    sparsities: Iterable[float],
    parameters: Mapping[str, nn.Parameter] | None,
) -> Iterator[PrunedWeights]:
    """Élague une copie du modèle jusqu'à chacune des sparsités, données croissantes.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    make : fonction (modèle de travail) -> StageMaker
    sparsities : suite de float
    parameters : dict[str, nn.Parameter] ou None
        Les poids à élaguer ; `None` pour `prunable_parameters(model)`.

    Yields
    ------
    PrunedWeights
        Un par sparsité ; les masques s'emboîtent.
    """
    names = list(resolve_parameters(model, parameters))
    work = copy.deepcopy(model)
    own = dict(work.named_parameters())
    chosen = {name: own[name] for name in names}
    variables = with_biases(work, chosen)
    masks: Masks = {name: torch.ones_like(p, dtype=torch.bool) for name, p in chosen.items()}
    make_stage = make(work)
    for sparsity in tqdm(list(sparsities), desc="OBS", unit="étape", delay=3, leave=False):
        stage = make_stage(chosen, masks)
        masks = global_masks(stage.scores(), sparsity)
        stage.prune(masks)
        weights = {n: p.detach().clone() for n, p in variables.items()}
        yield PrunedWeights(masks=masks, weights=weights)


def last(stages: Iterable[PrunedWeights]) -> PrunedWeights:
    """Dernière étape d'une marche."""
    *_, end = stages
    return end


def check_path(sparsities: Iterable[float]) -> list[float]:
    """Vérifie qu'un chemin de sparsités est croissant et non vide, et le rend en liste.

    Raises
    ------
    TypeError, ValueError
        Si une sparsité n'est pas dans [0, 1], si le chemin est vide ou s'il recule.
    """
    stages = [check_sparsity(sparsity) for sparsity in sparsities]
    if not stages or stages != sorted(stages):
        raise ValueError(
            f"sparsities : reçu {stages} ; attendu une suite croissante d'au moins une sparsité."
        )
    return stages
