"""OBS par neurone le long d'un chemin, sans réentraînement : exactitude, temps et mémoire."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from torch import nn

from pruning_core import CubicSchedule, PrunedWeights, obs_neuron_path
from pruning_core.course.datasets import Dataset, Splits, load_digits, load_mnist
from pruning_core.course.models import trained_digits_mlp, trained_lenet_300_100
from pruning_core.evaluation import evaluate
from tests.benchmarks.measuring import measure

STEPS = 15


@dataclass(frozen=True)
class Setting:
    """Réglages de l'élagage d'un réseau.

    Attributes
    ----------
    examples : int
        Nombre d'exemples d'entraînement dont vient la courbure, les premiers.
    repeats : int
        Essais dont le plus rapide donne le temps.
    """

    examples: int
    repeats: int


SETTINGS = {
    "digits": Setting(examples=500, repeats=5),
    "lenet": Setting(examples=1500, repeats=1),
}


def run(
    network: str,
    seed: int,
    sparsities: Sequence[float],
    dampings: Sequence[float],
    steps: int = STEPS,
) -> dict[str, Any]:
    """Élague un réseau entraîné, par un seul chemin qui passe par chaque sparsité.

    Parameters
    ----------
    network : {"digits", "lenet"}
    seed : int
        Graine de l'entraînement.
    sparsities : suite de float
    dampings : suite de float
        Le premier sert à mesurer le temps.
    steps : int
        Étapes du calendrier cubique qui mène à la plus haute sparsité.

    Returns
    -------
    dict
        `seconds`, `peak_bytes`, `examples`, et les exactitudes en % : `dense` sans élagage (test),
        `validation` et `test` par amortissement, à chaque sparsité.
    """
    model, splits = _trained(network, seed)
    setting = SETTINGS[network]
    loader = [Dataset(*(part[: setting.examples] for part in splits.train))]
    path = sorted({*CubicSchedule(max(sparsities), steps), *sparsities})

    def walk(stages: Sequence[float], damping: float) -> list[PrunedWeights]:
        return obs_neuron_path(model, loader, nn.CrossEntropyLoss(), stages, damping=damping)

    walk([0.01], dampings[0])
    first, *others = dampings
    found = measure(lambda: walk(path, first), repeats=setting.repeats)
    walks = {first: found.result} | {damping: walk(path, damping) for damping in others}

    def accuracies(damping: float, data: Dataset) -> list[float]:
        return [
            _accuracy(model, pruned, data)
            for sparsity, pruned in zip(path, walks[damping], strict=True)
            if sparsity in sparsities
        ]

    return found.cost() | {
        "examples": setting.examples,
        "dense": 100.0 * evaluate(model, splits.test).accuracy,
        "validation": {str(d): accuracies(d, splits.validation) for d in dampings},
        "test": {str(d): accuracies(d, splits.test) for d in dampings},
    }


def best_damping(runs: Sequence[dict[str, Any]]) -> str:
    """Amortissement de meilleure exactitude de validation, en moyenne sur les réseaux."""

    def mean(damping: str) -> float:
        return fmean(fmean(run["validation"][damping]) for run in runs)

    return max(runs[0]["validation"], key=mean)


def _trained(network: str, seed: int) -> tuple[nn.Sequential, Splits]:
    if network == "digits":
        return trained_digits_mlp(seed), load_digits()
    return trained_lenet_300_100(seed), load_mnist()


def _accuracy(model: nn.Sequential, pruned: PrunedWeights, data: Dataset) -> float:
    twin = copy.deepcopy(model)
    pruned.apply(twin)
    return 100.0 * evaluate(twin, data).accuracy
