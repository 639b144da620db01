"""Des masques semi-structurés : N poids gardés dans chaque groupe de M, comme 2:4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import nn

from pruning_core.checks import check_count, check_finite, check_not_empty, check_scores_of
from pruning_core.types import Masks
from pruning_core.weights.rows import RowLayout, row_layout


class Pattern(NamedTuple):
    """Un motif N:M : N poids gardés dans chaque groupe de M entrées consécutives d'un neurone.

    `Pattern(2, 4)` est celui que certains processeurs graphiques savent accélérer.

    Attributes
    ----------
    kept : int
        N, de 0 à M.
    group : int
        M, au moins 1.
    """

    kept: int
    group: int

    def keep(self, scores: torch.Tensor) -> torch.Tensor:
        """Les N plus grands scores de chaque groupe d'un tableau [R, C] ; M divise C.

        À égalité, le plus petit rang part le premier.
        """
        groups = scores.reshape(-1, self.group)
        gone = groups.argsort(dim=1, stable=True)[:, : self.group - self.kept]
        kept = torch.ones_like(groups, dtype=torch.bool).scatter_(1, gone, False)
        return kept.reshape(scores.shape)

    def check(self, name: str, layout: RowLayout) -> None:
        """Vérifie que le motif existe, et qu'un poids se range en groupes.

        Raises
        ------
        TypeError, ValueError
            Si N ou M ne convient pas, si le poids n'est pas une matrice, ou si M ne divise pas son
            nombre d'entrées.
        """
        check_count(self.group, "group", minimum=1)
        if check_count(self.kept, "kept") > self.group:
            raise ValueError(f"kept : reçu {self.kept} ; attendu {self.group} au plus.")
        if len(layout.shape) != 2 or layout.width % self.group:
            raise ValueError(
                f"{name} : reçu un poids de forme {tuple(layout.shape)} ; attendu une matrice dont "
                f"le nombre d'entrées est un multiple de {self.group}. Choisissez les autres poids."
            )


def pattern_masks(
    scores: Mapping[str, torch.Tensor], pattern: Pattern, *, model: nn.Module | None = None
) -> Masks:
    """Garde dans chaque groupe de M entrées consécutives d'un neurone ses N plus grands scores.

    Parameters
    ----------
    scores : dict[str, Tensor]
        Un tenseur flottant [sorties, entrées] par poids, de valeurs finies.
    pattern : Pattern
    model : nn.Module, optionnel
        Le modèle des scores, s'il a des `Conv1D` de transformers (GPT-2), qui rangent leurs entrées
        d'abord (voir `rowwise_masks`).

    Returns
    -------
    Masks
        Un dictionnaire neuf, sur le périphérique de chaque score.

    Raises
    ------
    TypeError, ValueError
        Si les scores ne conviennent pas, au modèle ou au motif non plus.

    References
    ----------
    Mishra et coll., 2021, « Accelerating Sparse Deep Neural Networks », pour 2:4.

    Examples
    --------
    >>> masks = pattern_masks(magnitude_scores(model), Pattern(2, 4))
    """
    check_not_empty(scores, "scores")
    if model is not None:
        check_scores_of(model, scores)
    masks: Masks = {}
    for name, score in scores.items():
        check_finite(score, f"scores[{name!r}]")
        layout = RowLayout(score.shape) if model is None else row_layout(model, name)
        pattern.check(f"scores[{name!r}]", layout)
        masks[name] = layout.from_rows(pattern.keep(layout.to_rows(score.detach())))
    return masks
