"""Les méthodes gardent-elles les mêmes poids, et dans quelles couches ?

Réseau 64-64-32-10 entraîné du cours, sans réentraînement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pandas as pd

from pruning_core.course.datasets import load_digits
from pruning_core.course.experiments.methods import COMPARED, pruning
from pruning_core.course.models import trained_digits_mlp
from pruning_core.masks.measuring import layer_sparsities, mask_agreement
from pruning_core.types import Masks

SEEDS = range(5)
SPARSITIES = (0.5, 0.8, 0.9, 0.95, 0.98)
SETTINGS = {"model": "64-64-32-10", "sparsities": list(SPARSITIES)}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    methods: Sequence[str] = COMPARED,
) -> pd.DataFrame:
    """Accord des masques, deux méthodes à la fois.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "first", "second" (méthodes) et "agreement" : part des poids
        gardés par l'une ou l'autre que gardent les deux, dans [0, 1] (voir `mask_agreement`).
    """
    return pd.DataFrame(
        [
            {
                "seed": seed,
                "asked": sparsity,
                "first": first,
                "second": second,
                "agreement": mask_agreement(masks[first], masks[second]),
            }
            for seed, sparsity, masks in _all_masks(seeds, sparsities, methods)
            for first, second in combinations(methods, 2)
        ]
    )


def run_layers(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    methods: Sequence[str] = COMPARED,
) -> pd.DataFrame:
    """Sparsité de chaque couche, que chaque méthode choisit à sa façon.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "method", "layer" et "sparsity" (dans [0, 1]).
    """
    return pd.DataFrame(
        [
            {"seed": seed, "asked": sparsity, "method": method, "layer": layer, "sparsity": found}
            for seed, sparsity, masks in _all_masks(seeds, sparsities, methods)
            for method in methods
            for layer, found in layer_sparsities(masks[method]).items()
        ]
    )


def _all_masks(
    seeds: Sequence[int], sparsities: Sequence[float], methods: Sequence[str]
) -> Iterator[tuple[int, float, dict[str, Masks]]]:
    data = load_digits().train
    for seed in seeds:
        dense = trained_digits_mlp(seed)
        for sparsity in sparsities:
            masks = {m: pruning(m, data, seed=seed)(dense, sparsity).masks for m in methods}
            yield seed, sparsity, masks
