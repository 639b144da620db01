"""Réponses aux exercices sur la comparaison : justes, et fausses avec leur indice."""

from __future__ import annotations

import torch

from pruning_core import magnitude_scores, prunable_parameters


def flat(masks):
    return torch.cat([mask.flatten() for mask in masks.values()])


def share(a, b):
    return ((flat(a) & flat(b)).sum() / flat(a).sum()).item()


def share_of_last_layer(a, b):
    name = list(a)[-1]
    return share({name: a[name]}, {name: b[name]})


def share_without_last_layer(a, b):
    names = list(a)[:-1]
    return share({n: a[n] for n in names}, {n: b[n] for n in names})


def share_in_place(a, b):
    result = share(a, b)
    for name, mask in a.items():
        mask &= b[name]
    return result


def normalised(model):
    weights = prunable_parameters(model)
    return {name: (w.detach() / w.detach().std()).abs() for name, w in weights.items()}


def infinite(model):
    return {name: score / 0 for name, score in magnitude_scores(model).items()}


def doubled_in_place(model):
    for weight in model.parameters():
        weight.data *= 2
    return normalised(model)


RIGHT = [
    ("comparaison-main", (0.5, 1 / 32)),
    ("comparaison-main", (0.5, 0.031)),
    ("comparaison-code", share),
    ("comparaison-code", lambda a, b: (flat(a) & flat(b)).sum() / flat(a).sum()),
    ("comparaison-ouvert", normalised),
]


WRONG = [
    ("comparaison-main", (50, 3.125), "pour cent"),
    ("comparaison-main", (1 / 32, 0.5), "échangées"),
    ("comparaison-main", (2 / 3, 1 / 32), "huit octets"),
    ("comparaison-main", (0.5, 0), "un bit par poids"),
    ("comparaison-main", (0.5, 31 / 32), "part gardée"),
    ("comparaison-main", (0.5, 0.25), "un octet"),
    ("comparaison-main", (0.5, 0.03), "trop arrondi"),
    ("comparaison-main", (0.5, 0.97), "part gardée"),
    ("comparaison-main", (0.4, 1 / 32), "CSR : écrivez"),
    ("comparaison-main", (0.5, 0.6), "comptez un bit"),
    (
        "comparaison-code",
        lambda a, b: ((~flat(a) & ~flat(b)).sum() / (~flat(a)).sum()).item(),
        "retirés en commun",
    ),
    (
        "comparaison-code",
        lambda a, b: ((flat(a) & flat(b)).sum() / (flat(a) | flat(b)).sum()).item(),
        "Jaccard",
    ),
    (
        "comparaison-code",
        lambda a, b: sum(share({n: a[n]}, {n: b[n]}) for n in a) / len(a),
        "moyenne des parts",
    ),
    ("comparaison-code", lambda a, b: (flat(a) == flat(b)).double().mean(), "positions"),
    ("comparaison-code", lambda a, b: (flat(a) & flat(b)).double().mean(), "tous les poids"),
    ("comparaison-code", lambda a, b: (flat(a) & flat(b)).sum(), "un nombre de poids"),
    ("comparaison-code", lambda a, b: 100 * share(a, b), "pour cent"),
    ("comparaison-code", share_of_last_layer, "Il manque des couches"),
    ("comparaison-code", share_without_last_layer, "Il manque des couches"),
    ("comparaison-code", lambda a, b: 0.123, "à la main"),
    ("comparaison-code", lambda a, b: -3, "proportion"),
    ("comparaison-code", lambda a, b: "0,5", "un nombre"),
    ("comparaison-code", share_in_place, "modifie les masques"),
    ("comparaison-code", lambda a, b: share(b, a), "gardés par b"),
    ("comparaison-ouvert", magnitude_scores, "les poids de la magnitude"),
    (
        "comparaison-ouvert",
        lambda model: {name: 3 * s**2 for name, s in magnitude_scores(model).items()},
        "les poids de la magnitude",
    ),
    ("comparaison-ouvert", infinite, "pas un nombre fini"),
    ("comparaison-ouvert", doubled_in_place, "modifie le modèle"),
]
