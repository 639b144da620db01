"""OBS en un pas à 90 % : la matrice entière, ou un bloc par neurone ; ce qui reste, et le prix.

Réseau 64-64-32-10 entraîné sur les chiffres 8 x 8, sans réentraînement. La matrice entière, 6 570
variables de côté, prend 345 Mo et une factorisation par pas : un seul pas, et trois graines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import pandas as pd
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.experiments.methods import CRITERION
from pruning_core.course.models import trained_digits_mlp
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import Pruned, pruned_copy
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.blocks import obs_block_pruning
from pruning_core.obs.neurons import obs_neuron_pruning
from pruning_core.scores.magnitude import magnitude_scores

SEEDS = range(3)
SPARSITY = 0.9
SETTINGS = {"model": "64-64-32-10", "sparsity": SPARSITY, "steps": 1, "threads": 1}


def _whole(model: nn.Module) -> Pruned:
    return obs_block_pruning(model, [load_digits().train], CRITERION, SPARSITY, steps=1)


def _by_neuron(model: nn.Module) -> Pruned:
    return obs_neuron_pruning(model, [load_digits().train], CRITERION, SPARSITY, steps=1)


def _magnitude(model: nn.Module) -> Pruned:
    return global_masks(magnitude_scores(model), SPARSITY)


PRUNINGS: dict[str, Callable[[nn.Module], Pruned]] = {
    "magnitude": _magnitude,
    "by_neuron": _by_neuron,
    "whole": _whole,
}


def run(seeds: Sequence[int] = SEEDS, *, prunings: Iterable[str] = PRUNINGS) -> pd.DataFrame:
    """Une ligne par graine et élagage.

    Parameters
    ----------
    seeds : suite de int
    prunings : suite de str
        Des clefs de `PRUNINGS`.

    Returns
    -------
    DataFrame
        Colonnes "seed", "pruning" (clef de `PRUNINGS`), "accuracy" (sur le test) et "seconds" (un
        fil de calcul ; seul leur rapport se compare d'une machine à l'autre).
    """
    return pd.DataFrame(
        [
            {"seed": seed, "pruning": name, **_measured(PRUNINGS[name], trained_digits_mlp(seed))}
            for seed in seeds
            for name in prunings
        ]
    )


def _measured(prune: Callable[[nn.Module], Pruned], model: nn.Module) -> dict[str, float]:
    start = time.perf_counter()
    pruned = prune(model)
    seconds = time.perf_counter() - start
    accuracy = evaluate(pruned_copy(model, pruned), load_digits().test).accuracy
    return {"accuracy": accuracy, "seconds": seconds}
