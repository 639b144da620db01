"""D'où part une marche d'OBS : une copie du modèle, et les masques déjà en vigueur."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from pruning_core.held.models import held_masks
from pruning_core.masks.applying import apply_masks, check_masks
from pruning_core.masks.choosing import count_pruned
from pruning_core.masks.holding import release_masks
from pruning_core.schedules import CubicSchedule, check_path
from pruning_core.types import Masks
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import resolve_parameters


@dataclass(frozen=True)
class Start:
    """Le départ d'une marche.

    Attributes
    ----------
    work : nn.Module
        Copie du modèle, à élaguer sur place ; elle ne tient aucun masque, mais y est déjà nulle.
    chosen : dict[str, nn.Parameter]
        Ses poids à élaguer.
    present : Masks
        Faux pour une variable déjà absente ; un masque par poids choisi et par biais qui s'ajuste.
    """

    work: nn.Module
    chosen: dict[str, nn.Parameter]
    present: Masks

    @classmethod
    def of(
        cls,
        model: nn.Module,
        parameters: Mapping[str, nn.Parameter] | None,
        masks: Mapping[str, torch.Tensor] | None,
    ) -> Start:
        """Copie un modèle, où les masques donnés s'ajoutent à ceux qu'il tient.

        Raises
        ------
        TypeError, ValueError
            Si les poids ou les masques ne conviennent pas au modèle.
        """
        names = list(resolve_parameters(model, parameters))
        in_force = held_masks(model)
        if masks is not None:
            check_masks(model, masks)
            in_force |= {name: in_force.get(name, mask) & mask for name, mask in masks.items()}
        with torch.inference_mode(False):  # une copie faite sous ce mode ne se dériverait pas
            work = copy.deepcopy(model)
        release_masks(work)
        if in_force:
            apply_masks(work, in_force)
        own = dict(work.named_parameters())
        chosen = {name: own[name] for name in names}
        present = {
            name: in_force[name].to(p.device)
            if name in in_force
            else torch.ones_like(p, dtype=torch.bool)
            for name, p in with_biases(work, chosen).items()
        }
        return cls(work, chosen, present)

    def only(self, name: str) -> Start:
        """Le même départ, pour un seul des poids choisis."""
        return Start(self.work, {name: self.chosen[name]}, self.present)

    def path(self, sparsities: Iterable[float]) -> list[float]:
        """Vérifie un chemin de sparsités : croissant, et d'au moins ce qui est déjà absent.

        Raises
        ------
        TypeError, ValueError
            Si une sparsité sort de [0, 1], ou si le chemin est vide, recule ou ferait renaître des
            poids.
        """
        stages = check_path(sparsities)
        absent, total = self._counts()
        if count_pruned(total, stages[0]) < absent:
            raise ValueError(
                f"sparsité : reçu {stages[0]} ; attendu au moins {absent / total:.6g}, la part des "
                "poids déjà absents par les masques en vigueur, donnés ou tenus par le modèle : un "
                "poids absent ne renaît pas."
            )
        return stages

    def cubic(self, sparsity: float, steps: int) -> list[float]:
        """Chemin cubique, de ce qui est déjà absent à la sparsité voulue.

        Raises
        ------
        TypeError, ValueError
            Si un réglage ne convient pas, ou si le chemin ferait renaître des poids.
        """
        [final] = self.path([CubicSchedule(sparsity, steps).final])
        absent, total = self._counts()
        return list(CubicSchedule(final, steps, initial=min(absent / total, final)))

    def _counts(self) -> tuple[int, int]:
        """Nombre de poids choisis déjà absents, et de poids choisis."""
        masks = [self.present[name] for name in self.chosen]
        total = sum(mask.numel() for mask in masks)
        return total - sum(int(torch.count_nonzero(mask)) for mask in masks), total
