"""OBS par neurone de sortie, le long d'un chemin de sparsités.

La courbure retenue est, pour chaque neurone r d'une couche, son bloc de la GGN :
H_r = (1/N) Σ_i Σ_c g_irc g_ircᵀ, où g_irc = J_iᵀ v_ic restreint aux poids du neurone et à son
biais. Pour une couche linéaire d'entrée a_i, c'est (1/N) Σ_i q_ir² [a_i, 1][a_i, 1]ᵀ.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.checks import check_count, check_positive, check_sparsity
from pruning_core.masks import Masks, check_masks, global_masks
from pruning_core.neuron_blocks import NeuronCurvature, neuron_curvatures
from pruning_core.neuron_rows import Rows
from pruning_core.parameters import bias_of, resolve_parameters, with_biases
from pruning_core.scoring import Criterion, Loader, reusable
from pruning_core.second_order import DAMPING

BLOCK_SIZE = 128
"""Taille par défaut des morceaux de ligne."""


@dataclass(frozen=True)
class PrunedWeights:
    """Résultat d'un élagage qui change aussi les poids gardés.

    Attributes
    ----------
    weights : dict[str, Tensor]
        Nouvelles valeurs des poids élagués et des biais ajustés.
    masks : Masks
        Masques des poids élagués (vrai = gardé) ; hors d'eux les poids sont exactement nuls.
    """

    weights: dict[str, torch.Tensor]
    masks: Masks

    def apply(self, model: nn.Module) -> None:
        """Écrit les poids dans un modèle de même architecture.

        Raises
        ------
        TypeError, ValueError
            Si les noms ou les formes ne conviennent pas ; rien n'est changé.
        """
        check_masks(model, self.masks)
        parameters = dict(model.named_parameters())
        for name, weight in self.weights.items():
            if name not in parameters or parameters[name].shape != weight.shape:
                raise ValueError(
                    f"model : reçu un modèle sans paramètre {name} de forme "
                    f"{tuple(weight.shape)} ; attendu l'architecture du modèle élagué."
                )
        with torch.no_grad():
            for name, weight in self.weights.items():
                parameters[name].copy_(weight)


def obs_neuron_pruning(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsity: float,
    *,
    steps: int = 15,
    damping: float = DAMPING,
    fresh: bool = True,
    block_size: int = BLOCK_SIZE,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> PrunedWeights:
    """Élague par OBS, un bloc de courbure par neurone de sortie, le long d'un chemin.

    À l'étape t sur T, la sparsité visée est s·(1 − (1 − t/T)³) ; les scores w²/(2[H_r⁻¹]_qq) de
    tous les neurones sont comparés ensemble, puis chaque neurone ajuste ses poids gardés et son
    biais, exactement et tous ensemble. Un poids élagué le reste ; un biais n'est jamais élagué.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsity : float
        Dans [0, 1].
    steps : int
        Nombre d'étapes T du chemin ; 1 pour tout élaguer d'un coup.
    damping : float
        Amortissement, relatif à la diagonale moyenne de la couche.
    fresh : bool
        Vrai pour recalculer la courbure à chaque étape, sur le modèle déjà élagué.
    block_size : int
        Nombre de colonnes présentes au-delà duquel une ligne est traitée en morceaux, dont la
        courbure croisée est négligée (le biais est dans le dernier) ; borne le temps et la mémoire.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids à élaguer ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    PrunedWeights
        À écrire dans un modèle par `.apply(model)`.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte, les poids ou un réglage ne conviennent pas.

    References
    ----------
    Hassibi et Stork, 1993, pour la compensation ; Kurtic et coll., 2022 (oBERT), pour les blocs et
    le chemin.
    """
    check_sparsity(sparsity)
    check_count(steps, "steps", minimum=1)
    path = [sparsity * (1.0 - (1.0 - step / steps) ** 3) for step in range(1, steps)]
    walk = _walk(
        model, loader, criterion, [*path, sparsity], damping, fresh, block_size, parameters
    )
    *_, last = walk
    return last


def obs_neuron_path(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsities: Sequence[float],
    *,
    damping: float = DAMPING,
    fresh: bool = True,
    block_size: int = BLOCK_SIZE,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> list[PrunedWeights]:
    """Élague par OBS en passant par chacune des sparsités données, et rend toutes les étapes.

    Une seule marche donne ainsi toute une courbe ; les masques s'emboîtent.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsities : suite de float
        Étapes du chemin, croissantes, dans [0, 1] ; au moins une.
    damping, fresh, block_size, parameters
        Comme pour `obs_neuron_pruning`.

    Returns
    -------
    list[PrunedWeights]
        Un réseau élagué et compensé par sparsité, dans le même ordre.

    Raises
    ------
    TypeError, ValueError
        Si les sparsités sont vides, ne croissent pas ou sortent de [0, 1], ou si les données, la
        fonction de perte, les poids ou un réglage ne conviennent pas.
    """
    stages = [check_sparsity(sparsity) for sparsity in sparsities]
    if not stages or stages != sorted(stages):
        raise ValueError(
            f"sparsities : reçu {stages} ; attendu une suite croissante d'au moins une sparsité."
        )
    return list(_walk(model, loader, criterion, stages, damping, fresh, block_size, parameters))


def _walk(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsities: Sequence[float],
    damping: float,
    fresh: bool,
    block_size: int,
    parameters: Mapping[str, nn.Parameter] | None,
) -> Iterator[PrunedWeights]:
    """Avance d'une sparsité à la suivante : noter, choisir, compenser."""
    check_positive(damping, "damping")
    check_count(block_size, "block_size", minimum=1)
    names = list(resolve_parameters(model, parameters))
    loader = reusable(loader)
    work = copy.deepcopy(model)
    own = dict(work.named_parameters())
    chosen = {name: own[name] for name in names}
    variables = with_biases(work, chosen)
    masks: Masks = {name: torch.ones_like(p, dtype=torch.bool) for name, p in chosen.items()}
    curvatures: dict[str, NeuronCurvature] = {}
    for sparsity in tqdm(sparsities, desc="OBS par neurone", delay=3, leave=False):
        if fresh or not curvatures:
            curvatures = neuron_curvatures(work, loader, criterion, parameters=chosen)
        layers = {
            name: Rows(
                own[name],
                own[bias] if (bias := bias_of(work, name)) is not None else None,
                curvatures[name],
                masks[name],
                damping=damping,
                block_size=block_size,
            )
            for name in names
        }
        masks = global_masks({name: rows.scores() for name, rows in layers.items()}, sparsity)
        for name, rows in layers.items():
            rows.prune(masks[name])
        yield PrunedWeights({n: p.detach().clone() for n, p in variables.items()}, masks)
