"""Un budget d'élagage que les couches se partagent."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures.base import Picture, bars, table
from pruning_core.masks.applying import pruned_copy
from pruning_core.masks.choosing import count_pruned, global_masks, layerwise_masks
from pruning_core.masks.measuring import compute_sparsity
from pruning_core.scores.magnitude import magnitude_scores

STEPS = 20
"""Crans de chaque couche, de rien à tout."""

Shares = tuple[float, float, float]


class Budget(Picture):
    """Trois couches, et une seule sparsité à leur partager, par magnitude.

    On règle une couche, une autre rend ou prend ce qu'il faut : le total ne bouge pas. Les couches
    2 et 3 vont cran par cran ; la première prend ce qui reste.

    Parameters
    ----------
    model : nn.Module
        Un réseau à trois couches élagables ; il n'est pas modifié.
    accuracy : fonction (nn.Module) -> float
        Exactitude d'un réseau, dans [0, 1].
    sparsity : float
        Celle de tout le réseau, dans [0, 1].

    Raises
    ------
    ValueError
        Si le réseau n'a pas trois couches, ou si aucun partage ne donne cette sparsité.

    Notes
    -----
    Chaque partage demande une mesure, quatre cents environ en tout.
    """

    kind = "budget"
    heights = (240, 420)

    def __init__(
        self, model: nn.Module, accuracy: Callable[[nn.Module], float], *, sparsity: float = 0.8
    ) -> None:
        scores = magnitude_scores(model)
        self.sizes = [score.numel() for score in scores.values()]
        if len(self.sizes) != 3:
            raise ValueError(f"model : reçu {len(self.sizes)} couches élagables ; attendu 3")
        self.sparsity = sparsity
        self._accuracies: dict[tuple[int, int], float] = {}
        for place in ((two, three) for two in range(STEPS + 1) for three in range(STEPS + 1)):
            shares = self.shares(*place)
            if 0 <= shares[0] <= 1:
                masks = layerwise_masks(scores, dict(zip(scores, shares, strict=True)))
                self._accuracies[place] = round(float(accuracy(pruned_copy(model, masks))), 6)
        spread = global_masks(scores, sparsity)
        chosen = [compute_sparsity({name: mask}) for name, mask in spread.items()]
        self.start = self._nearest(sparsity, sparsity)
        self.best = self._nearest(chosen[1], chosen[2])
        self.whole = tuple(round(one, 4) for one in chosen)
        self.reached = round(float(accuracy(pruned_copy(model, spread))), 6)
        super().__init__(
            {
                **{"sparsity": sparsity, "sizes": self.sizes, "steps": STEPS},
                "removed": count_pruned(sum(self.sizes), sparsity),
                "accuracies": [
                    [self._accuracies.get((two, three)) for three in range(STEPS + 1)]
                    for two in range(STEPS + 1)
                ],
                **{"start": self.start, "whole": self.whole, "reached": self.reached},
            }
        )

    def shares(self, two: int, three: int) -> Shares:
        """Sparsités des trois couches, à ces crans ; la première hors de [0, 1] si c'est trop.

        Parameters
        ----------
        two, three : int
            Crans des couches 2 et 3, de 0 à `STEPS`.
        """
        total = count_pruned(sum(self.sizes), self.sparsity)
        others = two / STEPS, three / STEPS
        paid = others[0] * self.sizes[1] + others[1] * self.sizes[2]
        return (total - paid) / self.sizes[0], *others

    def accuracy(self, two: int, three: int) -> float:
        """Exactitude mesurée à ces crans.

        Parameters
        ----------
        two, three : int
            Crans des couches 2 et 3 d'un partage possible.
        """
        return self._accuracies[two, three]

    def _nearest(self, two: float, three: float) -> tuple[int, int]:
        """Les crans possibles les plus proches de ces sparsités."""
        if not self._accuracies:
            raise ValueError(
                f"sparsity : reçu {self.sparsity} ; attendu une sparsité que trois couches de "
                f"{self.sizes} poids puissent se partager"
            )
        return min(
            self._accuracies,
            key=lambda at: abs(at[0] / STEPS - two) + abs(at[1] / STEPS - three),
        )

    def static_html(self) -> str:
        """Le partage égal en barres, et un tableau de ce partage et de ceux de la magnitude."""
        rows = [
            [title, *(percent(one) for one in shares), percent(accuracy)]
            for title, shares, accuracy in (
                ("égal", self.shares(*self.start), self.accuracy(*self.start)),
                ("proche de la globale", self.shares(*self.best), self.accuracy(*self.best)),
                ("globale", self.whole, self.reached),
            )
        ]
        names = [f"couche {rank}, {number(size)} poids" for rank, size in enumerate(self.sizes, 1)]
        shown = zip(names, self.shares(*self.start), strict=True)
        asked = percent(self.sparsity, 0)
        return bars(
            f"Part retirée de chaque couche, à {asked} de sparsité partagés également.",
            [(name, share, percent(share, 0)) for name, share in shown],
        ) + table(
            f"Trois partages de {asked} de sparsité, et leur exactitude.",
            ["Partage", "couche 1", "couche 2", "couche 3", "exactitude"],
            rows,
        )

    def __repr__(self) -> str:
        """L'exactitude du partage égal, et de celui de la magnitude globale."""
        equal, whole = (percent(self.accuracy(*at)) for at in (self.start, self.best))
        return f"Budget({percent(self.sparsity, 0)} : {equal} ; proche de la globale : {whole})"
