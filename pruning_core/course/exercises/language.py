"""Exercices de la leçon 8.1.5 : élaguer un modèle de langue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from pruning_core.course.exercises.reading import call
from pruning_core.course.exercises.verdict import Hint
from pruning_core.masks.patterns import Pattern


def two_of_four(function: Any) -> str:
    """Juge une fonction `(scores) -> masque` qui garde deux poids de chaque groupe de quatre."""
    for rows, columns, seed in ((4, 8, 0), (8, 4, 1), (4, 12, 2)):
        scores = torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed))
        given = scores.clone()
        found = call(function, given)
        if given.shape != scores.shape or not torch.equal(given, scores):
            raise Hint("Votre fonction modifie les scores : travaillez sur une copie.")
        _check_mask(found, scores)
    return (
        "Chaque groupe choisit seul : un groupe de quatre grands poids en perd deux, un groupe de "
        "quatre petits en garde deux. C'est ce que le motif coûte."
    )


def _check_mask(found: Any, scores: torch.Tensor) -> None:
    if not isinstance(found, torch.Tensor):
        raise Hint(
            f"Votre fonction rend un objet de type {type(found).__name__} ; attendu un masque, "
            "tenseur de booléens."
        )
    if found.shape != scores.shape:
        raise Hint(
            f"Votre fonction rend la forme {list(found.shape)} ; attendu celle des scores, "
            f"{list(scores.shape)}."
        )
    if found.dtype != torch.bool:
        raise Hint(f"Reçu un tenseur de type {found.dtype} ; attendu des booléens, vrai : gardé.")
    if torch.equal(found, _by_group(scores)):
        return
    for hint, mistake in _MISTAKES.items():
        if torch.equal(found, mistake(scores)):
            raise Hint(hint)
    kept = found.reshape(-1, 4).sum(1)
    if (kept != 2).any():
        raise Hint(
            f"Un groupe de quatre garde {int(kept[kept != 2][0])} poids ; il doit en garder deux."
        )
    raise Hint("Chaque groupe garde deux poids, mais pas toujours les deux de plus grand score.")


def _by_group(scores: torch.Tensor) -> torch.Tensor:
    return Pattern(2, 4).keep(scores)


def _top(scores: torch.Tensor, count: int) -> torch.Tensor:
    """Garde les `count` plus grands scores de chaque ligne."""
    ranks = scores.argsort(dim=1, descending=True).argsort(dim=1)
    return ranks < count


# Une erreur typique et son indice, dans l'ordre où on les essaie.
_MISTAKES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "C'est le masque inverse : vrai veut dire gardé.": lambda s: ~_by_group(s),
    "Vous gardez deux poids par ligne ; il en faut deux par groupe de quatre.": lambda s: _top(
        s, 2
    ),
    "Vous gardez la moitié de chaque ligne, sans égard pour les groupes de quatre.": lambda s: _top(
        s, s.shape[1] // 2
    ),
    "Vous gardez la moitié de toute la matrice, sans égard pour les groupes de quatre.": (
        lambda s: _top(s.reshape(1, -1), s.numel() // 2).reshape(s.shape)
    ),
    "Vos groupes vont dans les colonnes ; quatre poids d'un groupe se suivent dans une ligne.": (
        lambda s: _by_group(s.T.contiguous()).T
    ),
    "Vos groupes sautent des colonnes ; les quatre poids d'un groupe se suivent.": (
        lambda s: _strided(s)
    ),
}


def _strided(scores: torch.Tensor) -> torch.Tensor:
    """Groupe les colonnes prises de loin en loin."""
    rows, columns = scores.shape
    groups = scores.reshape(rows, 4, columns // 4).transpose(1, 2).reshape(-1, 4)
    kept = _top(groups, 2).reshape(rows, columns // 4, 4)
    return kept.transpose(1, 2).reshape(rows, columns)
