"""8.1.3 Optimal Brain Damage (OBD) : le score d'un poids est ce que coûterait sa suppression."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_finite, check_not_empty, check_same_names
from pruning_core.curvature.by_name import Curvature, diagonal_named
from pruning_core.types import Criterion, Loader, Scores
from pruning_core.weights.prunable import resolve_parameters


def obd_scores(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    curvature: Curvature = "ggn",
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> Scores:
    """Saillance OBD de chaque poids : ½ H_ii w_i², avec la diagonale exacte de la courbure.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y), ou Batches
    criterion : fonction (sortie, y) -> perte moyenne du lot
    curvature : {"ggn", "empirical_fisher", "sampled_fisher", "hessian"}, ou SampledFisher
        La courbure dont on prend la diagonale. La GGN demande autant de rétropropagations que de
        sorties ; `SampledFisher(samples=m)` l'estime en m.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids à noter ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    Scores
        De la forme des poids.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte, les poids ou la courbure ne conviennent pas.

    References
    ----------
    LeCun, Denker et Solla, 1989, « Optimal Brain Damage », éq. 5.
    """
    chosen = resolve_parameters(model, parameters)
    diagonal = diagonal_named(curvature)(model, loader, criterion, parameters=chosen)
    return obd_salience(chosen, diagonal)


def obd_salience(
    weights: Mapping[str, torch.Tensor], diagonal: Mapping[str, torch.Tensor]
) -> Scores:
    """Le produit ½ H_ii w_i², pour qui a déjà la diagonale de la courbure.

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
