"""À partir de quelle sparsité un produit creux va-t-il plus vite qu'un produit dense ?

Une matrice 1024 x 1024 en float32, dense ou CSR à indices int32, par un lot de 1 ou de 64 vecteurs.
Les temps, et le seuil de rentabilité, sont ceux de la machine qui a calculé le tableau (voir ses
conditions) : seuls les rapports, mesurés l'un après l'autre, ont un sens ailleurs, à peu près.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Sequence

import pandas as pd
import torch

from pruning_core.masks.choosing import global_masks

SEEDS = range(3)
SPARSITIES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
BATCHES = (1, 64)
SIZE = 1024
SETTINGS = {"size": SIZE, "batches": list(BATCHES), "dtype": "float32, indices int32", "threads": 1}


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    size: int = SIZE,
    repeats: int = 15,
) -> pd.DataFrame:
    """Une ligne par graine, sparsité et lot.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "batch", "dense_ms" et "sparse_ms" (médianes du temps de
        processeur, en millisecondes),
        "ratio" (dense sur creux : au-dessus de 1, le creux gagne).
    """
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        dense = torch.randn(size, size, generator=generator)
        for sparsity in sparsities:
            mask = global_masks({"": dense.abs()}, sparsity)[""]
            sparse = to_csr(dense * mask)
            for batch in BATCHES:
                x = torch.randn(size, batch, generator=generator)
                times = _alternate(lambda: dense @ x, lambda: sparse @ x, repeats)  # noqa: B023
                milliseconds = dict(zip(("dense_ms", "sparse_ms"), times, strict=True))
                known = {"seed": seed, "asked": sparsity, "batch": batch}
                rows.append(known | milliseconds | {"ratio": times[0] / times[1]})
    return pd.DataFrame(rows)


def to_csr(weight: torch.Tensor) -> torch.Tensor:
    """Matrice CSR à indices int32, que le produit creux de torch lit le plus vite."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch dit ses tenseurs creux « bêta »
        csr = weight.to_sparse_csr()
        return torch.sparse_csr_tensor(
            csr.crow_indices().int(), csr.col_indices().int(), csr.values(), weight.shape
        )


def _alternate(
    first: Callable[[], object], second: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """Médianes des temps de processeur de deux calculs menés tour à tour, en millisecondes."""
    durations: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for times, compute in zip(durations, (first, second), strict=True):
            start = time.process_time()
            for _ in range(4):
                compute()
            times.append(250.0 * (time.process_time() - start))
    return statistics.median(durations[0]), statistics.median(durations[1])
