"""Les diagonales de la courbure : GGN, exacte ou échantillonnée, Fisher empirique, hessienne."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.flattening import flatten, unflatten
from pruning_core.curvature.hessian import hessian_rows
from pruning_core.curvature.losses import Vectors, curvature_vectors, loss_gradients
from pruning_core.curvature.output_roots import Draw
from pruning_core.curvature.per_example import ExampleGradients, Factors, Reduction
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.passes import mean_over_examples, read_batches, sum_dtype, undisturbed
from pruning_core.types import Criterion, Loader
from pruning_core.weights.prunable import resolve_weights

# Les gradients de quelques exemples, leurs carrés et leur somme tiennent dans le cache.
_CACHED_ELEMENTS = 2**18


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
    loader : itérable de (x, y), ou Batches
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
    return _mean_of_squares(model, loader, curvature_vectors(criterion), n_batches, parameters)


def sampled_fisher_diagonal(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    samples: int = 1,
    seed: int = 0,
    draw: Draw = "signs",
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Diagonale de la GGN, estimée sans biais d'après quelques tirages.

    Coût : `samples` rétropropagations par lot, quel que soit le nombre de sorties : pour une sortie
    par mot, ou mille classes.

    Parameters
    ----------
    samples, seed, draw
        Ceux de `SampledFisher`, qui dit ce qui est tiré et à quelle distance cela tombe.
    model, loader, criterion, n_batches, parameters
        Comme pour `ggn_diagonal`.

    Returns
    -------
    dict[str, Tensor]
        De la forme des poids, en float32 au moins.

    Raises
    ------
    TypeError, ValueError
        Comme `ggn_diagonal` ; ou si `samples` n'est pas un entier positif.

    References
    ----------
    Martens, 2020, « New insights and perspectives on the natural gradient method », § 5 ; Dangel,
    Kunstner et Hennig, 2020, « BackPACK » (`DiagGGNMC`).
    """
    vectors = SampledFisher(samples, seed, draw).vectors(criterion)
    return _mean_of_squares(model, loader, vectors, n_batches, parameters)


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
    return _mean_of_squares(model, loader, loss_gradients(criterion), n_batches, parameters)


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
    count = 0
    with undisturbed(model, chosen):
        total = flatten(sum_zeros(chosen))
        for batch in read_batches(loader, model, n_batches):
            for start, rows in hessian_rows(model, chosen, criterion, batch):
                index = torch.arange(len(rows), device=rows.device)
                total[start : start + len(rows)] += rows[index, start + index] * len(batch)
            count += len(batch)
    return mean_over_examples(unflatten(total, chosen), count)


def _mean_of_squares(
    model: nn.Module,
    loader: Loader,
    vectors: Vectors,
    n_batches: int | None,
    parameters: Mapping[str, nn.Parameter] | None,
) -> dict[str, torch.Tensor]:
    """(1/N) Σ_i Σ_c g_ic², où g_ic = J_iᵀ v_ic : de la forme des poids."""
    chosen = resolve_weights(model, parameters)
    with undisturbed(model, chosen):
        batches = read_batches(loader, model, n_batches)
        sums, count = sums_over_examples(model, chosen, batches, vectors, torch.square)
    return mean_over_examples(sums, count)


def sums_over_examples(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    batches: Iterable[Batch],
    vectors: Vectors,
    reduction: Reduction,
) -> tuple[dict[str, torch.Tensor], int]:
    """Σ_i Σ_c φ(J_iᵀ v_ic) sur tous les exemples i et tous les vecteurs c.

    Parameters
    ----------
    model : nn.Module
        Préparé par `undisturbed`.
    parameters : dict[str, nn.Parameter]
    batches : itérable de Batch
    vectors : Vectors
        De `curvature_vectors` ou de `loss_gradients`.
    reduction : φ, `torch.square` ou `torch.abs`

    Returns
    -------
    sums : dict[str, Tensor]
        De la forme des poids, en float32 au moins.
    count : int
        Nombre d'exemples.
    """
    sums = sum_zeros(parameters)
    gradients = ExampleGradients(model, parameters, vectors)
    count = 0
    for batch in batches:
        for name, found in gradients.by_weight(batch, reduction):
            layout = gradients.layouts[name]
            if isinstance(found, Factors):
                sums[name] += layout.from_rows(found.outputs.T @ reduction(found.inputs))
                continue
            for several in found.chunks(_CACHED_ELEMENTS):
                sums[name] += layout.from_rows(reduction(several).sum(0))
        count += len(batch)
    return sums, count


def sum_zeros(parameters: Mapping[str, nn.Parameter]) -> dict[str, torch.Tensor]:
    """Une somme nulle par poids, de sa forme, dans le type où sommer."""
    return {
        name: torch.zeros_like(p, dtype=sum_dtype(p), requires_grad=False)
        for name, p in parameters.items()
    }
