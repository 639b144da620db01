"""Le second moment des entrées d'une couche : la courbure de l'erreur de sa sortie."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import torch

from pruning_core.curvature.inputs import InputCall, unreadable
from pruning_core.passes import sum_over_processes


class SecondMoment:
    """H = 2 E[a aᵀ] des entrées a d'un poids, sur des colonnes consécutives (`eq-couche`).

    Parameters
    ----------
    name : str
        Le poids.
    groups : int
        Nombre G de groupes ; leurs entrées diffèrent.
    cuts : suite de slice
        Les morceaux de colonnes ; la courbure entre deux morceaux n'est pas lue. Une colonne après
        les entrées est celle du biais, dont l'entrée vaut 1.
    device : torch.device
    """

    def __init__(
        self,
        name: str,
        groups: int,
        cuts: Sequence[slice],
        device: torch.device,
    ) -> None:
        self._name = name
        self._cuts = cuts
        self._count = 0
        sizes = [cut.stop - cut.start for cut in cuts]
        self._sums = [
            torch.zeros(groups, size, size, dtype=torch.float64, device=device) for size in sizes
        ]

    def add(self, call: InputCall) -> None:
        """Ajoute les entrées d'un appel.

        Raises
        ------
        ValueError
            Si on ne sait pas les lire, ou si elles ne sont pas finies.
        """
        kind = call.inputs.device.type
        # Certains périphériques n'ont pas `torch.autocast`, et refusent même de le lever.
        known = torch.amp.is_autocast_available(kind)
        with torch.autocast(kind, enabled=False) if known else nullcontext():
            for positions in call.positions():
                self._add(positions)

    def _add(self, positions: torch.Tensor) -> None:
        self._count += positions.shape[1]
        for cut, total in zip(self._cuts, self._sums, strict=True):
            part = positions[..., cut]
            if part.shape[-1] < total.shape[-1]:  # il y manque l'entrée du biais
                part = torch.cat([part, torch.ones_like(positions[..., :1])], -1)
            total += part.transpose(1, 2) @ part

    def matrices(self) -> list[torch.Tensor]:
        """La courbure de chaque morceau, [G, c, c], tous processus confondus.

        Raises
        ------
        ValueError
            Si la couche n'a pas été appelée, ou si une entrée n'est pas finie.
        """
        sums = {f"{index:06d}": total for index, total in enumerate(self._sums)}
        count = sum_over_processes(sums, self._count)
        if count == 0:
            raise unreadable(self._name, "sa couche n'est pas appelée sur ces données")
        if not all(bool(torch.isfinite(total).all()) for total in self._sums):
            raise unreadable(self._name, "sa couche en reçoit qui ne sont pas finies")
        return [total * (2.0 / count) for total in self._sums]
