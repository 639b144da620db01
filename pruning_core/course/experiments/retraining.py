"""Ce que le réentraînement change au classement des méthodes, sur les chiffres 8 x 8.

Réseau 64-64-32-10 entraîné du cours, six méthodes, quatre sparsités. Source du protocole : Blalock
et coll., 2020 (plusieurs graines et sparsités, témoins) ; Zhu et Gupta, 2017, pour le calendrier.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.experiments.methods import COMPARED, measures, pruning, retrained_gradually
from pruning_core.course.models import trained_digits_mlp
from pruning_core.course.training import train
from pruning_core.masks.applying import pruned_copy

SEEDS = range(5)
SPARSITIES = (0.8, 0.9, 0.95, 0.98)
REGIMES = ("none", "15 epochs", "200 epochs", "gradual")
SETTINGS = {
    "model": "64-64-32-10",
    "sparsities": list(SPARSITIES),
    "finetuning": "Adam 1e-3, lots de 64, masques tenus",
    "gradual": "cubique, 20 étapes de 3 époques, puis 10 époques ; OBS : un pas par étape",
}

_STEPS, _STEP_EPOCHS, _LAST_EPOCHS = 20, 3, 10


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
        "15 epochs" et "200 epochs" : affinage après l'élagage ; "gradual" : calendrier cubique),
        "accuracy" (dans [0, 1]), "loss" et "seconds" (de processeur, élagage compris). Le réseau
        dense est la méthode "dense", à la sparsité 0.
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
    if regime == "gradual":
        epochs = [_STEP_EPOCHS] * (_STEPS - 1) + [_STEP_EPOCHS + _LAST_EPOCHS]
        return retrained_gradually(
            dense, method, sparsity, data, read=data, epochs=epochs, seed=seed
        )
    pruned = pruning(method, data, seed=seed)(dense, sparsity)
    model = pruned_copy(dense, pruned)
    epochs_after = 0 if regime == "none" else int(regime.split()[0])
    train(model, data, epochs=epochs_after, seed=seed, masks=pruned.masks)
    return model
