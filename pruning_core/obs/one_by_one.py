"""OBS sur la courbure complète d'un petit réseau, un poids à la fois."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from pruning_core.curvature.flattening import flatten, unflatten
from pruning_core.obs.algebra import inverse_curvature, obs_scores, remove_one


def prune_one_by_one(
    variables: dict[str, nn.Parameter],
    prunable: set[str],
    curvature_of: Callable[[], torch.Tensor],
    count: int,
    *,
    damping: float,
    recompute_every: int | None = None,
) -> list[tuple[str, tuple[int, ...]]]:
    """Supprime `count` poids, un à la fois, et ajuste toutes les variables, sur place.

    Parameters
    ----------
    variables : dict[str, nn.Parameter]
        Les poids et les biais qui s'ajustent.
    prunable : ensemble de str
        Les noms de ceux qui peuvent être supprimés.
    curvature_of : fonction () -> Tensor [n, n]
        La courbure des variables, aux valeurs présentes du modèle.
    count : int
    damping : float
    recompute_every : int, optionnel
        Recalcule la courbure tous les tant de poids ; jamais par défaut.

    Returns
    -------
    list[tuple[str, tuple[int, ...]]]
        Nom et indices de chaque poids supprimé, dans l'ordre.
    """
    state = FullCurvature.start(variables, prunable, curvature_of(), damping)
    removed: list[tuple[str, tuple[int, ...]]] = []
    for step in tqdm(range(count), desc="OBS", unit="poids", delay=3, leave=False):
        if recompute_every is not None and step > 0 and step % recompute_every == 0:
            state.renew(curvature_of, damping)
        removed.append(state.remove_least())
    state.write()
    return removed


@dataclass
class FullCurvature:
    """Poids, inverse de la courbure et poids encore présents, à plat, en float64.

    Attributes
    ----------
    variables : dict[str, nn.Parameter]
        Les poids et les biais qui s'ajustent, dans l'ordre du vecteur.
    weights : Tensor [n]
    inverse : Tensor [n, n]
        Inverse de la courbure amortie sur les variables présentes ; nulle ailleurs.
    candidates : Tensor booléen [n]
        Vrai pour un poids élagable encore présent.
    present : Tensor booléen [n]
        Vrai pour une variable non supprimée (biais compris).
    """

    variables: dict[str, nn.Parameter]
    weights: torch.Tensor
    inverse: torch.Tensor
    candidates: torch.Tensor
    present: torch.Tensor

    @classmethod
    def start(
        cls,
        variables: dict[str, nn.Parameter],
        prunable: set[str],
        curvature: torch.Tensor,
        damping: float,
    ) -> FullCurvature:
        """État initial : rien n'est supprimé."""
        weights = flatten(variables).double()
        candidates = torch.cat(
            [
                torch.full((p.numel(),), name in prunable, device=weights.device)
                for name, p in variables.items()
            ]
        )
        inverse = inverse_curvature(curvature.double(), damping=damping)
        return cls(variables, weights, inverse, candidates, torch.ones_like(candidates))

    def scores(self) -> torch.Tensor:
        """Saillance OBS de chaque variable, [n]."""
        return obs_scores(self.weights, self.inverse)

    def remove_least(self) -> tuple[str, tuple[int, ...]]:
        """Supprime le poids de plus petite saillance, ajuste les autres ; rend où il était."""
        scores = torch.where(self.candidates, self.scores(), torch.inf)
        index = int(scores.argmin())
        remove_one(self.weights, self.inverse, index)
        self.candidates[index] = False
        self.present[index] = False
        return self._locate(index)

    def renew(self, curvature_of: Callable[[], torch.Tensor], damping: float) -> None:
        """Écrit les poids dans le modèle et y recalcule la courbure des variables présentes."""
        self.write()
        present = self.present
        curvature = curvature_of().double()[present][:, present]
        self.inverse.zero_()
        rows = torch.nonzero(present).squeeze(1)
        self.inverse[rows.unsqueeze(1), rows] = inverse_curvature(curvature, damping=damping)

    def write(self) -> None:
        """Recopie les poids dans le modèle."""
        with torch.no_grad():
            for name, values in unflatten(self.weights, self.variables).items():
                self.variables[name].copy_(values)

    def _locate(self, index: int) -> tuple[str, tuple[int, ...]]:
        for name, parameter in self.variables.items():
            if index < parameter.numel():
                indices = np.unravel_index(index, tuple(parameter.shape))
                return name, tuple(int(i) for i in indices)
            index -= parameter.numel()
        raise AssertionError("rang hors des variables")
