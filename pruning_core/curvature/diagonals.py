"""La courbure de la perte : diagonales et matrices de Gauss-Newton, de Fisher et hessiennes.

L est la perte moyenne sur les N exemples, f(x_i) la sortie, J_i sa jacobienne par rapport aux
poids, Λ_i la hessienne de la perte par rapport à la sortie.

- Gauss-Newton généralisée (GGN) : (1/N) Σ_i J_iᵀ Λ_i J_i, semi-définie positive ; pour l'entropie
  croisée Λ_i = diag(p_i) − p_i p_iᵀ, et c'est aussi l'information de Fisher.
- Fisher empirique : (1/N) Σ_i g_i g_iᵀ, g_i le gradient de l'exemple i.
- Hessienne exacte : ∇²L, qui peut être indéfinie.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.curvature.flat import flat_zeros, mean_over_examples, resolve_weights, unflatten
from pruning_core.curvature.hessian import hessian_rows
from pruning_core.curvature.losses import (
    curvature_vectors,
    loss_gradients,
)
from pruning_core.curvature.per_example import per_sample_sums
from pruning_core.examples import read_batches, scoring
from pruning_core.types import Criterion, Loader


def ggn_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale exacte de la matrice de Gauss-Newton généralisée, ≥ 0.

    Coût : autant de rétropropagations que de sorties ; les couches linéaires et convolutives
    sans tenseur par exemple.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids voulus ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    dict[str, Tensor]
        De la forme des poids, en float32 au moins.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte ou les poids ne conviennent pas.

    References
    ----------
    Martens, 2020, « New insights and perspectives on the natural gradient method », § 8 ;
    Dangel, Kunstner et Hennig, 2020, « BackPACK ».
    """
    chosen = resolve_weights(model, parameters)
    with scoring(model, chosen):
        batches = read_batches(loader, model, n_batches)
        sums, count = per_sample_sums(
            model, chosen, batches, curvature_vectors(criterion), torch.square
        )
    return mean_over_examples(sums, count)


def empirical_fisher_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale de la Fisher empirique, (1/N) Σ_i g_i², avec le gradient de chaque exemple.

    Une seule rétropropagation. Ce n'est pas le carré du gradient moyen d'un lot. Paramètres,
    résultat et erreurs : voir `ggn_diagonal`.

    References
    ----------
    Kunstner, Balles et Hennig, 2019, « Limitations of the empirical Fisher approximation ».
    """
    chosen = resolve_weights(model, parameters)
    with scoring(model, chosen):
        batches = read_batches(loader, model, n_batches)
        sums, count = per_sample_sums(
            model, chosen, batches, loss_gradients(criterion), torch.square
        )
    return mean_over_examples(sums, count)


def hessian_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale exacte de la hessienne ; elle peut avoir des éléments négatifs.

    Coût : un produit hessienne-vecteur par poids ; pour de petits réseaux. Paramètres,
    résultat et erreurs : voir `ggn_diagonal`.
    """
    chosen = resolve_weights(model, parameters)
    total = flat_zeros(chosen)
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            for start, rows in hessian_rows(model, chosen, criterion, x, y):
                index = torch.arange(len(rows), device=rows.device)
                total[start : start + len(rows)] += rows[index, start + index] * len(x)
            count += len(x)
    return mean_over_examples(unflatten(total, chosen), count)
