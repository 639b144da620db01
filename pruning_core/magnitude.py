"""8.1.1 Élagage par magnitude : le score d'un poids est sa valeur absolue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from pruning_core.checks import check_count, check_finite
from pruning_core.masks import Masks, Scores, apply_masks, global_masks, layerwise_masks
from pruning_core.parameters import resolve_parameters

_RANDOM_SCORES = 811  # distingue ce tirage des autres usages d'une même graine


def magnitude_scores(
    model: nn.Module, *, parameters: Mapping[str, nn.Parameter] | None = None
) -> Scores:
    """Score |w| de chaque poids élagable.

    Parameters
    ----------
    model : nn.Module
    parameters : dict[str, nn.Parameter], optionnel
        Les poids à noter ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    Scores
        Des copies, de la forme et du type des poids.

    Raises
    ------
    TypeError, ValueError
        Si un poids n'est pas flottant ou n'est pas fini.
    """
    chosen = resolve_parameters(model, parameters)
    check_weights(chosen)
    return {name: parameter.detach().abs() for name, parameter in chosen.items()}


def random_scores(
    model: nn.Module, *, seed: int, parameters: Mapping[str, nn.Parameter] | None = None
) -> Scores:
    """Score tiré au hasard dans [0, 1[ : le témoin auquel comparer tout critère.

    Le tirage ne dépend que de `seed` ; le générateur global de torch n'est pas touché. Il est
    indépendant des poids initiaux d'un réseau créé avec la même graine.

    Raises
    ------
    TypeError, ValueError
        Si `seed` n'est pas un entier positif ou nul.
    """
    generator = torch.Generator().manual_seed(_own_stream(check_count(seed, "seed")))
    chosen = resolve_parameters(model, parameters)
    return {
        name: torch.rand(p.shape, generator=generator, dtype=torch.float64).to(p.device)
        for name, p in chosen.items()
    }


def _own_stream(seed: int) -> int:
    """Une graine propre à ce tirage : torch.manual_seed(seed) a pu tirer les poids du modèle."""
    return int(np.random.SeedSequence([seed, _RANDOM_SCORES]).generate_state(1)[0])


def check_weights(parameters: Mapping[str, nn.Parameter]) -> None:
    """Refuse des poids qui ne sont pas flottants ou contiennent NaN ou l'infini.

    Raises
    ------
    TypeError, ValueError
    """
    for name, parameter in parameters.items():
        check_finite(parameter, f"poids {name}")


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
