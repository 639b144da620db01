"""Ce que chaque méthode laisse d'un modèle de langue : le modèle de mots du cours, élagué.

Les méthodes qui lisent des exemples en lisent 1 000, tirés parmi les mots d'entraînement : la
graine est celle de ce calibrage.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from torch import nn

from pruning_core.course.words.corpus import calibration, split, word_batches
from pruning_core.course.words.inventing import invent
from pruning_core.course.words.measures import bits_per_letter, known_share
from pruning_core.course.words.pretrained import word_model
from pruning_core.course.words.training import BATCH, train_words, word_loss
from pruning_core.course.words.transformer import block_weights
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.masks.applying import Pruned, PrunedWeights, pruned_copy
from pruning_core.masks.choosing import global_masks, layerwise_masks, rowwise_masks
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.obs.neurons import obs_neuron_path
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.wanda import wanda_scores

SEEDS = range(5)
SPARSITIES = (0.3, 0.5, 0.7, 0.8, 0.9)
METHODS = ("magnitude", "magnitude_layerwise", "wanda", "sparsegpt", "layer_obs", "obs")
RETRAINED = ("magnitude", "wanda", "layer_obs", "obs")
RETRAINED_SPARSITY = 0.9
STEPS = 200
CALIBRATION, INVENTIONS, RATE = 1000, 400, 1e-3
STAGES = (0.15, 0.3, 0.4, 0.5, 0.58, 0.65, 0.7, 0.75, 0.8, 0.84, 0.87, 0.9)
SETTINGS = {
    "model": "transformeur de mots : 2 blocs, largeur 80",
    "sparsities": list(SPARSITIES),
    "calibration": CALIBRATION,
    "inventions": INVENTIONS,
    "retraining": (
        f"à {RETRAINED_SPARSITY:.0%}, {STEPS} lots de {BATCH} mots, AdamW, taux {RATE} au plus, "
        "masques tenus"
    ),
    "obs": f"{len(STAGES)} étapes, Fisher échantillonnée, un tirage",
}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    methods: Sequence[str] = METHODS,
    retrained: Sequence[str] = RETRAINED,
) -> pd.DataFrame:
    """Une ligne par calibrage, sparsité, méthode et régime, sur les mots de test.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked" (sparsité), "method", "regime" ("none" : sans réentraînement ;
        "200 steps" : après 200 lots, à 90 %), "bits" (par lettre), "known" (part des inventions qui
        existent) et "seconds" (de processeur : élagage, et réentraînement s'il y en a un ; pour OBS
        par neurone, tout le chemin jusqu'à la plus grande sparsité). Sans réentraînement, la
        magnitude et le réseau entier, "dense", ne dépendent de rien : ils n'ont que la graine 0.
    """
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        model = word_model()
        if seed == 0:
            rows.append(_row(model, seed, 0.0, "dense", "none", 0.0))
        for method in methods:
            for asked, pruned, seconds in _pruned(model, method, sparsities, seed):
                net = pruned_copy(model, pruned)
                if seed == 0 or not method.startswith("magnitude"):
                    rows.append(_row(net, seed, asked, method, "none", seconds))
                if method in retrained and asked == RETRAINED_SPARSITY:
                    start = time.process_time()
                    masks = PrunedWeights.of(pruned).masks
                    train_words(net, STEPS, seed=seed, rate=RATE, masks=masks)
                    seconds += time.process_time() - start
                    rows.append(_row(net, seed, asked, method, f"{STEPS} steps", seconds))
    return pd.DataFrame(rows)


def _pruned(
    model: nn.Module, method: str, sparsities: Sequence[float], seed: int
) -> Iterator[tuple[float, Pruned, float]]:
    """Chaque sparsité, son élagage et le temps de processeur qu'il a pris."""
    if method == "obs":
        yield from _path(model, sparsities, seed)
        return
    data = word_batches(calibration(CALIBRATION, seed))
    for asked in sparsities:
        start = time.process_time()
        pruned = _pruned_once(model, method, data, asked)
        yield asked, pruned, time.process_time() - start


def _pruned_once(model: nn.Module, method: str, data: Any, asked: float) -> Pruned:
    weights = block_weights(model)
    if method == "magnitude":
        return global_masks(magnitude_scores(model, parameters=weights), asked)
    if method == "magnitude_layerwise":
        return layerwise_masks(magnitude_scores(model, parameters=weights), asked)
    if method == "wanda":
        return rowwise_masks(wanda_scores(model, data, parameters=weights), asked, model=model)
    if method == "sparsegpt":
        return obs_layer_pruning(model, data, asked, order="left_to_right", parameters=weights)
    return obs_layer_pruning(model, data, asked, parameters=weights)


def _path(
    model: nn.Module, sparsities: Sequence[float], seed: int
) -> Iterator[tuple[float, Pruned, float]]:
    """OBS par neurone : un seul chemin passe par toutes les sparsités."""
    stages = sorted({*sparsities, *(stage for stage in STAGES if stage < max(sparsities))})
    start = time.process_time()
    path = obs_neuron_path(
        model,
        word_batches(calibration(CALIBRATION, seed)),
        word_loss,
        stages,
        curvature=SampledFisher(seed=seed),
        parameters=block_weights(model),
    )
    seconds = time.process_time() - start
    for asked, pruned in zip(stages, path, strict=True):
        if asked in sparsities:
            yield asked, pruned, seconds


def _row(
    net: nn.Module, seed: int, asked: float, method: str, regime: str, seconds: float
) -> dict[str, Any]:
    return {
        "seed": seed,
        "asked": asked,
        "method": method,
        "regime": regime,
        "bits": bits_per_letter(net, split().test),
        "known": known_share(invent(net, INVENTIONS, seed=seed)),
        "seconds": seconds,
    }
