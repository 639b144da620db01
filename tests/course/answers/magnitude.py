"""Réponses aux exercices sur la magnitude : justes, et fausses avec leur indice."""

from __future__ import annotations

import math

import numpy as np
import torch

from pruning_core import global_masks, layerwise_masks, magnitude_scores, prunable_parameters


def uniform(model, sparsity):
    masks = {}
    for name, weight in prunable_parameters(model).items():
        masks |= global_masks({name: weight.detach().abs()}, sparsity)
    return masks


def edited(model, sparsity, edit):
    return {name: edit(mask) for name, mask in uniform(model, sparsity).items()}


def ranked(model, sparsity, score=torch.abs, count=round, **options):
    """Une sélection par couche où l'on peut changer le score, l'arrondi ou l'ordre du tri."""
    masks = {}
    for name, weight in prunable_parameters(model).items():
        order = score(weight.detach()).flatten().argsort(stable=True, **options)
        mask = torch.ones(weight.numel(), dtype=torch.bool)
        mask[order[: count(sparsity * weight.numel())]] = False
        masks[name] = mask.reshape(weight.shape)
    return masks


def last_first(weight):
    """Un score qui départage les égalités par le plus grand indice."""
    return weight.abs() - 1e-9 * torch.arange(weight.numel()).reshape(weight.shape)


def half_up(value):
    return math.floor(value + 0.5)


def threshold(model, sparsity):
    weights = prunable_parameters(model)
    return {n: w.abs() > torch.quantile(w.abs().detach(), sparsity) for n, w in weights.items()}


def by_name(model, sparsity):
    weights = {n: p.detach().abs() for n, p in model.named_parameters() if "weight" in n}
    return layerwise_masks(weights, sparsity)


def with_biases(model, sparsity):
    weights = {n: p.detach().abs() for n, p in model.named_parameters()}
    return layerwise_masks(weights, sparsity)


def pruning_the_model(model, sparsity):
    masks = uniform(model, sparsity)
    with torch.no_grad():
        for name, weight in prunable_parameters(model).items():
            weight *= masks[name]
    return masks


def kept_when_all_is_asked(model, sparsity):
    return uniform(model, min(sparsity, 0.9))


RIGHT = [
    ("magnitude-main", [1, 2]),
    ("magnitude-main", {2, 1}),
    ("magnitude-main", torch.tensor([2, 1])),
    ("magnitude-main", np.array([1, 2])),
    ("magnitude-code", uniform),
    ("magnitude-code", lambda model, s: ranked(model, s, count=half_up)),
    ("magnitude-code", lambda model, s: layerwise_masks(magnitude_scores(model), s)),
    ("magnitude-budget", {"0.weight": 0.84, "2.weight": 0.76, "4.weight": 0.6}),
]


WRONG = [
    ("magnitude-main", [1, 2, 4], "seuil"),
    ("magnitude-main", [2, 3], "commencent à 0"),
    ("magnitude-main", [1, 4], "égalité"),
    ("magnitude-main", [2, 4], "égalité"),
    ("magnitude-main", [1], "bon nombre de poids"),
    ("magnitude-main", [], "bon nombre de poids"),
    ("magnitude-main", [0, 3], "plus grandes"),
    ("magnitude-main", [1, 3], "signe"),
    ("magnitude-main", [0, 1], "cinq scores"),
    ("magnitude-main", [1, 5], "indices 0, 1, 2, 3 et 4"),
    ("magnitude-main", [False, True, True, False, False], "masque"),
    ("magnitude-main", [1.5, 2], "entiers"),
    ("magnitude-main", 2, "liste"),
    ("magnitude-code", lambda model, s: list(uniform(model, s).values()), "un dictionnaire"),
    ("magnitude-code", by_name, "BatchNorm"),
    ("magnitude-code", with_biases, "biais"),
    ("magnitude-code", lambda model, s: {"0.weight": uniform(model, s)["0.weight"]}, "Il manque"),
    ("magnitude-code", lambda model, s: dict.fromkeys(uniform(model, s), 1), "un tenseur"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.flatten), "la forme [20]"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.Tensor.float), "booléens"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.logical_not), "à l'envers"),
    (
        "magnitude-code",
        lambda model, s: ranked(model, s, lambda w: -w.abs(), half_up),
        "plus grandes",
    ),
    ("magnitude-code", lambda model, s: ranked(model, s, lambda w: w, half_up), "leur signe"),
    ("magnitude-code", lambda model, s: global_masks(magnitude_scores(model), s), "globale"),
    ("magnitude-code", threshold, "Un seuil ne compte pas"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.ones_like), "retirez 0 poids"),
    ("magnitude-code", ranked, "l'arrondi"),
    ("magnitude-code", lambda model, s: ranked(model, s, count=int), "l'arrondi"),
    ("magnitude-code", lambda model, s: ranked(model, s, last_first, half_up), "plus petit indice"),
    (
        "magnitude-code",
        lambda model, s: ranked(model, s, torch.zeros_like, half_up),
        "pas les plus petites",
    ),
    ("magnitude-code", pruning_the_model, "modifie le modèle"),
    ("magnitude-code", kept_when_all_is_asked, "à 100"),
    ("magnitude-budget", [0.8, 0.8, 0.8], "dictionnaire"),
    ("magnitude-budget", {"0.weight": 0.9}, "Il manque"),
    ("magnitude-budget", {"0": 0.9, "2.weight": 0.9, "4.weight": 0.9}, "Noms inconnus : ['0']"),
    ("magnitude-budget", {"0.weight": 90, "2.weight": 0.9, "4.weight": 0.9}, "réel de [0, 1]"),
    ("magnitude-budget", {"0.weight": "a", "2.weight": 0.9, "4.weight": 0.9}, "un nombre réel"),
    ("magnitude-budget", {"0.weight": 0.8, "2.weight": 0.7, "4.weight": 0}, "il en faut au moins"),
    ("magnitude-budget", dict.fromkeys(["0.weight", "2.weight", "4.weight"], 0.8), "contre"),
    ("magnitude-budget", {"0.weight": 0.9, "2.weight": 0.9, "4.weight": 0.9}, "contre"),
]
