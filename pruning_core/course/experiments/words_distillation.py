"""OBS par neurone, en suivant aussi la pente de ce que l'élagage a changé au modèle de mots.

Sans réentraînement : les mêmes mots de calibrage, les mêmes étapes, et pour cible ce que répondait
le modèle entier (`first_order="distillation"`). La graine est celle du calibrage.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd

from pruning_core.course.experiments.words import CALIBRATION, INVENTIONS, SPARSITIES, STAGES
from pruning_core.course.words.corpus import calibration, split, word_batches
from pruning_core.course.words.inventing import invent
from pruning_core.course.words.measures import bits_per_letter, known_share
from pruning_core.course.words.pretrained import word_model
from pruning_core.course.words.training import word_loss
from pruning_core.course.words.transformer import block_weights
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.masks.applying import pruned_copy
from pruning_core.obs.neurons import obs_neuron_path

SEEDS = range(5)
SETTINGS = {
    "sparsities": list(SPARSITIES),
    "calibration": CALIBRATION,
    "inventions": INVENTIONS,
    "obs": f"{len(STAGES)} étapes, Fisher échantillonnée, un tirage, distillation",
}


def run(seeds: Sequence[int] = SEEDS, *, stages: Sequence[float] = STAGES) -> pd.DataFrame:
    """Une ligne par calibrage et sparsité, sur les mots de test.

    Parameters
    ----------
    stages : suite de float
        Étapes du chemin ; seules les lignes de celles qui sont dans `SPARSITIES` sont rendues.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "bits" (par lettre), "known" (part des inventions qui existent) et
        "seconds" (de processeur, pour tout le chemin).
    """
    rows: list[dict[str, Any]] = []
    model = word_model()
    for seed in seeds:
        start = time.process_time()
        path = obs_neuron_path(
            model,
            word_batches(calibration(CALIBRATION, seed)),
            word_loss,
            stages,
            curvature=SampledFisher(seed=seed),
            first_order="distillation",
            parameters=block_weights(model),
        )
        seconds = time.process_time() - start
        for asked, pruned in zip(stages, path, strict=True):
            if asked not in SPARSITIES:
                continue
            net = pruned_copy(model, pruned)
            rows.append(
                {
                    "seed": seed,
                    "asked": asked,
                    "bits": bits_per_letter(net, split().test),
                    "known": known_share(invent(net, INVENTIONS, seed=seed)),
                    "seconds": seconds,
                }
            )
    return pd.DataFrame(rows)
