"""Combien de poids suffisent aux problèmes MONK, poids par poids, selon la méthode ?

Réseaux sigmoïdes 17-3-1, 17-2-1 et 17-2-1 (58, 39 et 39 poids avec les biais, tous élagables),
entraînés jusqu'à un minimum de l'objectif (voir `tiny_networks`). On supprime un poids à la fois,
d'après la courbure de Gauss-Newton du réseau tel qu'il est ; on s'arrête à la première suppression
qui ferait baisser l'exactitude d'entraînement.

Source : Hassibi et Stork, 1993, « Second order derivatives for network pruning » ; Thrun et coll.,
1991, « The MONK's problems ».
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import torch

from pruning_core.course.datasets import load_monks
from pruning_core.course.experiments.tiny_networks import (
    Problem,
    accuracy,
    adam,
    gauss_newton,
    newton,
    restrict,
    starts,
)
from pruning_core.obs.algebra import compensate, inverse_curvature, obs_scores

HIDDEN = {1: 3, 2: 2, 3: 2}
CASES = ((1, 1e-4), (2, 1e-4), (3, 1e-3), (3, 2e-3))
"""Numéro du problème et pénalité L2. Au troisième, 1e-3 laisse apprendre un exemple bruité."""
SEEDS = range(20)


class Variant(NamedTuple):
    """Une méthode, le nombre de suppressions essayées par étape, et le réentraînement."""

    method: str
    candidates: int = 1
    retrained: bool = False


VARIANTS = (
    *(Variant("magnitude"), Variant("obd"), Variant("obs"), Variant("obs", candidates=5)),
    *(Variant("magnitude", retrained=True), Variant("obs", retrained=True)),
)
ADAM, NEWTON, RATE = 3000, 30, 0.03
AGAIN, AGAIN_RATE = 200, 0.01
SETTINGS = {
    "hidden": list(HIDDEN.values()),
    "decays": [decay for _, decay in CASES],
    "training": f"{ADAM} pas d'Adam ({RATE}), puis {NEWTON} pas de Newton",
    "retraining": f"{AGAIN} pas d'Adam ({AGAIN_RATE}) après chaque suppression",
}


def monks_problem(number: int, decay: float) -> tuple[Problem, Problem]:
    """Un problème MONK et sa pénalité L2 : sur l'entraînement, puis sur le test.

    Raises
    ------
    ValueError
        Si le numéro n'est pas 1, 2 ou 3.
    """
    train, test = ((part.x, part.y.double(), HIDDEN[number], decay) for part in load_monks(number))
    return Problem(*train), Problem(*test)


def train_monks(seeds: Sequence[int], problem: Problem) -> torch.Tensor:
    """Entraîne un réseau par graine, tous à la fois : [n, p], en float64."""
    weights = starts(seeds, problem.size, scale=0.5)
    kept = torch.ones_like(weights, dtype=torch.bool)
    found = adam(weights, problem, kept, steps=ADAM, lr=RATE)
    return newton(found, problem, kept, steps=NEWTON)


def prune_while_right(weights: torch.Tensor, problem: Problem, variant: Variant) -> torch.Tensor:
    """Supprime des poids un à un, tant que l'exactitude d'entraînement ne baisse pas.

    Parameters
    ----------
    weights : Tensor [n, p]
        Les réseaux entraînés ; laissés tels quels.

    Returns
    -------
    Tensor [n, p]
        Les réseaux élagués ; les poids supprimés y sont exactement nuls.
    """
    reference = accuracy(weights, problem)
    current = weights
    kept = torch.ones_like(weights, dtype=torch.bool)
    going = torch.ones(len(weights), dtype=torch.bool)
    while bool(going.any()):
        curvature = restrict(gauss_newton(current, problem), kept)
        order = _scores(variant.method, current, curvature).masked_fill(~kept, torch.inf).argsort()
        done = ~going
        for rank in range(variant.candidates):
            fewer = kept.scatter(-1, order[:, rank : rank + 1], False)
            left = _left(variant, current, curvature, fewer, problem)
            accepted = ~done & (accuracy(left, problem) >= reference) & (fewer.sum(-1) > 0)
            accepted &= kept.sum(-1) > rank
            current = torch.where(accepted[:, None], left, current)
            done |= accepted
            kept = torch.where(accepted[:, None], fewer, kept)
            if bool(done.all()):
                break
        going &= done
    return current


def _scores(method: str, weights: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor:
    if method == "magnitude":
        return weights.abs()
    if method == "obd":
        return 0.5 * curvature.diagonal(dim1=-2, dim2=-1) * weights.square()
    return obs_scores(weights, inverse_curvature(curvature))


def _left(
    variant: Variant,
    weights: torch.Tensor,
    curvature: torch.Tensor,
    kept: torch.Tensor,
    problem: Problem,
) -> torch.Tensor:
    """Ce qui reste des poids après une suppression, ajustés par OBS et réentraînés au besoin."""
    obs = variant.method == "obs"
    left = compensate(weights, curvature, kept) if obs else weights * kept
    return adam(left, problem, kept, steps=AGAIN, lr=AGAIN_RATE) if variant.retrained else left


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    cases: Sequence[tuple[int, float]] = CASES,
    variants: Sequence[Variant] = VARIANTS,
) -> pd.DataFrame:
    """Une ligne par problème, pénalité, variante et graine.

    Returns
    -------
    DataFrame
        Colonnes "seed", "method" ("dense" avant élagage), "candidates" (suppressions essayées par
        étape), "retrained" (200 pas d'Adam après chacune), "weights" (poids et biais restants),
        "train_accuracy" et "test_accuracy" (dans [0, 1]), "problem" (1 à 3) et "decay".
    """
    groups = []
    for number, decay in cases:
        train, test = monks_problem(number, decay)
        dense = train_monks(seeds, train)
        tables = [_table(seeds, Variant("dense"), dense, train, test)]
        for variant in variants:
            pruned = prune_while_right(dense, train, variant)
            tables.append(_table(seeds, variant, pruned, train, test))
        groups.append(pd.concat(tables).assign(problem=number, decay=decay))
    return pd.concat(groups, ignore_index=True)


def _table(
    seeds: Sequence[int],
    variant: Variant,
    weights: torch.Tensor,
    train: Problem,
    test: Problem,
) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "seed": list(seeds),
        **variant._asdict(),
        "weights": weights.count_nonzero(-1).numpy(),
        "train_accuracy": accuracy(weights, train).numpy(),
        "test_accuracy": accuracy(weights, test).numpy(),
    }
    return pd.DataFrame(columns)
