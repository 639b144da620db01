"""Pourquoi SparseGPT est faible sur le modèle de mots : des blocs plus larges que ses couches.

SparseGPT choisit ses masques par blocs de 128 colonnes. Une couche du modèle en a 80 ou 320, au
lieu de milliers : ses premières colonnes, que toutes les suivantes peuvent compenser, y semblent
moins utiles qu'elles ne sont. La graine est celle du calibrage.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pandas as pd

from pruning_core.course.experiments.words import CALIBRATION
from pruning_core.course.words.corpus import calibration, split, word_batches
from pruning_core.course.words.measures import bits_per_letter
from pruning_core.course.words.pretrained import word_model
from pruning_core.course.words.transformer import block_weights
from pruning_core.masks.applying import pruned_copy
from pruning_core.obs.layers import obs_layer_pruning

SEEDS = range(5)
SPARSITIES = (0.5, 0.7, 0.9)
BLOCKS = (128, 32, 8)
SETTINGS = {"sparsities": list(SPARSITIES), "blocks": list(BLOCKS), "calibration": CALIBRATION}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    blocks: Sequence[int] = BLOCKS,
) -> pd.DataFrame:
    """Une ligne par calibrage, sparsité et largeur des blocs, sans réentraînement.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "block" (colonnes d'un bloc) et "bits" (par lettre, sur les mots
        de test).
    """
    rows: list[dict[str, Any]] = []
    model = word_model()
    for seed in seeds:
        data = word_batches(calibration(CALIBRATION, seed))
        for asked, block in product(sparsities, blocks):
            pruned = obs_layer_pruning(
                model,
                data,
                asked,
                order="left_to_right",
                mask_block=block,
                parameters=block_weights(model),
            )
            bits = bits_per_letter(pruned_copy(model, pruned), split().test)
            rows.append({"seed": seed, "asked": asked, "block": block, "bits": bits})
    return pd.DataFrame(rows)
