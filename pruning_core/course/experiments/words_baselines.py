"""Les témoins du modèle de mots : deviner une lettre en comptant ce qui suit les précédentes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pruning_core.course.words.corpus import split
from pruning_core.course.words.trigram import best_letter_counts

SEEDS = range(1)
ORDERS = (1, 2, 3, 4, 5)
SETTINGS = {"orders": list(ORDERS), "smoothing": "choisi sur les mots de validation"}


def run(seeds: Sequence[int] = SEEDS, *, orders: Sequence[int] = ORDERS) -> pd.DataFrame:
    """Une ligne par ordre, sur les mots de test ; rien n'y est tiré au sort.

    Returns
    -------
    DataFrame
        Colonnes "seed", "order" (3 pour un trigramme : deux lettres lues), "counts" (nombres à
        retenir) et "bits" (par lettre).
    """
    rows = []
    for seed in seeds:
        for order in orders:
            model = best_letter_counts(order)
            bits = model.bits_per_letter(split().test)
            rows.append({"seed": seed, "order": order, "counts": model.kept(), "bits": bits})
    return pd.DataFrame(rows)
