"""Entraîner le modèle de mots que le cours livre : sa perte, pas après pas, et ses poids.

Une quinzaine de minutes d'un cœur. Refaire ce tableau récrit aussi `data/words.npz`, que lisent les
autres expériences sur les mots et l'explorateur, à refaire ensuite
(`python -m pruning_core.course.explorer.words`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pandas as pd

from pruning_core.course.words import pretrained, training

SEEDS = range(pretrained.SEED, pretrained.SEED + 1)
SETTINGS = {
    "model": f"{pretrained.BLOCKS} blocs, largeur {pretrained.WIDTH}, {pretrained.HEADS} têtes",
    "steps": pretrained.STEPS,
    "batch": training.BATCH,
    "optimizer": f"AdamW, one-cycle, {training.RATE} au plus",
}
FIRST = 5
"""Nombre de lots dont le tableau donne la perte, un à un."""

_EVERY = 100
_WEIGHTS = Path(__file__).parents[1] / "data" / "words.npz"


def run(seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Une ligne pour chacun des premiers lots, puis une tous les cent lots.

    Returns
    -------
    DataFrame
        Colonnes "seed", "step" (lots lus) et "loss" : perte moyenne des lots lus depuis la ligne
        d'avant, en nats par lettre.
    """
    tables = []
    for seed in seeds:
        model, losses = pretrained.train_word_model(seed)
        pretrained.save_word_model(model, _WEIGHTS)
        tables.append(table(seed, losses))
    return pd.concat(tables, ignore_index=True)


def table(seed: int, losses: Sequence[float]) -> pd.DataFrame:
    """Le tableau d'un entraînement, d'après la perte de chaque lot ; voir `run`."""
    steps = [*range(min(FIRST, len(losses)) + 1), *range(_EVERY, len(losses) + 1, _EVERY)]
    rows = [
        {"seed": seed, "step": step, "loss": fmean(losses[before:step])}
        for before, step in pairwise(steps)
    ]
    return pd.DataFrame(rows)
