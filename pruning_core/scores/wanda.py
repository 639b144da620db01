"""8.1.3 Wanda : le score d'un poids est sa valeur absolue, fois la taille de ce qui l'atteint."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.curvature.inputs import InputCall, InputReader, unreadable
from pruning_core.passes import read_batches, sum_dtype, sum_over_processes, undisturbed
from pruning_core.types import Loader, Scores
from pruning_core.weights.prunable import check_weights, resolve_parameters
from pruning_core.weights.rows import RowLayout, row_layout


def wanda_scores(
    model: nn.Module, loader: Loader, *, parameters: Mapping[str, nn.Parameter] | None = None
) -> Scores:
    """Score ``|w_rj| · ‖x_j‖₂``, où `x_j` est l'entrée j de la couche sur tous les exemples.

    Un seul passage avant suffit : ni la perte ni son gradient ne sont lus. L'article compare les
    scores dans chaque ligne, entre les poids d'un même neurone :
    `rowwise_masks(scores, sparsity, model=model)`. `layerwise_masks` les compare dans toute la
    couche.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y), ou Batches
        Seul x est lu.
    parameters : dict[str, nn.Parameter], optionnel
        Des poids de couches linéaires ou convolutives ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    Scores
        De la forme des poids. Pour une convolution, une entrée est un canal à une place du noyau,
        et sa norme court sur toutes les positions.

    Raises
    ------
    TypeError, ValueError
        Si les données ou les poids ne conviennent pas, ou si un poids n'est pas celui d'une couche
        linéaire ou convolutive que le modèle appelle.

    References
    ----------
    Sun, Liu, Bair et Kolter, 2024, « A Simple and Effective Pruning Approach for Large Language
    Models », éq. 1.
    """
    chosen = resolve_parameters(model, parameters)
    check_weights(chosen)
    squares = _input_squares(model, loader, chosen)
    return {
        name: _by_row(row_layout(model, name), p.detach().abs(), squares[name].sqrt())
        for name, p in chosen.items()
    }


def _input_squares(
    model: nn.Module, loader: Loader, parameters: Mapping[str, nn.Parameter]
) -> dict[str, torch.Tensor]:
    """‖x_j‖² des entrées de chaque poids, [G, I] : G groupes (1 hors convolution groupée)."""
    reader = InputReader(model, parameters)

    def add(call: InputCall) -> None:
        calls[call.name] += 1
        for positions in call.positions():
            totals[call.name] += positions.square().sum(1)

    with undisturbed(model), torch.no_grad():
        totals = {
            name: torch.zeros(
                reader.groups[name], reader.width(name), dtype=sum_dtype(p), device=p.device
            )
            for name, p in parameters.items()
        }
        calls = {name: torch.zeros((), device=p.device) for name, p in parameters.items()}
        for batch in read_batches(loader, model):
            reader.read(batch, add)
    sum_over_processes(totals, 1)
    sum_over_processes(calls, 1)
    for name, number in calls.items():
        if not number:
            raise unreadable(name, "sa couche n'est pas appelée sur ces données")
    return totals


def _by_row(layout: RowLayout, weights: torch.Tensor, norms: torch.Tensor) -> torch.Tensor:
    """Multiplie chaque ligne d'un poids par les normes [G, I] des entrées de son groupe."""
    repeated = norms.repeat_interleave(layout.count // len(norms), 0)
    return layout.from_rows(layout.to_rows(weights) * repeated)
