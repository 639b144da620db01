"""Ce que coûte le motif 2:4 au modèle de mots, méthode par méthode.

La moitié des poids de chaque couche, libres ou deux par groupe de quatre entrées d'un neurone. Sans
réentraînement ; la graine est celle du calibrage.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product
from typing import Any

import pandas as pd

from pruning_core.course.experiments.words import CALIBRATION, INVENTIONS
from pruning_core.course.words.corpus import calibration, split, word_batches
from pruning_core.course.words.inventing import invent
from pruning_core.course.words.measures import bits_per_letter, known_share
from pruning_core.course.words.pretrained import word_model
from pruning_core.course.words.transformer import WordTransformer, block_weights
from pruning_core.masks.applying import Pruned, pruned_copy
from pruning_core.masks.choosing import layerwise_masks, rowwise_masks
from pruning_core.masks.patterns import Pattern, pattern_masks
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.wanda import wanda_scores
from pruning_core.types import Loader

SEEDS = range(5)
METHODS = ("magnitude_layerwise", "wanda", "sparsegpt", "layer_obs")
PATTERNS = ("none", "2:4")
SPARSITY = 0.5
SETTINGS = {"sparsity": SPARSITY, "calibration": CALIBRATION, "inventions": INVENTIONS}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    methods: Sequence[str] = METHODS,
    patterns: Sequence[str] = PATTERNS,
) -> pd.DataFrame:
    """Une ligne par calibrage, méthode et motif, sur les mots de test.

    Returns
    -------
    DataFrame
        Colonnes "seed", "method", "pattern" ("none" : la moitié des poids de la couche, ou de
        chaque neurone pour Wanda ; "2:4"), "bits" (par lettre), "known" (part des inventions qui
        existent) et "seconds" (de processeur, pour élaguer). La magnitude ne dépend pas du
        calibrage : seules ses inventions changent avec la graine.
    """
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        model = word_model()
        data = word_batches(calibration(CALIBRATION, seed))
        for method, pattern in product(methods, patterns):
            start = time.process_time()
            net = pruned_copy(model, _pruned(model, method, data, pattern == "2:4"))
            seconds = time.process_time() - start
            rows.append(
                {
                    "seed": seed,
                    "method": method,
                    "pattern": pattern,
                    "bits": bits_per_letter(net, split().test),
                    "known": known_share(invent(net, INVENTIONS, seed=seed)),
                    "seconds": seconds,
                }
            )
    return pd.DataFrame(rows)


def _pruned(model: WordTransformer, method: str, data: Loader, grouped: bool) -> Pruned:
    weights = block_weights(model)
    if method in ("sparsegpt", "layer_obs"):
        return obs_layer_pruning(
            model,
            data,
            Pattern(2, 4) if grouped else SPARSITY,
            order="left_to_right" if method == "sparsegpt" else "joint",
            parameters=weights,
        )
    if method == "wanda":
        scores = wanda_scores(model, data, parameters=weights)
        free = rowwise_masks(scores, SPARSITY, model=model)
    else:
        scores = magnitude_scores(model, parameters=weights)
        free = layerwise_masks(scores, SPARSITY)
    return pattern_masks(scores, Pattern(2, 4), model=model) if grouped else free
