"""8.1.3 La saillance d'Optimal Brain Damage (OBD)."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from pruning_core.checks import check_finite, check_not_empty, check_same_names
from pruning_core.types import Scores


def obd_scores(weights: Mapping[str, torch.Tensor], diagonal: Mapping[str, torch.Tensor]) -> Scores:
    """Saillance OBD : ½ H_ii w_i², la hausse de perte prévue si le poids i est supprimé seul.

    Parameters
    ----------
    weights : dict[str, Tensor]
    diagonal : dict[str, Tensor]
        Diagonale de la courbure, de mêmes noms et formes. Un élément négatif (une hessienne
        exacte peut être indéfinie) donne une saillance négative : le modèle quadratique prévoit que
        supprimer ce poids réduit la perte, et il part parmi les premiers.

    Raises
    ------
    TypeError, ValueError
        Si les noms, les formes ou les valeurs ne conviennent pas.

    References
    ----------
    LeCun, Denker et Solla, 1989, « Optimal Brain Damage », éq. 5.
    """
    check_not_empty(weights, "poids")
    check_same_names(diagonal, weights, "diagonale de la courbure")
    for name, weight in weights.items():
        check_finite(weight, f"poids {name}")
        check_finite(diagonal[name], f"courbure de {name}")
        if diagonal[name].shape != weight.shape:
            raise ValueError(
                f"courbure de {name} : reçu la forme {tuple(diagonal[name].shape)} ; attendu "
                f"{tuple(weight.shape)}."
            )
    return {name: 0.5 * diagonal[name] * w.detach().square() for name, w in weights.items()}
