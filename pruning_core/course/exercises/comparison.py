"""Exercices de la leçon de comparaison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.reading import (
    Witness,
    call,
    check_tensors,
    number,
)
from pruning_core.course.exercises.verdict import Hint
from pruning_core.course.formatting import number as written
from pruning_core.course.formatting import percent
from pruning_core.course.models import trained_digits_mlp
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import pruned_copy
from pruning_core.masks.choosing import global_masks
from pruning_core.masks.measuring import mask_agreement
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.types import Masks, Scores

SEEDS = range(5)
"""Les réseaux sur lesquels on compare le score d'un lecteur à la magnitude."""


def agreement(function: Any) -> str:
    """Juge une fonction `(masks_a, masks_b) -> part des poids gardés par a que garde aussi b`."""
    for one, two in _pairs():
        copies = [{name: mask.clone() for name, mask in masks.items()} for masks in (one, two)]
        result = call(function, *copies)
        found = number(result)
        if found is None:
            raise Hint(
                f"Votre fonction rend un objet de type {type(result).__name__} ; attendu un nombre "
                "entre 0 et 1."
            )
        for copy, masks in zip(copies, (one, two), strict=True):
            if copy.keys() != masks.keys() or any(
                not torch.equal(copy[name], masks[name]) for name in masks
            ):
                raise Hint("Votre fonction modifie les masques : travaillez sur des copies.")
        _check_share(found, one, two)
    return "On compte sur tout le réseau : une grande couche y pèse plus qu'une petite."


def own_score(function: Any) -> str:
    """Juge une fonction `(model) -> scores`, et dit ce qu'elle vaut sur la validation."""
    pairs = []
    for model in map(trained_digits_mlp, SEEDS):
        pairs.append((model, _scores_of(function, model)))
    told = []
    for sparsity in (0.8, 0.9):
        leads = [
            _validated(model, own, sparsity) - _validated(model, magnitude_scores(model), sparsity)
            for model, own in pairs
        ]
        told.append(f"à {percent(sparsity, 0)}, {_lead(torch.tensor(leads))}")
    return (
        "Votre score moins la magnitude, en points, sur la validation (moyenne et écart type) : "
        f"{' ; '.join(told)}. Gardez le test pour le score que vous aurez choisi."
    )


def _validated(model: nn.Module, scores: Scores, sparsity: float) -> float:
    pruned = pruned_copy(model, global_masks(scores, sparsity))
    return evaluate(pruned, load_digits().validation).accuracy


def _scores_of(function: Any, model: nn.Module) -> Scores:
    """Appelle la fonction du lecteur et refuse ce qui n'est pas un score, ou est la magnitude."""
    witness = Witness(model)
    magnitude = magnitude_scores(model)
    scores = check_tensors(call(function, model), magnitude, "score")
    witness.check()
    if any(not torch.isfinite(score).all() for score in scores.values()):
        raise Hint("Un score n'est pas un nombre fini : cherchez une division par zéro.")
    masks = global_masks(magnitude, 0.8)
    if mask_agreement(global_masks(scores, 0.8), masks) == 1:
        raise Hint("Votre score garde exactement les poids de la magnitude : cherchez-en un autre.")
    return scores


def _lead(lead: torch.Tensor) -> str:
    """Dit l'avance sur la magnitude, en points, et si elle dépasse sa dispersion."""
    mean, spread = (100 * float(value) for value in (lead.mean(), lead.std(correction=0)))
    verdict = "devant" if mean > 0 else "derrière"
    if abs(mean) <= spread:
        verdict = "on ne peut pas conclure"
    return f"{written(mean, 1)} ± {written(spread, 1)}, {verdict}"


def _pairs() -> list[tuple[Masks, Masks]]:
    """Rend des masques, qui ne gardent pas toujours autant de poids l'un que l'autre."""

    def masks(*layers: str) -> Masks:
        return {
            f"{rank}.weight": torch.tensor([[digit == "1" for digit in layer]])
            for rank, layer in enumerate(layers)
        }

    one, two = masks("1111100000", "110000", "1000"), masks("1100110000", "110000", "1100")
    complement = masks("0000011111", "001100", "0100")
    fewer = masks("1100000000", "100000", "1100")
    return [(one, two), (one, one), (one, complement), (one, fewer)]


def _check_share(found: float, one: Masks, two: Masks) -> None:
    expected = _share(one, two)
    if abs(found - expected) < 1e-6:
        return
    for hint, mistake in _MISTAKES.items():
        if abs(found - mistake(one, two)) < 1e-6:
            raise Hint(hint)
    for name in one:
        others = [n for n in one if n != name]
        subsets = ([name], others)
        if any(
            abs(found - _share({n: one[n] for n in s}, {n: two[n] for n in s})) < 1e-6
            for s in subsets
        ):
            raise Hint("Il manque des couches : comptez sur toutes avant de diviser.")
    if not 0 <= found <= 1:
        raise Hint("Le résultat doit être une proportion, entre 0 et 1.")
    raise Hint("Ce n'est pas cette part : essayez à la main sur deux masques de quatre poids.")


def _flat(masks: Masks) -> torch.Tensor:
    return torch.cat([mask.flatten() for mask in masks.values()])


def _share(one: Masks, two: Masks) -> float:
    kept, other = _flat(one), _flat(two)
    return float((kept & other).sum() / kept.sum())


def _mean_share(one: Masks, two: Masks) -> float:
    shares = [_share({name: one[name]}, {name: two[name]}) for name in one]
    return sum(shares) / len(shares)


def _inverted(masks: Masks) -> Masks:
    return {name: ~mask for name, mask in masks.items()}


# Une erreur typique et son indice, dans l'ordre où on les essaie.
_MISTAKES: dict[str, Callable[[Masks, Masks], float]] = {
    "Vous comptez les poids retirés en commun ; on demande les poids gardés.": lambda a, b: _share(
        _inverted(a), _inverted(b)
    ),
    "C'est l'indice de Jaccard, divisé par l'union ; ici, on divise par les poids gardés par a.": (
        lambda a, b: float((_flat(a) & _flat(b)).sum() / (_flat(a) | _flat(b)).sum())
    ),
    "Vous divisez par les poids gardés par b ; on demande une part de ceux que garde a.": (
        lambda a, b: _share(b, a)
    ),
    "C'est la moyenne des parts de chaque couche : une petite couche y pèse autant qu'une "
    "grande.": _mean_share,
    "Vous comptez toutes les positions où les masques sont égaux, y compris les poids retirés par "
    "les deux.": lambda a, b: float((_flat(a) == _flat(b)).double().mean()),
    "Vous divisez par tous les poids du réseau, et non par les poids gardés.": lambda a, b: float(
        (_flat(a) & _flat(b)).double().mean()
    ),
    "C'est un nombre de poids ; on demande une part.": lambda a, b: float(
        (_flat(a) & _flat(b)).sum()
    ),
    "Donnez une proportion entre 0 et 1, et non des pour cent.": lambda a, b: 100 * _share(a, b),
}
