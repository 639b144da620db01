"""Ce que l'on croit souvent de l'élagage, et ce que les chiffres 8 x 8 en disent.

Réseau 64-64-32-10 entraîné du cours, sans réentraînement. Chaque croyance a deux mesures ou plus,
prises sur les mêmes réseaux : c'est leur écart qui la corrige. Les croyances qui portent sur
l'affinage et sur le temps se corrigent par les tableaux "retraining" et "sparse_speed".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pandas as pd
import torch
from torch import nn

from pruning_core.course.datasets import batches, load_digits
from pruning_core.course.experiments.methods import CRITERION, pruning
from pruning_core.course.models import rescaled, trained_digits_mlp
from pruning_core.course.training import train
from pruning_core.curvature.diagonals import empirical_fisher_diagonal, ggn_diagonal
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import Pruned, pruned_copy
from pruning_core.masks.choosing import global_masks, layerwise_masks
from pruning_core.masks.measuring import compute_sparsity
from pruning_core.schedules import CubicSchedule
from pruning_core.scores.gradient import gradient_scores
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.obd import obd_scores
from pruning_core.weights.prunable import prunable_parameters

SEEDS = range(5)
FACTOR, SHUFFLES, STEPS = 10, 8, 15
SETTINGS = {
    "model": "64-64-32-10",
    "rescaled": f"première couche x {FACTOR}, deuxième / {FACTOR} : même fonction",
    "gradient": f"lots de 64, moyenne de {SHUFFLES} ordres des exemples",
    "path": f"cubique, {STEPS} pas, courbure recalculée",
}

Measures = Iterator[tuple[str, float]]
"""Des noms, et ce qu'on a mesuré : une exactitude, une sparsité ou un rapport, dans [0, 1]."""


def run(seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Une ligne par graine, croyance et mesure.

    Returns
    -------
    DataFrame
        Colonnes "seed", "belief" (clef de `BELIEFS`), "measure" et "value" : exactitude sur le
        test, sauf "mask_stays" (sparsité), "added" (nombre de poids) et "ratio" (rapport).
    """
    return pd.DataFrame(
        [
            {"seed": seed, "belief": belief, "measure": name, "value": value}
            for seed in seeds
            for belief, measures in BELIEFS.items()
            for name, value in measures(trained_digits_mlp(seed))
        ]
    )


def _global_is_fair(model: nn.Sequential) -> Measures:
    """Le même réseau, ses deux premières couches à une autre échelle."""
    for name, network in (("original", model), ("rescaled", rescaled(model, 0, FACTOR))):
        yield name, _accuracy(network, global_masks(magnitude_scores(network), 0.7))


def _last_layer(model: nn.Module) -> Measures:
    """Masques globaux et par couche, dont on échange la dernière couche."""
    scores = magnitude_scores(model)
    overall, each = global_masks(scores, 0.8), layerwise_masks(scores, 0.8)
    last = list(scores)[-1]
    yield "global", _accuracy(model, overall)
    yield "layerwise", _accuracy(model, each)
    yield "layerwise, global last", _accuracy(model, each | {last: overall[last]})
    yield "global, layerwise last", _accuracy(model, overall | {last: each[last]})
    added = int(overall[last].sum() - each[last].sum())
    yield "added", added
    # Le témoin : autant de poids rendus, mais aux deux premières couches.
    removed = {name: score.masked_fill(each[name], 0) for name, score in scores.items()}
    removed[last] = torch.zeros_like(removed[last])
    count = sum(score.numel() for score in removed.values())
    given = global_masks(removed, 1 - added / count)
    yield "layerwise, added elsewhere", _accuracy(model, {n: each[n] | given[n] for n in each})


def _mask_stays(model: nn.Module) -> Measures:
    """Un masque appliqué une fois, puis un seul pas d'Adam."""
    data = load_digits().train
    loose = pruned_copy(model, global_masks(magnitude_scores(model), 0.9))
    yield "before", compute_sparsity(loose)
    train(loose, data, epochs=1, batch_size=len(data.x))
    yield "after", compute_sparsity(loose)


def _gradient_wins(model: nn.Module) -> Measures:
    """Le gradient de lots, selon l'ordre des exemples."""
    data = load_digits().train
    yield "magnitude", _accuracy(model, global_masks(magnitude_scores(model), 0.9))
    found = [
        _accuracy(
            model,
            global_masks(gradient_scores(model, batches(data, 64, seed=order), CRITERION), 0.9),
        )
        for order in range(SHUFFLES)
    ]
    yield "gradient", sum(found) / len(found)


def _inverted(model: nn.Module) -> Measures:
    """La saillance du chapitre, w² / 2H, et la bonne."""
    data = load_digits().train
    curvature = ggn_diagonal(model, [data], CRITERION)
    weights = prunable_parameters(model)
    inverted = {
        name: weight.detach().square() / (2 * (curvature[name] + 1e-10))
        for name, weight in weights.items()
    }
    yield "inverted", _accuracy(model, global_masks(inverted, 0.7))
    yield "obd", _accuracy(model, pruning("obd", data, seed=0)(model, 0.7))


def _diagonal_is_enough(model: nn.Module) -> Measures:
    """Les mêmes pas, la même courbure recalculée : sans compensation, puis avec."""
    data = load_digits().train
    network = model
    for sparsity in CubicSchedule(0.9, STEPS):
        network = pruned_copy(network, pruning("obd", data, seed=0)(network, sparsity))
    yield "obd", evaluate(network, load_digits().test).accuracy
    yield "obs", _accuracy(model, pruning("obs", data, seed=0)(model, 0.9))


def _fisher_is_the_hessian(model: nn.Module) -> Measures:
    """La Fisher empirique et la GGN : leur rapport, et ce qu'elles laissent du réseau."""
    data = [load_digits().train]
    ggn, fisher = (
        sum(float(part.sum()) for part in diagonal(model, data, CRITERION).values())
        for diagonal in (ggn_diagonal, empirical_fisher_diagonal)
    )
    yield "ratio", fisher / ggn
    for curvature in ("ggn", "empirical_fisher"):
        scores = obd_scores(model, data, CRITERION, curvature=curvature)
        yield curvature, _accuracy(model, global_masks(scores, 0.9))


BELIEFS: dict[str, Callable[[nn.Sequential], Measures]] = {
    "global_is_fair": _global_is_fair,
    "last_layer": _last_layer,
    "mask_stays": _mask_stays,
    "gradient_wins": _gradient_wins,
    "inverted": _inverted,
    "diagonal_is_enough": _diagonal_is_enough,
    "fisher_is_the_hessian": _fisher_is_the_hessian,
}


def _accuracy(model: nn.Module, pruned: Pruned) -> float:
    return evaluate(pruned_copy(model, pruned), load_digits().test).accuracy
