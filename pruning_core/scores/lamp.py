"""LAMP : la magnitude de chaque poids, rapportée à ce qui resterait de sa couche avec lui."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.types import Scores
from pruning_core.weights.prunable import resolve_weights


def lamp_scores(
    model: nn.Module, *, parameters: Mapping[str, nn.Parameter] | None = None
) -> Scores:
    """Score w² / Σ v², où v parcourt les poids de la couche qui partiraient après w, et w.

    Dans une couche, l'ordre est celui de la magnitude ; entre les couches, le score dit ce que
    coûte un poids à l'énergie qui reste. `global_masks(lamp_scores(model), sparsity)` répartit
    ainsi la sparsité entre les couches, sans réglage. Le plus grand poids de chaque couche a le
    score 1 : aucune ne s'efface avant que toutes n'aient plus qu'un poids.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids voulus ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    Scores
        En float64, dans [0, 1] ; 0 pour un poids nul.

    Raises
    ------
    TypeError, ValueError
        Si les poids ne conviennent pas.

    Notes
    -----
    Temps O(n log n) : un tri par couche.

    References
    ----------
    Lee, Park, Mo, Ahn et Shin, 2021, « Layer-adaptive Sparsity for the Magnitude-based Pruning »,
    éq. 4.
    """
    chosen = resolve_weights(model, parameters)
    return {name: _lamp(parameter.detach()) for name, parameter in chosen.items()}


def _lamp(weights: torch.Tensor) -> torch.Tensor:
    flat = weights.reshape(-1).to(torch.float64)
    if not flat.any():
        return torch.zeros_like(weights, dtype=torch.float64)
    # Rapportés au plus grand, les carrés ne débordent ni ne s'annulent tous.
    squares = (flat / flat.abs().max()).square()
    # À égalité, le plus petit rang part le premier, comme dans `global_masks`.
    ordered, order = squares.sort(stable=True)
    remaining = ordered.flip(0).cumsum(0).flip(0)
    return torch.empty_like(flat).scatter_(0, order, ordered / remaining).view(weights.shape)
