"""LeNet-300-100 réduit douze fois par magnitude, comme Han et coll., 2015.

Élagage itératif à 92 %, avec réentraînement entre deux étapes. Le seuil d'une couche y est
l'écart type de ses poids, multiplié par une qualité commune : on compare donc |w| / écart type.
Les poids gardés par couche publiés sont 8, 9 et 26 % ; l'erreur passe de 1,64 à 1,59 % sur les
60 000 images de MNIST, dont le cours n'a que 7 000 pour apprendre.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import pandas as pd
from torch import nn

from pruning_core.course.datasets import load_mnist
from pruning_core.course.models import trained_lenet_300_100
from pruning_core.course.training import train
from pruning_core.evaluation import evaluate
from pruning_core.gradual import gradual_pruning
from pruning_core.masks.applying import pruned_copy
from pruning_core.masks.choosing import global_masks
from pruning_core.masks.measuring import layer_sparsities
from pruning_core.schedules import CubicSchedule
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.types import Masks, Scores

SEEDS = range(5)
SPARSITY = 0.92
PUBLISHED = {"0.weight": 0.08, "2.weight": 0.09, "4.weight": 0.26}
"""Part des poids gardés dans chaque couche, tableau 4 de Han et coll."""
STEPS, EPOCHS = 5, 3
SETTINGS = {
    "model": "LeNet-300-100",
    "sparsity": SPARSITY,
    "schedule": f"cubique, {STEPS} étapes de {EPOCHS} époques d'Adam 1e-3",
}


def run(seeds: Sequence[int] = SEEDS, *, steps: int = STEPS) -> pd.DataFrame:
    """Une ligne par graine, état du réseau et couche.

    Returns
    -------
    DataFrame
        Colonnes "seed", "state" ("dense", "one_shot" : élagué d'un coup sans réentraînement,
        "iterative" : le protocole de Han et coll., "dense_more" : dense, réentraîné d'autant),
        "accuracy" sur le test, "layer" et "kept" (part gardée de la couche), dans [0, 1].
    """
    data = load_mnist()
    rows = []
    for seed in seeds:
        dense = trained_lenet_300_100(seed)
        everything = global_masks(magnitude_scores(dense), 0.0)
        masks = global_masks(standardised_scores(dense), SPARSITY)
        states: dict[str, tuple[nn.Module, Masks]] = {
            "dense": (dense, everything),
            "one_shot": (pruned_copy(dense, masks), masks),
        }
        model = copy.deepcopy(dense)
        found = gradual_pruning(
            model,
            lambda m, s: global_masks(standardised_scores(m), s),
            CubicSchedule(SPARSITY, steps),
            lambda m: train(m, data.train, epochs=EPOCHS, seed=seed),  # noqa: B023
        )
        states["iterative"] = (model, found)
        more = copy.deepcopy(dense)
        train(more, data.train, epochs=steps * EPOCHS, seed=seed)
        states["dense_more"] = (more, everything)
        for state, (net, kept) in states.items():
            accuracy = evaluate(net, data.test).accuracy
            for layer, sparsity in layer_sparsities(kept).items():
                known = {"seed": seed, "state": state, "accuracy": accuracy}
                rows.append(known | {"layer": layer, "kept": 1.0 - sparsity})
    return pd.DataFrame(rows)


def standardised_scores(model: nn.Module) -> Scores:
    """|w| sur l'écart type des poids non nuls de la couche : une qualité pour tout le réseau."""
    return {
        name: score / score[score > 0].square().mean().sqrt()
        for name, score in magnitude_scores(model).items()
    }
