"""Billets gagnants : un réseau élagué apprend-il mieux de ses poids de départ que d'autres ?

Sur les chiffres 8 x 8 et le réseau 64-64-32-10. On élague par magnitude 20 % des poids restants à
chaque tour, on remet ceux qui restent à leur valeur de départ, et on réentraîne du début. Trois
témoins, entraînés autant : les mêmes masques avec un autre tirage des poids ; des masques mélangés
dans chaque couche, avec les poids de départ ; les deux à la fois.

Source : Frankle et Carbin, 2019 ; Frankle et coll., 2021, pour les masques mélangés.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import torch
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.models import DIGITS_EPOCHS, digits_mlp
from pruning_core.course.training import train
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.choosing import global_masks
from pruning_core.masks.measuring import compute_sparsity
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.types import Masks

SEEDS = range(6)
ROUNDS = 16
CONTROLLED = (5, 9, 12, 16)
"""Tours où les témoins sont entraînés ; le gagnant l'est à tous."""
RATE = 0.2
SETTINGS = {
    "model": "64-64-32-10",
    "rate": RATE,
    "rounds": ROUNDS,
    "controlled": list(CONTROLLED),
    "training": f"{DIGITS_EPOCHS} époques d'Adam 1e-3, lots de 64, à chaque tour",
}

_OTHER = 1000
"""Décalage des graines des témoins, pour que leur tirage ne soit celui d'aucun réseau."""


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    rounds: int = ROUNDS,
    controlled: Sequence[int] = CONTROLLED,
    epochs: int = DIGITS_EPOCHS,
) -> pd.DataFrame:
    """Une ligne par graine, tour et façon de repartir, après entraînement.

    Returns
    -------
    DataFrame
        Colonnes "seed", "round" (0 : dense), "sparsity", "arm" ("rewound" : poids de départ remis,
        le billet ; "reinitialised" : mêmes masques, autre tirage ; "shuffled" : poids de départ,
        masques mélangés par couche ; "both" : l'un et l'autre), "accuracy" et "loss" sur le test,
        "train_loss".
    """
    return pd.DataFrame([row for seed in seeds for row in _rows(seed, rounds, controlled, epochs)])


def _rows(
    seed: int, rounds: int, controlled: Sequence[int], epochs: int
) -> Iterator[dict[str, Any]]:
    data = load_digits()
    masks = global_masks(magnitude_scores(digits_mlp(seed)), 0.0)
    for turn in range(rounds + 1):
        winner = _trained(seed, masks, seed, epochs)
        arms = {"rewound": winner}
        if turn in controlled:
            mixed = shuffle(masks, seed=seed)
            arms |= {
                "reinitialised": _trained(seed + _OTHER, masks, seed, epochs),
                "shuffled": _trained(seed, mixed, seed, epochs),
                "both": _trained(seed + _OTHER, mixed, seed, epochs),
            }
        for arm, model in arms.items():
            test = evaluate(model, data.test)
            yield {
                "seed": seed,
                "round": turn,
                "sparsity": compute_sparsity(masks),
                "arm": arm,
                "accuracy": test.accuracy,
                "loss": test.loss,
                "train_loss": evaluate(model, data.train).loss,
            }
        # Les poids déjà élagués sont nuls : ils partent de nouveau, les premiers.
        masks = global_masks(magnitude_scores(winner), 1.0 - (1.0 - RATE) ** (turn + 1))


def _trained(start: int, masks: Masks, seed: int, epochs: int) -> nn.Module:
    """Réseau de poids de départ `start`, masqué, entraîné dans l'ordre d'exemples `seed`."""
    model = digits_mlp(start)
    apply_masks(model, masks)
    train(model, load_digits().train, epochs=epochs, seed=seed, masks=masks)
    return model


def shuffle(masks: Masks, *, seed: int) -> Masks:
    """Masques mélangés dans chaque couche, qui garde son nombre de poids."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: mask.flatten()[torch.randperm(mask.numel(), generator=generator)].view_as(mask)
        for name, mask in masks.items()
    }
