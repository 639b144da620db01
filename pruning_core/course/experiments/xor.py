"""Le plus petit réseau qui résout le XOR : quelle méthode y supprime le bon poids ?

Réseau 2-2-1 sigmoïde, neuf poids avec les biais, tous élagables, cibles 0,1 et 0,9, entraîné
jusqu'à un minimum de l'objectif (voir `tiny_networks`). Chaque méthode supprime alors un poids,
d'après la hessienne exacte.

Le poids supprimé est le bon si le réseau à huit poids, réentraîné à partir de là, résout encore le
XOR. Ce ne peut être que l'un des trois biais. Sans un poids de sortie, il ne reste qu'un neurone
caché, et le XOR n'est pas linéairement séparable. Sans un poids d'entrée, disons celui de x₂ vers
un neurone caché, la sortie ne dépend de x₂ que par l'autre : elle varie dans le même sens pour tout
x₁, ce que le XOR interdit.

Source : Hassibi et Stork, 1993, « Second order derivatives for network pruning ».
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import torch

from pruning_core.course.experiments.tiny_networks import (
    Problem,
    accuracy,
    adam,
    hessians,
    newton,
    starts,
)
from pruning_core.obs.algebra import compensate, inverse_curvature, obs_scores

INPUTS = {"±1": (-1.0, 1.0), "0/1": (0.0, 1.0)}
# Hassibi et Stork écrivent l'erreur 1/(2P) Σ : chez eux, 2e-3 s'appellerait 1e-3.
DECAYS = (2e-3, 1e-3, 1e-4)
SEEDS = range(300)
ADAM, NEWTON, RATE = 2000, 40, 0.03
SETTINGS = {
    "network": "2-2-1 sigmoïde",
    "inputs": list(INPUTS),
    "decays": list(DECAYS),
    "training": f"{ADAM} pas d'Adam ({RATE}), puis {NEWTON} pas de Newton",
}
NAMES = (
    *("0.weight[0, 0]", "0.weight[0, 1]", "0.weight[1, 0]", "0.weight[1, 1]"),
    *("0.bias[0]", "0.bias[1]", "2.weight[0, 0]", "2.weight[0, 1]", "2.bias[0]"),
)
"""Les neuf poids, dans l'ordre du vecteur et de `named_parameters()`."""


def xor_problem(inputs: str = "±1", decay: float = 1e-3) -> Problem:
    """Le XOR, codé par `inputs` ("±1" ou "0/1"), cibles 0,1 et 0,9.

    Raises
    ------
    ValueError
        Si le codage est inconnu.
    """
    if inputs not in INPUTS:
        raise ValueError(f"inputs : reçu {inputs!r} ; attendu l'un de {list(INPUTS)}.")
    low, high = INPUTS[inputs]
    x = torch.tensor([(a, b) for a in (low, high) for b in (low, high)], dtype=torch.float64)
    return Problem(x, torch.tensor([0.1, 0.9, 0.9, 0.1], dtype=torch.float64), 2, decay)


def solves(weights: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Vrai si les quatre sorties sont du bon côté de 1/2 : [...]."""
    return accuracy(weights, problem) == 1.0


def solve_xor(seeds: Iterable[int], problem: Problem) -> torch.Tensor:
    """Entraîne un réseau par graine, tous à la fois, jusqu'à un minimum de l'objectif.

    Certains départs finissent dans un minimum qui ne résout pas le XOR : voir `solves`.

    Returns
    -------
    Tensor [n, 9]
        Les poids, en float64 ; `tiny_networks.network(poids, problem)` en fait un modèle.
    """
    weights = starts(seeds, problem.size)
    return minimise(weights, problem, torch.ones_like(weights, dtype=torch.bool))


def minimise(weights: torch.Tensor, problem: Problem, kept: torch.Tensor) -> torch.Tensor:
    """Mène des réseaux [n, 9] à un minimum, leurs poids non gardés (`kept` faux) tenus à zéro."""
    found = adam(weights, problem, kept, steps=ADAM, lr=RATE)
    return newton(found, problem, kept, steps=NEWTON)


def delete_one(
    weights: torch.Tensor, problem: Problem
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Supprime un poids de chaque réseau, par chaque méthode ; OBS seul ajuste les autres.

    Parameters
    ----------
    weights : Tensor [n, 9]
        Des minimums de l'objectif (la hessienne doit y être définie positive).

    Returns
    -------
    dict[str, (Tensor [n], Tensor [n, 9])]
        Par méthode, le rang du poids supprimé et les poids qui restent.
    """
    curvature = hessians(weights, problem)
    diagonal = curvature.diagonal(dim1=-2, dim2=-1)
    scores = {
        "magnitude": weights.abs(),
        "obd": 0.5 * diagonal * weights.square(),
        "obd_inverted": weights.square() / (2.0 * diagonal),
        "obs": obs_scores(weights, inverse_curvature(curvature)),
    }
    result = {}
    for method, score in scores.items():
        index = score.argmin(-1)
        kept = torch.ones_like(weights, dtype=torch.bool).scatter_(-1, index[:, None], False)
        left = compensate(weights, curvature, kept) if method == "obs" else weights * kept
        result[method] = (index, left)
    return result


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    inputs: Sequence[str] = tuple(INPUTS),
    decays: Sequence[float] = DECAYS,
) -> pd.DataFrame:
    """Une ligne par codage, pénalité et méthode : ce que donnent les départs `seeds`.

    Returns
    -------
    DataFrame
        Colonnes "seed" (premier départ), "inputs", "decay", "method", puis des nombres de départs :
        "starts" (essayés), "solved" (dont le réseau dense résout le XOR) et, parmi ceux-ci, "right"
        (le réseau élagué résout le XOR une fois réentraîné) et "still_solves" (sans
        réentraînement).
    """
    rows = []
    for coding in inputs:
        for decay in decays:
            problem = xor_problem(coding, decay)
            weights = solve_xor(seeds, problem)
            weights = weights[solves(weights, problem)]
            for method, (left, right) in _judged(weights, problem).items():
                setting = {"seed": seeds[0], "inputs": coding, "decay": decay, "method": method}
                counts = {
                    "starts": len(seeds),
                    "solved": len(weights),
                    "right": int(right.sum()),
                    "still_solves": int(solves(left, problem).sum()),
                }
                rows.append(setting | counts)
    return pd.DataFrame(rows)


def _judged(
    weights: torch.Tensor, problem: Problem
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Par méthode : les poids laissés, [n, 9], et s'ils résolvent le XOR réentraînés, [n]."""
    deleted = delete_one(weights, problem)
    index = torch.cat([index for index, _ in deleted.values()])
    left = torch.cat([left for _, left in deleted.values()])
    kept = torch.ones_like(left, dtype=torch.bool).scatter_(-1, index[:, None], False)
    right = solves(minimise(left, problem, kept), problem).split(len(weights))
    return {
        method: (left, found)
        for (method, (_, left)), found in zip(deleted.items(), right, strict=True)
    }


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Rassemble les départs : une ligne par codage, pénalité et méthode.

    Returns
    -------
    DataFrame
        Colonnes "inputs", "decay", "method", "starts", "solved" (nombres), puis "right" et
        "still_solves", parts dans [0, 1] des départs qui résolvent le XOR.
    """
    setting = ["inputs", "decay", "method"]
    total = table.drop(columns="seed").groupby(setting, sort=False).sum().reset_index()
    return total.assign(
        right=total["right"] / total["solved"], still_solves=total["still_solves"] / total["solved"]
    )
