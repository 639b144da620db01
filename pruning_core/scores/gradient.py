"""8.1.2 Élagage par gradient : le score d'un poids dépend de la pente de la perte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import torch
from torch import nn

from pruning_core.curvature.diagonals import sum_zeros, sums_over_examples
from pruning_core.curvature.differentiating import check_depends, gradients_of
from pruning_core.curvature.losses import batch_loss, loss_gradients
from pruning_core.passes import mean_over_examples, read_batches, undisturbed
from pruning_core.types import Criterion, Loader, Scores
from pruning_core.weights.prunable import check_weights, resolve_parameters

Variant = Literal["batch", "per_sample", "snip", "taylor"]


def gradient_scores(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    variant: Variant = "batch",
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> Scores:
    """Scores fondés sur le gradient de la perte.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y), ou Batches
    criterion : fonction (sortie, y) -> perte moyenne du lot
    variant : {"batch", "per_sample", "snip", "taylor"}
        L étant la perte moyenne sur tous les exemples lus :

        - `"batch"` : ``|w|`` · moyenne sur les lots de ``|∇_w L_lot|`` (dépend de leur taille) ;
        - `"per_sample"` : ``|w|`` · moyenne sur les exemples de ``|∇_w ℓ_i|`` ;
        - `"snip"` : ``|w · ∇_w L|`` (Lee et coll., 2019, éq. 4, sans la normalisation) ;
        - `"taylor"` : ``(w · ∇_w L)²`` (Molchanov et coll., 2019, éq. 8).
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids à noter ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    Scores
        De la forme des poids.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte, les poids ou la variante ne conviennent pas.
    """
    chosen = resolve_parameters(model, parameters)
    gradients = mean_gradients(
        model, loader, criterion, variant=variant, n_batches=n_batches, parameters=chosen
    )
    products = {name: p.detach().abs() * gradients[name].abs() for name, p in chosen.items()}
    if variant == "taylor":
        return {name: product.square() for name, product in products.items()}
    return products


def mean_gradients(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    variant: Variant = "batch",
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Gradient moyen que demande une variante, en valeur absolue avant la moyenne ou non.

    Parameters
    ----------
    model, loader, criterion, variant, n_batches, parameters
        Comme pour `gradient_scores`.

    Returns
    -------
    dict[str, Tensor]
        De la forme des poids.

    Raises
    ------
    TypeError, ValueError
        Voir `gradient_scores`.
    """
    if variant not in get_args(Variant):
        raise ValueError(f"variant : reçu {variant!r} ; attendu l'une de {get_args(Variant)}.")
    parameters = resolve_parameters(model, parameters)
    check_weights(parameters)
    with undisturbed(model, parameters):
        batches = read_batches(loader, model, n_batches)
        if variant == "per_sample":
            sums, count = sums_over_examples(
                model, parameters, batches, loss_gradients(criterion), torch.abs
            )
        else:
            sums, count = sum_zeros(parameters), 0
            for batch in batches:
                _, loss = batch_loss(model, criterion, batch)
                check_depends(loss)
                gradients = gradients_of(loss, list(parameters.values()))
                weight = 1 if variant == "batch" else len(batch)
                for name, gradient in zip(parameters, gradients, strict=True):
                    sums[name] += gradient.abs() if variant == "batch" else gradient * weight
                count += weight
    return mean_over_examples(sums, count)
