"""Mesurer un élagage sur plusieurs réseaux à la fois, et l'écrire en tableau."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame
from torch import nn

from pruning_core.course.datasets import Dataset
from pruning_core.course.formatting import number, percent
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import pruned_copy
from pruning_core.types import Masks, Scores

Select = Callable[[Scores, float], Masks]
"""(scores, sparsité) -> masques : `global_masks`, `layerwise_masks`."""


def accuracy_sweep(
    networks: Sequence[nn.Module],
    scores: Sequence[Scores],
    sparsities: Sequence[float],
    data: Dataset,
    *,
    select: Select,
) -> NDArray[np.float64]:
    """Élague chaque réseau à chaque sparsité, sans réentraîner, et mesure l'exactitude.

    Parameters
    ----------
    networks : suite de nn.Module
        Réseaux entraînés ; laissés tels quels.
    scores : suite de Scores
        Les scores de chacun, dans le même ordre.
    sparsities : suite de float
        Sparsités, m valeurs dans [0, 1].
    data : Dataset
        Jeu où mesurer.
    select : fonction (scores, sparsité) -> masques
        La sélection.

    Returns
    -------
    ndarray
        Exactitudes entre 0 et 1, forme [réseaux, m].

    Raises
    ------
    ValueError
        S'il n'y a pas autant de scores que de réseaux.
    """
    if len(networks) != len(scores):
        raise ValueError(
            f"scores : reçu {len(scores)} pour {len(networks)} réseaux ; attendu autant."
        )
    return np.array(
        [
            [evaluate(pruned_copy(network, select(score, s)), data).accuracy for s in sparsities]
            for network, score in zip(networks, scores, strict=True)
        ]
    )


def lead_table(
    lead: ArrayLike, sparsities: Sequence[float], *, who: str, against: str
) -> DataFrame:
    """Écrit l'avance d'une méthode sur une autre : moyenne, écart type, réseaux où elle gagne.

    Parameters
    ----------
    lead : ArrayLike
        Différences d'exactitude, forme [réseaux, m].
    sparsities : suite de float
        Sparsités, m valeurs entre 0 et 1.
    who, against : str
        Noms des deux méthodes, pour les titres.

    Returns
    -------
    DataFrame
        Une ligne par sparsité ; les avances en points d'exactitude.

    Raises
    ------
    ValueError
        Si les différences n'ont pas m colonnes.
    """
    points = 100 * np.atleast_2d(np.asarray(lead, dtype=float))
    if points.shape[1] != len(sparsities):
        raise ValueError(
            f"avance : reçu la forme {list(points.shape)} ; attendu [réseaux, {len(sparsities)}]."
        )
    return DataFrame(
        {
            f"{who} − {against} (points)": [number(mean, 1) for mean in points.mean(axis=0)],
            "écart type": [number(spread, 1) for spread in points.std(axis=0)],
            f"{who} en tête": [f"{wins} sur {len(points)}" for wins in (points > 0).sum(axis=0)],
        },
        index=[percent(s, 0) for s in sparsities],
    )


def spread(values: ArrayLike) -> str:
    """Écrit la moyenne et l'écart type d'exactitudes, par exemple « 95,6 % ± 0,6 »."""
    runs = np.asarray(values, dtype=float)
    return f"{percent(float(runs.mean()))} ± {number(100 * float(runs.std()), 1)}"
