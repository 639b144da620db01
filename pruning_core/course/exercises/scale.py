"""Exercices ouverts des leçons 8.1.1 et 8.1.2 : des scores qui connaissent leur échelle."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from pruning_core.course.exercises.reading import Witness, call, check_tensors, close
from pruning_core.course.exercises.verdict import Hint
from pruning_core.course.formatting import number, percent
from pruning_core.course.models import rescaled
from pruning_core.masks.choosing import global_masks
from pruning_core.types import Scores
from pruning_core.weights.prunable import prunable_parameters

_SPARSITIES = (0.3, 0.5, 0.7)


def scale_free(function: Any) -> str:
    """Juge une fonction `model -> scores` : les masques d'un réseau et de ses jumeaux sont égaux.

    Un jumeau calcule la même fonction : une couche suivie d'un ReLU y est multipliée, la suivante
    divisée d'autant.
    """
    model = _network(seed=0)
    scores = _scores(function, model)
    if all(bool((score == score.flatten()[0]).all()) for score in scores.values()):
        raise Hint("Dans chaque couche, tous vos scores sont égaux : ils ne choisissent rien.")
    if _same_masks(scores, _scores(function, _network(seed=1))) is None:
        raise Hint("Vos masques sont les mêmes pour un tout autre réseau : lisez ses poids.")
    for name, weight in prunable_parameters(model).items():
        larger = weight.detach().abs() > weight.detach().abs().median()
        if scores[name][larger].mean() < scores[name][~larger].mean():
            raise Hint(f"{name} : les grands poids y partent les premiers. Petit score, élagué.")
    for layer, factor in ((0, 10.0), (2, 7.0), (2, 0.1)):
        twin = rescaled(model, layer, factor)
        differ = _same_masks(scores, _scores(function, twin))
        if differ is not None:
            raise Hint(
                f"Couche {layer // 2 + 1} multipliée par {number(factor, 1)}, la suivante divisée "
                f"d'autant : à {percent(differ, 0)}, vos masques ne sont plus les mêmes. Qu'est-ce "
                "qui, dans une couche, est multiplié en même temps que ses poids ?"
            )
    return "Un réseau et ses jumeaux reçoivent les mêmes masques, quelle que soit la couche."


def by_input(function: Any) -> str:
    """Juge une fonction `(net, x) -> {nom: |w_ij| · ‖x_j‖}`, `x_j` l'entrée j de la couche."""
    model = _network(seed=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        x = torch.rand(7, 4, dtype=torch.float64)
    weights = {name: w.detach() for name, w in prunable_parameters(model).items()}
    witness = Witness(model)
    found = check_tensors(call(function, model, x), weights, "score")
    witness.check()
    inputs, before_relu = _layer_inputs(model, x)
    expected = {n: w.abs() * inputs[n].norm(dim=0) for n, w in weights.items()}
    # La racine de la moyenne des carrés ne change la norme que d'un facteur, le même partout.
    root_mean_square = {n: score / len(x) ** 0.5 for n, score in expected.items()}
    if _equal(found, expected) or _equal(found, root_mean_square):
        return "Chaque poids est pesé par l'entrée qu'il reçoit, celle de sa couche, après le ReLU."
    for hint, scores in _input_mistakes(weights, inputs, before_relu).items():
        if _equal(found, scores):
            raise Hint(hint)
    wrong = [name for name in found if not close(found[name], expected[name])]
    raise Hint(f"Les scores ne sont pas ceux de la formule pour {wrong}.")


def _network(seed: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = (nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
        return nn.Sequential(*layers).double().eval()


def _scores(function: Any, model: nn.Module) -> Scores:
    weights = {name: w.detach() for name, w in prunable_parameters(model).items()}
    witness = Witness(model)
    found = check_tensors(call(function, model), weights, "score")
    witness.check()
    for name, score in found.items():
        if score.is_complex() or not bool(torch.isfinite(score).all()):
            raise Hint(f"{name} : attendu des scores réels, tous finis.")
    return {name: score.detach().double() for name, score in found.items()}


def _same_masks(scores: Scores, others: Scores) -> float | None:
    """Rend la première sparsité où les masques diffèrent ; `None` s'ils sont partout les mêmes."""
    for sparsity in _SPARSITIES:
        masks, other_masks = global_masks(scores, sparsity), global_masks(others, sparsity)
        if any(not torch.equal(masks[name], other_masks[name]) for name in masks):
            return sparsity
    return None


def _layer_inputs(
    model: nn.Sequential, x: torch.Tensor
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Rend l'entrée de chaque couche linéaire, et ce qu'elle était avant le ReLU."""
    inputs, before = {}, {}
    raw = x
    with torch.no_grad():
        for place, layer in model.named_children():
            if isinstance(layer, nn.Linear):
                inputs[f"{place}.weight"], before[f"{place}.weight"] = x, raw
                raw = x = layer(x)
            else:
                x = layer(x)
    return inputs, before


def _input_mistakes(
    weights: Scores, inputs: dict[str, torch.Tensor], before_relu: dict[str, torch.Tensor]
) -> dict[str, Scores]:
    norms = {name: x.norm(dim=0) for name, x in inputs.items()}
    return {
        "Il manque l'entrée : vous rendez la magnitude.": {n: w.abs() for n, w in weights.items()},
        "Vos scores ont un signe : prenez la valeur absolue du poids.": {
            n: w * norms[n] for n, w in weights.items()
        },
        "Il manque le poids : vous rendez la norme de l'entrée seule.": {
            n: norms[n].expand_as(w) for n, w in weights.items()
        },
        "Vous prenez le carré de la norme : il manque la racine.": {
            n: w.abs() * norms[n].square() for n, w in weights.items()
        },
        "Vous prenez la moyenne des |x_j|, et non leur norme.": {
            n: w.abs() * inputs[n].abs().mean(dim=0) for n, w in weights.items()
        },
        "Vous prenez la somme des |x_j|, et non leur norme : les carrés manquent.": {
            n: w.abs() * inputs[n].abs().sum(dim=0) for n, w in weights.items()
        },
        "L'entrée d'une couche est ce qui sort du ReLU, et non ce qui y entre.": {
            n: w.abs() * before_relu[n].norm(dim=0) for n, w in weights.items()
        },
    }


def _equal(found: dict[str, torch.Tensor], expected: Scores) -> bool:
    return all(close(found[name], expected[name]) for name in expected)
