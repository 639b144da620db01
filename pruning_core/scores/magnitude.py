"""8.1.1 Élagage par magnitude : le score d'un poids est sa valeur absolue."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from pruning_core.types import Scores
from pruning_core.weights.prunable import check_weights, resolve_parameters


def magnitude_scores(
    model: nn.Module, *, parameters: Mapping[str, nn.Parameter] | None = None
) -> Scores:
    """Score ``|w|`` de chaque poids élagable.

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
