"""Répartir une sparsité entre les couches : le budget d'Erdős-Rényi, compté au poids près."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor

import torch

from pruning_core.checks import check_initialized, check_not_empty
from pruning_core.masks.choosing import count_pruned


def erk_sparsities(weights: Mapping[str, torch.Tensor], sparsity: float) -> dict[str, float]:
    """Une sparsité par couche, d'après sa forme seule : Erdős-Rényi, noyaux compris (ERK).

    La densité d'une couche de n poids, de forme (sorties, entrées, noyau...), est
    ε (sorties + entrées + noyau...) / n ; un même ε pour toutes. Une couche qui en demanderait
    plus que ses poids reste dense, et les autres se partagent ce qu'elle laisse. Les petites
    couches, et celles qui sont étroites, gardent ainsi plus de leurs poids.

    Parameters
    ----------
    weights : dict[str, Tensor]
        Des poids ou des scores ; seule leur forme est lue.
    sparsity : float
        Part des poids à élaguer en tout, dans [0, 1].

    Returns
    -------
    dict[str, float]
        À donner à `layerwise_masks`, qui élague alors en tout exactement
        `count_pruned(n, sparsity)` poids.

    Raises
    ------
    TypeError, ValueError
        Si `weights` n'est pas un dictionnaire non vide, ou si la sparsité n'est pas dans [0, 1].

    References
    ----------
    Evci, Gale, Menick, Castro et Elsen, 2020, « Rigging the Lottery: Making All Tickets Winners »,
    § 3 ; Mocanu et coll., 2018, pour le cas linéaire.
    """
    check_not_empty(weights, "weights")
    for name, weight in weights.items():
        check_initialized(weight, name)
    sizes = {name: weight.numel() for name, weight in weights.items()}
    n = sum(sizes.values())
    budget = n - count_pruned(n, sparsity)
    demands = {name: sum(weight.shape) or 1 for name, weight in weights.items()}
    kept = _rounded(_shares(demands, sizes, budget))
    return {name: (size - kept[name]) / size if size else 0.0 for name, size in sizes.items()}


def _shares(
    demands: Mapping[str, int], sizes: Mapping[str, int], budget: int
) -> dict[str, Fraction]:
    """Partage un budget en proportion des demandes, sans dépasser aucune taille."""
    dense: dict[str, int] = {}
    while True:
        free = {name: demand for name, demand in demands.items() if name not in dense}
        left = budget - sum(dense.values())
        scale = Fraction(left, max(sum(free.values()), 1))
        full = {name: sizes[name] for name, d in free.items() if scale * d > sizes[name]}
        if not full:
            return {n: Fraction(dense[n]) if n in dense else scale * demands[n] for n in demands}
        dense |= full


def _rounded(shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Arrondit des parts de somme entière sans changer leur somme : les plus grands restes."""
    counts = {name: floor(share) for name, share in shares.items()}
    missing = int(sum(shares.values())) - sum(counts.values())
    for name in sorted(shares, key=lambda name: counts[name] - shares[name])[:missing]:
        counts[name] += 1
    return counts
