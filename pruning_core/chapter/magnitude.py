"""L'élagage par magnitude, tel que le nomme le chapitre."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from pruning_core.masks.applying import apply_masks
from pruning_core.masks.choosing import global_masks, layerwise_masks
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.types import Masks, Scores
from pruning_core.weights.prunable import resolve_parameters


class MagnitudePruning:
    """Élagage fondé sur la seule magnitude des poids.

    Parameters
    ----------
    model : nn.Module
    parameters : dict[str, nn.Parameter], optionnel
        Les poids à élaguer ; par défaut `prunable_parameters(model)`.

    Attributes
    ----------
    masks : Masks
        Masques du dernier appel, vides avant le premier ; chaque appel rend un dictionnaire neuf.
    """

    def __init__(
        self, model: nn.Module, *, parameters: Mapping[str, nn.Parameter] | None = None
    ) -> None:
        self.model = model
        self.masks: Masks = {}
        self._parameters = resolve_parameters(model, parameters)

    def global_magnitude_pruning(self, sparsity: float) -> Masks:
        """Masques des poids de plus petite magnitude, toutes couches confondues.

        Raises
        ------
        TypeError, ValueError
            Voir `global_masks`.
        """
        self.masks = global_masks(self._scores(), sparsity)
        return dict(self.masks)

    def layerwise_magnitude_pruning(self, sparsity_per_layer: float | Mapping[str, float]) -> Masks:
        """Masques des poids de plus petite magnitude, couche par couche.

        Parameters
        ----------
        sparsity_per_layer : float ou dict[str, float]
            Une sparsité pour toutes les couches, ou une par nom de paramètre.

        Raises
        ------
        TypeError, ValueError
            Voir `layerwise_masks`.
        """
        self.masks = layerwise_masks(self._scores(), sparsity_per_layer)
        return dict(self.masks)

    def apply_masks(self) -> None:
        """Met à zéro, une fois, les poids élagués par le dernier appel.

        Raises
        ------
        ValueError
            Si aucun masque n'a encore été calculé.
        """
        if not self.masks:
            raise ValueError(
                "apply_masks : reçu un élagueur sans masques ; attendu d'abord un appel à "
                "global_magnitude_pruning ou layerwise_magnitude_pruning."
            )
        apply_masks(self.model, self.masks)

    def _scores(self) -> Scores:
        return magnitude_scores(self.model, parameters=self._parameters)
