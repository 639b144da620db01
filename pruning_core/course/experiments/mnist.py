"""Les mêmes méthodes sur LeNet-300-100 et les 10 000 images MNIST du cours.

266 200 poids, en float32 : les exactitudes varient de quelques millièmes d'un processeur à
l'autre. OBS par neurone lit 1 500 images.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from torch import nn

from pruning_core.course.datasets import Dataset, load_mnist
from pruning_core.course.experiments.methods import (
    COMPARED,
    CRITERION,
    calendar,
    measures,
    pruning,
    retrained_gradually,
    told_calendar,
)
from pruning_core.course.models import trained_lenet_300_100
from pruning_core.course.training import train
from pruning_core.masks.applying import PrunedWeights, pruned_copy
from pruning_core.obs.neurons import obs_neuron_path
from pruning_core.schedules import CubicSchedule

SEEDS = range(5)
SPARSITIES = (0.8, 0.9, 0.95, 0.98, 0.99)
GRADUAL_SPARSITIES = (0.95, 0.99)
GRADUAL_METHODS = ("magnitude", "obd", "obs")
EPOCHS, GRADUAL = 5, (10, 1, 1)
"""Époques d'affinage après l'élagage ; étapes, époques de chacune et en plus à la dernière."""
OBS_EXAMPLES, OBS_STEPS = 1500, 15
GRADUAL_EPOCHS = calendar(*GRADUAL)
SETTINGS = {
    "model": "LeNet-300-100",
    "sparsities": list(SPARSITIES),
    "finetuning": f"{EPOCHS} époques d'Adam 1e-3, lots de 64, masques tenus",
    "gradual": f"{told_calendar(*GRADUAL)} ; OBS : un pas par étape",
    f"{sum(GRADUAL_EPOCHS)} epochs": "autant d'époques que « gradual », toutes après l'élagage",
    "obs": f"chemin cubique de {OBS_STEPS} étapes, {OBS_EXAMPLES} images",
}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    methods: Sequence[str] = COMPARED,
    gradual: Sequence[float] = GRADUAL_SPARSITIES,
) -> pd.DataFrame:
    """Une ligne par graine, sparsité, méthode et régime, sur le jeu de test.

    Parameters
    ----------
    sparsities : suite de float
        Croissantes.
    gradual : suite de float
        Sparsités du régime progressif, que suivent trois des méthodes, et de l'affinage de même
        durée.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "method" ("dense" avant élagage), "regime" ("none", "5 epochs",
        "11 epochs" ou "gradual"), "accuracy" (dans [0, 1]), "loss" et "seconds" (de processeur,
        élagage compris ; OBS passe par toutes les sparsités en une seule marche, dont c'est le
        temps entier).
    """
    data = load_mnist()
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        dense = trained_lenet_300_100(seed)
        known = {"seed": seed, "asked": 0.0, "method": "dense", "regime": "none"}
        rows.append(known | measures(dense, data.test, time.process_time()))
        for method in methods:
            known = {"seed": seed, "method": method}
            for asked, pruned, seconds in _one_shot(dense, method, data.train, sparsities, seed):
                for epochs in _finetuning(method, asked, gradual):
                    start = time.process_time() - seconds
                    model = pruned_copy(dense, pruned)
                    regime = f"{epochs} epochs" if epochs else "none"
                    train(model, data.train, epochs=epochs, seed=seed, masks=pruned.masks)
                    found = measures(model, data.test, start)
                    rows.append(known | {"asked": asked, "regime": regime} | found)
            for asked in gradual if method in GRADUAL_METHODS else ():
                start = time.process_time()
                model = _gradual(dense, method, data.train, asked, seed)
                found = measures(model, data.test, start)
                rows.append(known | {"asked": asked, "regime": "gradual"} | found)
    return pd.DataFrame(rows)


def _finetuning(method: str, asked: float, gradual: Sequence[float]) -> tuple[int, ...]:
    """Époques d'affinage après l'élagage : autant qu'un régime progressif, quand il y en a un."""
    compared = method in GRADUAL_METHODS and asked in gradual
    return (0, EPOCHS, *([sum(GRADUAL_EPOCHS)] if compared else []))


def _one_shot(
    dense: nn.Module, method: str, data: Dataset, sparsities: Sequence[float], seed: int
) -> Iterator[tuple[float, PrunedWeights, float]]:
    """Sparsité, élagage et temps de processeur pris, pour chaque sparsité."""
    start = time.process_time()
    if method != "obs":
        prune = pruning(method, data, seed=seed)
        for asked in sparsities:
            start = time.process_time()
            result = prune(dense, asked)
            yield asked, result, time.process_time() - start
        return
    path = sorted({*CubicSchedule(max(sparsities), OBS_STEPS), *sparsities})
    stages = obs_neuron_path(dense, [_few(data)], CRITERION, path)
    seconds = time.process_time() - start
    for asked in sparsities:
        yield asked, stages[path.index(asked)], seconds


def _few(data: Dataset) -> Dataset:
    return Dataset(data.x[:OBS_EXAMPLES], data.y[:OBS_EXAMPLES])


def _gradual(dense: nn.Module, method: str, data: Dataset, sparsity: float, seed: int) -> nn.Module:
    read = _few(data) if method == "obs" else data
    return retrained_gradually(
        dense, method, sparsity, data, read=read, epochs=GRADUAL_EPOCHS, seed=seed
    )
