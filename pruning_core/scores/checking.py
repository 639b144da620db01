"""Vérifier que des scores sont bien ceux des poids d'un modèle."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_finite, check_not_empty


def check_scores_of(model: nn.Module, scores: Mapping[str, torch.Tensor]) -> None:
    """Vérifie que des scores ont les noms et les formes de paramètres du modèle.

    Raises
    ------
    TypeError, ValueError
    """
    check_not_empty(scores, "saillance")
    parameters = dict(model.named_parameters())
    for name, score in scores.items():
        check_finite(score, f"saillance de {name}")
        if name not in parameters or score.shape != parameters[name].shape:
            expected = tuple(parameters[name].shape) if name in parameters else list(parameters)
            raise ValueError(
                f"saillance : reçu {name!r} de forme {tuple(score.shape)} ; attendu {expected}, "
                "comme dans le modèle."
            )
