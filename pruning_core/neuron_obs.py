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
from pruning_core.compensation import compensate, damp, inverse_curvature, obs_scores
from pruning_core.masks import Masks, check_masks, global_masks
from pruning_core.neuron_blocks import ggn_neuron_blocks
from pruning_core.parameters import bias_of, resolve_parameters, with_biases
from pruning_core.scoring import Criterion, Loader, reusable
from pruning_core.second_order import DAMPING


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
    walk = _walk(model, loader, criterion, [*path, sparsity], damping, fresh, parameters)
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
    damping, fresh, parameters
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
    return list(_walk(model, loader, criterion, stages, damping, fresh, parameters))


def _walk(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsities: Sequence[float],
    damping: float,
    fresh: bool,
    parameters: Mapping[str, nn.Parameter] | None,
) -> Iterator[PrunedWeights]:
    """Avance d'une sparsité à la suivante : noter, choisir, compenser."""
    check_positive(damping, "damping")
    names = list(resolve_parameters(model, parameters))
    loader = reusable(loader)
    work = copy.deepcopy(model)
    own = dict(work.named_parameters())
    chosen = {name: own[name] for name in names}
    variables = with_biases(work, chosen)
    masks: Masks = {name: torch.ones_like(p, dtype=torch.bool) for name, p in chosen.items()}
    layers: dict[str, _Rows] = {}
    for sparsity in tqdm(sparsities, desc="OBS par neurone", delay=3, leave=False):
        if fresh or not layers:
            blocks = ggn_neuron_blocks(work, loader, criterion, parameters=chosen)
            layers = {name: _Rows(work, name, damp(blocks[name], damping)) for name in names}
        masks = global_masks(
            {name: rows.scores(masks[name]) for name, rows in layers.items()}, sparsity
        )
        for name, rows in layers.items():
            rows.prune(masks[name])
        yield PrunedWeights({n: p.detach().clone() for n, p in variables.items()}, masks)


class _Rows:
    """Les lignes d'un poids, avec son biais en dernière colonne, et leur courbure."""

    def __init__(self, model: nn.Module, name: str, curvature: torch.Tensor) -> None:
        parameters = dict(model.named_parameters())
        bias = bias_of(model, name)
        self._weight = parameters[name]
        self._bias = None if bias is None else parameters[bias]
        self._curvature = curvature.double()

    def scores(self, mask: torch.Tensor) -> torch.Tensor:
        """Saillance OBS de chaque poids gardé ; −1 pour un poids déjà élagué."""
        kept = self._with_bias_column(mask)
        block = self._curvature.masked_fill(~(kept.unsqueeze(-1) & kept.unsqueeze(-2)), 0.0)
        block.diagonal(dim1=-2, dim2=-1).masked_fill_(~kept, 1.0)
        scores = obs_scores(self._values(), inverse_curvature(block))
        scores = scores[:, : self._weight[0].numel()].reshape(self._weight.shape)
        return scores.masked_fill(~mask, -1.0)

    def prune(self, mask: torch.Tensor) -> None:
        """Supprime les poids hors du masque et ajuste les autres et le biais, sur place."""
        values = compensate(self._values(), self._curvature, self._with_bias_column(mask))
        width = self._weight[0].numel()
        with torch.no_grad():
            self._weight.copy_(values[:, :width].reshape(self._weight.shape))
            if self._bias is not None:
                self._bias.copy_(values[:, width])

    def _values(self) -> torch.Tensor:
        rows = self._weight.detach().flatten(1).double()
        if self._bias is None:
            return rows
        return torch.cat([rows, self._bias.detach().double().unsqueeze(1)], 1)

    def _with_bias_column(self, mask: torch.Tensor) -> torch.Tensor:
        rows = mask.flatten(1)
        if self._bias is None:
            return rows
        return torch.cat([rows, torch.ones_like(rows[:, :1])], 1)
