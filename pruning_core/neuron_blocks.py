"""Les blocs de la GGN par neurone de sortie : un bloc par ligne de chaque poids."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.loss_curvature import curvature_vectors
from pruning_core.magnitude import check_weights
from pruning_core.parameters import bias_of, resolve_parameters
from pruning_core.per_sample import exact_parameters, vectorized_gradients
from pruning_core.recorder import CHUNK_ELEMENTS, Positions, Recorder, accumulator
from pruning_core.scoring import Criterion, Loader, read_batches, scoring, sum_over_processes


def ggn_neuron_blocks(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Blocs diagonaux de la GGN, un par neurone de sortie (ligne) de chaque poids.

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
    dict[str, Tensor [O, I, I] ou [O, I+1, I+1]]
        O lignes de I poids. La dernière colonne est celle du biais quand `bias_of(model, nom)` en
        trouve un.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte ou les poids ne conviennent pas.
    """
    chosen = resolve_parameters(model, parameters)
    check_weights(chosen)
    biased = {name for name in chosen if bias_of(model, name) is not None}
    blocks = {name: _zeros(parameter, name in biased) for name, parameter in chosen.items()}
    vectors = curvature_vectors(criterion)
    exact: dict[str, nn.Parameter] | None = None
    count = 0
    with scoring(model, chosen):
        for x, y in read_batches(loader, model, n_batches):
            if exact is None:
                exact = exact_parameters(model, chosen, x)
            others = {name: p for name, p in chosen.items() if name not in exact}
            recorder = Recorder(model, exact)
            output = recorder.forward(x)
            simple: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
            for vector in vectors(output.detach(), y):
                for name, rows in recorder.backward(vector).items():
                    rows = rows.with_bias() if name in biased else rows
                    if rows.is_simple:
                        squares = rows.output_gradients[:, 0, 0].square()
                        if name in simple:
                            squares = squares + simple[name][1]
                        simple[name] = rows.inputs[:, 0, 0], squares
                    else:
                        _add_gradients(blocks[name], rows)
                if others:
                    for gradients in vectorized_gradients(model, others, x, vector):
                        for name, gradient in gradients.items():
                            g = gradient.reshape(len(gradient), len(gradient[0]), -1)
                            blocks[name] += torch.einsum("nri,nrj->rij", g, g)
            for name, (inputs, squares) in simple.items():
                _add_weighted(blocks[name], inputs, squares)
            count += len(x)
    count = sum_over_processes(blocks, count)
    return {name: block / count for name, block in blocks.items()}


def _zeros(parameter: nn.Parameter, biased: bool) -> torch.Tensor:
    width = parameter[0].numel() + biased
    return torch.zeros(
        len(parameter), width, width, dtype=accumulator(parameter), device=parameter.device
    )


def _add_gradients(block: torch.Tensor, rows: Positions) -> None:
    """Ajoute Σ_i g_ir g_irᵀ à chaque bloc r, les gradients sommés sur les positions."""
    chunk = max(1, CHUNK_ELEMENTS // block[:, 0].numel())
    for start in range(0, len(rows.inputs), chunk):
        gradients = rows.part(slice(start, start + chunk)).per_sample().transpose(0, 1)
        block += gradients.transpose(1, 2) @ gradients


def _add_weighted(block: torch.Tensor, inputs: torch.Tensor, squares: torch.Tensor) -> None:
    """Ajoute Σ_i q_ir² a_i a_iᵀ à chaque bloc r."""
    chunk = max(1, CHUNK_ELEMENTS // inputs.numel())
    for start in range(0, len(block), chunk):
        weights = squares[:, start : start + chunk].T.unsqueeze(-1)
        block[start : start + chunk] += (inputs * weights).transpose(1, 2) @ inputs
