"""L'élagage par gradient, tel que le nomme le chapitre."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_scores_of
from pruning_core.masks.choosing import global_masks
from pruning_core.scores.gradient import mean_gradients
from pruning_core.types import Criterion, Loader, Masks, Scores
from pruning_core.weights.prunable import resolve_parameters


class GradientBasedPruning:
    """Élagage par la saillance ``|w| · |∇_w L|``.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    train_loader : itérable de (x, y), ou Batches
    criterion : fonction (sortie, y) -> perte moyenne du lot
    parameters : dict[str, nn.Parameter], optionnel
        Les poids à noter ; par défaut `prunable_parameters(model)`.
    """

    def __init__(
        self,
        model: nn.Module,
        train_loader: Loader,
        criterion: Criterion,
        *,
        parameters: Mapping[str, nn.Parameter] | None = None,
    ) -> None:
        self.model = model
        self.train_loader = train_loader
        self.criterion = criterion
        self._parameters = resolve_parameters(model, parameters)

    def compute_gradient_salience(
        self, n_batches: int | None = 100
    ) -> tuple[Scores, dict[str, torch.Tensor]]:
        """Saillance ``|w|`` · moyenne sur les lots de ``|∇_w L_lot|``.

        Parameters
        ----------
        n_batches : int ou None
            Nombre de lots lus au plus (des lots, pas des exemples) ; `None` pour tous. Cent par
            défaut, comme dans le chapitre ; `gradient_scores` les lit tous.

        Returns
        -------
        salience : Scores
        gradients : dict[str, Tensor]
            La moyenne des valeurs absolues des gradients.

        Raises
        ------
        TypeError, ValueError
            Si les données, la fonction de perte ou les poids ne conviennent pas.
        """
        gradients = mean_gradients(
            self.model,
            self.train_loader,
            self.criterion,
            n_batches=n_batches,
            parameters=self._parameters,
        )
        salience = {
            name: parameter.detach().abs() * gradients[name]
            for name, parameter in self._parameters.items()
        }
        return salience, gradients

    def prune_by_salience(self, salience: Mapping[str, torch.Tensor], sparsity: float) -> Masks:
        """Masques des poids de plus petite saillance, toutes couches confondues.

        Raises
        ------
        TypeError, ValueError
            Si la saillance ne convient pas au modèle, ou voir `global_masks`.
        """
        check_scores_of(self.model, salience)
        return global_masks(salience, sparsity)
