"""Réponses aux exercices sur le gradient : justes, et fausses avec leur indice."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from pruning_core import magnitude_scores, prunable_parameters


def snip(model, x, y, *, edit=torch.abs, reduction="mean"):
    weights = prunable_parameters(model)
    loss = F.cross_entropy(model(x), y, reduction=reduction)
    gradients = torch.autograd.grad(loss, list(weights.values()))
    return {n: edit(w.detach() * g) for (n, w), g in zip(weights.items(), gradients, strict=True)}


def snip_by_backward(model, x, y):
    F.cross_entropy(model(x), y).backward()
    return {n: (w * w.grad).abs().detach() for n, w in prunable_parameters(model).items()}


def snip_in_training_mode(model, x, y):
    scores = snip(model, x, y)
    model.train()
    return scores


def snip_moving_statistics(model, x, y):
    model.train()
    model(x)
    model.eval()
    return snip(model, x, y)


def snip_without_weight(model, x, y):
    weights = prunable_parameters(model)
    gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(weights.values()))
    return {n: g.abs() for n, g in zip(weights, gradients, strict=True)}


def snip_by_example(model, x, y):
    each = [snip(model, x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    return {n: sum(scores[n] for scores in each) / len(each) for n in each[0]}


def snip_with_graph(model, x, y):
    weights = prunable_parameters(model)
    loss = F.cross_entropy(model(x), y)
    gradients = torch.autograd.grad(loss, list(weights.values()))
    return {n: (w * g).abs() for (n, w), g in zip(weights.items(), gradients, strict=True)}


def snip_everywhere(model, x, y):
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(parameters.values()))
    return {n: g.abs() for n, g in zip(parameters, gradients, strict=True)}


def snip_freezing(model, x, y):
    scores = snip(model, x, y)
    model.requires_grad_(False)
    return scores


def snip_stepping(model, x, y):
    scores = snip(model, x, y)
    with torch.no_grad():
        model[0].bias += 1
    return scores


RIGHT = [
    ("gradient-main", (2, 0)),
    ("gradient-main", [2.0, torch.tensor(0.0)]),
    ("gradient-code", snip),
]


WRONG = [
    ("gradient-main", (0, 2), "échangées"),
    ("gradient-main", (0, 0), "lot par lot"),
    ("gradient-main", (1, 0), "|w|"),
    ("gradient-main", (4, 0), "additionnez"),
    ("gradient-main", (2, 2), "un lot de 2"),
    ("gradient-main", (7, 7), "deux lots"),
    ("gradient-main", 2, "2 nombres"),
    ("gradient-main", ("2", 0), "2 nombres"),
    ("gradient-main", (math.nan, 0), "2 nombres"),
    ("gradient-code", lambda m, x, y: list(snip(m, x, y).values()), "un dictionnaire"),
    ("gradient-code", snip_everywhere, "biais"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, edit=lambda s: s), "ont un signe"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, edit=torch.neg), "au signe près"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, edit=torch.square), "carré"),
    ("gradient-code", lambda m, x, y: magnitude_scores(m), "Il manque le gradient"),
    ("gradient-code", snip_without_weight, "Il manque le poids"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, reduction="sum"), "une somme"),
    ("gradient-code", snip_by_example, "exemple par exemple"),
    ("gradient-code", lambda m, x, y: snip(m, x[:3], y[:3]), "pour ['0.weight', '3.weight']"),
    ("gradient-code", snip_with_graph, "le graphe"),
    ("gradient-code", snip_by_backward, ".grad"),
    ("gradient-code", snip_in_training_mode, "mode"),
    ("gradient-code", snip_moving_statistics, "Les statistiques"),
    ("gradient-code", snip_freezing, "requires_grad"),
    ("gradient-code", snip_stepping, "modifie le modèle"),
]
