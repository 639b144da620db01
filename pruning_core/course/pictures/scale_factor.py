"""Le facteur d'échelle : la même fonction, d'autres poids, et des couches que l'on vide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from pruning_core.course.formatting import number, percent, readable
from pruning_core.course.pictures.base import Picture, bars, table
from pruning_core.masks.applying import pruned_copy
from pruning_core.masks.choosing import global_masks
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.types import Masks

FACTORS = (0.1, 0.3, 0.5, 0.7, 1, 1.2, 1.5, 2, 3, 5, 10)
SPARSITIES = tuple(rank / 10 for rank in range(10))

_ROUNDING = 0.01  # une image sur cent peut basculer par arrondi


@dataclass(frozen=True)
class Outcome:
    """Ce que l'élagage laisse d'un réseau redimensionné.

    Attributes
    ----------
    kept : list[int]
        Poids gardés de chaque couche.
    accuracy : float
        Dans [0, 1].
    """

    kept: list[int]
    accuracy: float


class ScaleFactor(Picture):
    """Deux curseurs : un facteur d'échelle, qui ne change pas la fonction, et une sparsité.

    Pour chaque couche, la part de ses poids que garde la magnitude globale, et l'exactitude.

    Parameters
    ----------
    twin : fonction (float) -> nn.Module
        Le réseau, sa couche 1 multipliée par ce facteur et sa couche 2 divisée : de même fonction.
    accuracy : fonction (nn.Module) -> float
        Exactitude d'un réseau, dans [0, 1].
    factors : suite de float
        Facteurs proposés, croissants, dont 1.
    sparsities : suite de float
        Sparsités proposées, croissantes, de 0 à 1 au plus.
    sparsity : float
        Celle du départ, une de `sparsities`.

    Raises
    ------
    ValueError
        Si une suite ne convient pas, ou si un facteur change la fonction.
    """

    kind = "scale_factor"

    def __init__(
        self,
        twin: Callable[[float], nn.Module],
        accuracy: Callable[[nn.Module], float],
        *,
        factors: Sequence[float] = FACTORS,
        sparsities: Sequence[float] = SPARSITIES,
        sparsity: float = 0.7,
    ) -> None:
        _check(factors, "factors", 1)
        _check(sparsities, "sparsities", 0)
        _check(sparsities, "sparsities", sparsity)
        self.factors, self.sparsities, self.sparsity = list(factors), list(sparsities), sparsity
        self._outcomes = [_outcomes(twin(factor), accuracy, sparsities) for factor in factors]
        dense = [row[0].accuracy for row in self._outcomes]
        if max(dense) - min(dense) > _ROUNDING:
            raise ValueError(
                f"twin : reçu des réseaux dont l'exactitude change avec le facteur, {dense} ; "
                "attendu la même fonction à chaque facteur"
            )
        self.sizes = [int(score.numel()) for score in magnitude_scores(twin(1)).values()]
        self.heights = (240, 308 + 44 * len(self.sizes))
        super().__init__(
            {
                **{"factors": self.factors, "sparsities": self.sparsities, "sizes": self.sizes},
                "kept": [[one.kept for one in row] for row in self._outcomes],
                "accuracies": [[round(one.accuracy, 6) for one in row] for row in self._outcomes],
                **{"factor": self.factors.index(1), "sparsity": self.sparsities.index(sparsity)},
            }
        )

    def outcome(self, factor: float, sparsity: float) -> Outcome:
        """Ce que la page montre à ces réglages.

        Parameters
        ----------
        factor, sparsity : float
            Une valeur proposée de chaque.
        """
        return self._outcomes[self.factors.index(factor)][self.sparsities.index(sparsity)]

    def static_html(self) -> str:
        """Les couches au plus grand facteur, et un tableau de tous les facteurs."""
        rows = []
        for factor in self.factors:
            one = self.outcome(factor, self.sparsity)
            counts = [number(count) for count in one.kept]
            rows.append([f"×\u00a0{readable(factor)}", *counts, percent(one.accuracy)])
        last = self.outcome(self.factors[-1], self.sparsity)
        asked = percent(self.sparsity, 0)
        return bars(
            f"Part gardée de chaque couche, au facteur {readable(self.factors[-1])} et à {asked} "
            "de sparsité ; puis l'exactitude.",
            [
                *(
                    (f"couche {rank}", count / size, f"{number(count)} sur {number(size)}")
                    for rank, (count, size) in enumerate(
                        zip(last.kept, self.sizes, strict=True), start=1
                    )
                ),
                ("exactitude", last.accuracy, percent(last.accuracy)),
            ],
        ) + table(
            f"Poids gardés de chaque couche à {asked} de sparsité, selon le facteur.",
            [
                "Facteur",
                *(f"couche {rank}" for rank in range(1, len(self.sizes) + 1)),
                "exactitude",
            ],
            rows,
        )

    def __repr__(self) -> str:
        """L'exactitude au départ, et au plus grand facteur."""
        before, after = (
            percent(self.outcome(factor, self.sparsity).accuracy)
            for factor in (1, self.factors[-1])
        )
        return f"ScaleFactor({before} ; × {readable(self.factors[-1])} : {after})"


def _outcomes(
    model: nn.Module, accuracy: Callable[[nn.Module], float], sparsities: Sequence[float]
) -> list[Outcome]:
    scores = magnitude_scores(model)

    def outcome(masks: Masks) -> Outcome:
        kept = [int(torch.count_nonzero(mask)) for mask in masks.values()]
        return Outcome(kept, float(accuracy(pruned_copy(model, masks))))

    return [outcome(global_masks(scores, sparsity)) for sparsity in sparsities]


def _check(values: Sequence[float], name: str, needed: float) -> None:
    rising = all(a < b for a, b in pairwise(values))
    if len(values) < 2 or not rising or needed not in values or values[0] < 0:
        raise ValueError(
            f"{name} : reçu {list(values)} ; attendu une suite croissante de nombres positifs, "
            f"dont {needed}"
        )
