"""Des scores aux masques : sélection exacte, sur tout le réseau, par couche ou par ligne.

Un score a la forme de son poids ; petit veut dire à retirer d'abord. Un masque est booléen, et vrai
veut dire gardé.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

import torch
from torch import nn

from pruning_core.checks import (
    check_count,
    check_finite,
    check_not_empty,
    check_same_names,
    check_scores_of,
    check_sparsity,
)
from pruning_core.masks.k_smallest import prune_smallest
from pruning_core.types import Masks
from pruning_core.weights.rows import RowLayout, row_layout


def count_pruned(n: int, sparsity: float) -> int:
    """Nombre de poids à élaguer parmi `n` : k = ⌊s·n + 1/2⌋, calculé sans erreur d'arrondi.

    La sparsité vaut le nombre décimal qu'on écrit : 0.29 de 100 donne 29 (en flottants,
    0.29 * 100 = 28.999999999999996) et 0.145 de 100 donne 15.

    Raises
    ------
    TypeError, ValueError
        Si `n` n'est pas un entier positif ou nul, ou si la sparsité n'est pas dans [0, 1].
    """
    n = check_count(n, "n")
    exact = Fraction(repr(check_sparsity(sparsity)))
    return floor(exact * n + Fraction(1, 2))


def global_masks(
    scores: Mapping[str, torch.Tensor], sparsity: float, *, min_kept: int | float = 0
) -> Masks:
    """Élague exactement les k plus petits scores, toutes couches confondues.

    À égalité, le poids de plus petit rang part le premier, dans l'ordre du dictionnaire puis
    dans l'ordre à plat : les masques s'emboîtent quand la sparsité croît.

    Parameters
    ----------
    scores : dict[str, Tensor]
        Un tenseur flottant par poids, de valeurs finies.
    sparsity : float
        Part des poids à élaguer, dans [0, 1] ; k = `count_pruned(n, sparsity)`.
    min_kept : int ou float
        Ce que chaque couche garde au moins, contre l'effondrement de couche : un nombre de poids
        (tous les siens si elle en a moins), ou une part de ses poids, dans [0, 1], arrondie au
        poids supérieur. 1 est un poids ; 1.0, tous.

    Returns
    -------
    Masks
        Un dictionnaire neuf, sur le périphérique de chaque score.

    Raises
    ------
    TypeError, ValueError
        Si les scores sont vides, non flottants ou non finis, si la sparsité n'est pas dans
        [0, 1], ou si `min_kept` rend la sparsité impossible.

    Notes
    -----
    Temps linéaire, sans limite de taille ; mémoire en plus des scores et des masques : 2 % ou
    3 % des scores, en général (voir `masks.k_smallest.prune_smallest`).
    """
    _check_scores(scores)
    least = {name: _least_kept(score.numel(), min_kept) for name, score in scores.items()}
    n = sum(score.numel() for score in scores.values())
    k = count_pruned(n, sparsity)
    free = n - sum(least.values())
    if k > free:
        raise ValueError(
            f"min_kept : reçu {min_kept} avec une sparsité de {sparsity}, soit {k} poids à "
            f"élaguer ; attendu au plus {free} poids élagués quand chaque couche en garde au "
            "moins autant."
        )
    return _with_floors(scores, k, least)


def _with_floors(scores: Mapping[str, torch.Tensor], k: int, least: Mapping[str, int]) -> Masks:
    """Élague les k plus petits scores parmi ceux qu'aucun plancher ne protège.

    Une couche qui passe sous son plancher y est ramenée ; les autres se partagent le reste. Leur
    seuil ne peut que monter : une couche ramenée le reste.
    """
    floored: Masks = {}
    while True:
        free = {name: score for name, score in scores.items() if name not in floored}
        done = sum(scores[name].numel() - least[name] for name in floored)
        masks = prune_smallest(free, k - done)
        floors = [name for name in free if least[name] > 0]  # sans plancher, rien à compter
        short = [name for name in floors if int(torch.count_nonzero(masks[name])) < least[name]]
        if not short:
            return {name: floored[name] if name in floored else masks[name] for name in scores}
        for name in short:
            score = scores[name]
            floored |= prune_smallest({name: score}, score.numel() - least[name])


def _least_kept(n: int, min_kept: int | float) -> int:
    """Nombre de poids qu'une couche de n poids garde au moins."""
    if not isinstance(min_kept, float):
        return min(check_count(min_kept, "min_kept"), n)
    if not 0.0 <= min_kept <= 1.0:
        raise TypeError(
            f"min_kept : reçu {min_kept} ; attendu un nombre entier de poids, positif ou nul, ou "
            "une part, réel de [0, 1]."
        )
    return ceil(Fraction(repr(float(min_kept))) * n)


def layerwise_masks(
    scores: Mapping[str, torch.Tensor], sparsity: float | Mapping[str, float]
) -> Masks:
    """Élague dans chaque couche exactement ses k plus petits scores.

    Parameters
    ----------
    scores : dict[str, Tensor]
        Un tenseur flottant par poids, de valeurs finies.
    sparsity : float ou dict[str, float]
        Une sparsité pour toutes les couches, ou une par nom ; le dictionnaire nomme alors
        exactement les couches de `scores` (0.0 pour une couche à ne pas élaguer).

    Returns
    -------
    Masks
        Un dictionnaire neuf, sur le périphérique de chaque score.

    Raises
    ------
    TypeError, ValueError
        Si les scores ou une sparsité ne conviennent pas, ou si des noms sont inconnus ou
        manquent.
    """
    _check_scores(scores)
    if isinstance(sparsity, Mapping):
        check_same_names(sparsity, scores, "sparsité par couche")
        wanted = {
            name: check_sparsity(value, what=f"sparsité de {name}")
            for name, value in sparsity.items()
        }
    else:
        wanted = dict.fromkeys(scores, check_sparsity(sparsity))
    return {
        name: prune_smallest({name: score}, count_pruned(score.numel(), wanted[name]))[name]
        for name, score in scores.items()
    }


def rowwise_masks(
    scores: Mapping[str, torch.Tensor], sparsity: float, *, model: nn.Module | None = None
) -> Masks:
    """Élague dans chaque ligne exactement ses k plus petits scores : autant dans chaque neurone.

    Une ligne réunit les poids qui entrent dans un neurone d'une couche linéaire, ou le filtre d'un
    canal de sortie.

    Parameters
    ----------
    scores : dict[str, Tensor]
        Un tenseur flottant par poids, de valeurs finies et de deux dimensions au moins.
    sparsity : float
        Part des poids à élaguer dans chaque ligne, dans [0, 1].
    model : nn.Module, optionnel
        Le modèle des scores : ses couches disent ce qu'est une ligne. À donner s'il a des
        convolutions transposées ou des `Conv1D` de transformers (GPT-2), qui rangent leurs entrées
        d'abord ; sans lui, une ligne est ce que porte un indice de la première dimension.

    Returns
    -------
    Masks
        Un dictionnaire neuf, sur le périphérique de chaque score.

    Raises
    ------
    TypeError, ValueError
        Si les scores ou la sparsité ne conviennent pas, au modèle non plus, ou si un poids est
        partagé par des couches qui n'ont pas les mêmes lignes.
    """
    _check_scores(scores)
    check_sparsity(sparsity)
    if model is None:
        layouts = {name: RowLayout(score.shape) for name, score in scores.items()}
    else:
        check_scores_of(model, scores)
        layouts = {name: row_layout(model, name) for name in scores}
    return {name: _prune_rows(name, s, layouts[name], sparsity) for name, s in scores.items()}


def _prune_rows(name: str, score: torch.Tensor, layout: RowLayout, sparsity: float) -> torch.Tensor:
    if score.ndim < 2:
        raise ValueError(
            f"scores[{name!r}] : reçu la forme {tuple(score.shape)} ; attendu deux dimensions au "
            "moins, des lignes et leurs entrées."
        )
    rows = layout.to_rows(score.detach())
    mask = torch.ones_like(rows, dtype=torch.bool)
    # Tri stable : à égalité, le plus petit rang part le premier.
    first = rows.argsort(dim=1, stable=True)[:, : count_pruned(rows.shape[1], sparsity)]
    return layout.from_rows(mask.scatter_(1, first, False))


def _check_scores(scores: Mapping[str, torch.Tensor]) -> None:
    check_not_empty(scores, "scores")
    for name, score in scores.items():
        check_finite(score, f"scores[{name!r}]")
