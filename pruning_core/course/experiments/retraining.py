"""Ce que le réentraînement change au classement des méthodes, sur les chiffres 8 x 8.

Réseau 64-64-32-10 entraîné du cours, six méthodes, quatre sparsités. Les époques se dépensent après
l'élagage, ou pendant, à nombre égal : sans quoi l'on comparerait des budgets, non des protocoles.
Source : Blalock et coll., 2020 (plusieurs graines et sparsités, témoins) ; Zhu et Gupta, 2017, pour
le calendrier.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.experiments.methods import (
    COMPARED,
    calendar,
    measures,
    pruning,
    retrained_gradually,
    told_calendar,
)
from pruning_core.course.models import trained_digits_mlp
from pruning_core.course.protocols import read_regime
from pruning_core.course.training import train
from pruning_core.masks.applying import pruned_copy

SEEDS = range(5)
SPARSITIES = (0.8, 0.9, 0.95, 0.98)
REGIMES = (
    "none",
    "15 epochs",
    "gradual 15 epochs",
    "70 epochs",
    "gradual 70 epochs",
    "200 epochs",
    "gradual 200 epochs",
)
GRADUAL = {15: (13, 1, 2), 70: (20, 3, 10), 200: (20, 9, 20)}
"""Étapes, époques de chacune, époques en plus après la dernière : près de six époques sur sept
pendant la montée."""
SETTINGS = {
    "model": "64-64-32-10",
    "sparsities": list(SPARSITIES),
    "finetuning": "Adam 1e-3, lots de 64, masques tenus",
    "gradual": {
        **{f"{epochs} epochs": told_calendar(*steps) for epochs, steps in GRADUAL.items()},
        "obs": "un pas par étape",
    },
}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    methods: Sequence[str] = COMPARED,
    regimes: Sequence[str] = REGIMES,
) -> pd.DataFrame:
    """Une ligne par graine, sparsité, méthode et régime, sur le jeu de test.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked" (sparsité), "method", "regime" ("none" : sans réentraînement ;
        "70 epochs" : affinage après l'élagage ; "gradual 70 epochs" : autant d'époques en tout,
        entre les étapes d'un calendrier cubique), "accuracy" (dans [0, 1]), "loss" et "seconds"
        (de processeur, élagage compris). Le réseau dense est la méthode "dense", à la sparsité 0.
    """
    data = load_digits()
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        dense = trained_digits_mlp(seed)
        known = {"seed": seed, "asked": 0.0, "method": "dense", "regime": "none"}
        rows.append(known | measures(dense, data.test, time.process_time()))
        for sparsity in sparsities:
            for method in methods:
                known = {"seed": seed, "asked": sparsity, "method": method}
                for regime in regimes:
                    start = time.process_time()
                    model = _retrained(dense, method, sparsity, regime, seed)
                    rows.append(known | {"regime": regime} | measures(model, data.test, start))
    return pd.DataFrame(rows)


def _retrained(dense: nn.Module, method: str, sparsity: float, regime: str, seed: int) -> nn.Module:
    data = load_digits().train
    count, gradual = read_regime(regime)
    if gradual:
        epochs = calendar(*GRADUAL[count])
        return retrained_gradually(
            dense, method, sparsity, data, read=data, epochs=epochs, seed=seed
        )
    pruned = pruning(method, data, seed=seed)(dense, sparsity)
    model = pruned_copy(dense, pruned)
    train(model, data, epochs=count, seed=seed, masks=pruned.masks)
    return model
