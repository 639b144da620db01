"""Réponses aux exercices sur OBD : justes, et fausses avec leur indice."""

from __future__ import annotations

import torch
from torch import nn

from pruning_core import global_masks, obd_scores, prunable_parameters, pruned_copy
from pruning_core.course.datasets import load_digits


def fisher(gradients):
    return (gradients**2).mean(0)


def saliences(w, gradients):
    return fisher(gradients) * w**2 / 2


def in_place(w, gradients):
    gradients.square_()
    return gradients.mean(0) * w**2 / 2


def scores(net):
    return obd_scores(net, [load_digits().train], nn.CrossEntropyLoss())


def path(net, sparsity, steps):
    for step in range(1, steps + 1):
        net = pruned_copy(net, global_masks(scores(net), sparsity * step / steps))
    return net


def jump(net, sparsity, steps):
    return pruned_copy(net, global_masks(scores(net), sparsity))


def never_recomputed(net, sparsity, steps):
    found = scores(net)
    for step in range(1, steps + 1):
        net = pruned_copy(net, global_masks(found, sparsity * step / steps))
    return net


def each_time(net, sparsity, steps):
    return jump(net, sparsity / steps, steps)


def spoiling(net, sparsity, steps):
    after = path(net, sparsity, steps)
    net.load_state_dict(after.state_dict())
    return net


def backwards(net, sparsity, steps):
    """Garde ce qu'il faut retirer."""
    worst = {name: -score for name, score in scores(net).items()}
    return pruned_copy(net, global_masks(worst, sparsity))


RIGHT = [
    ("obd-main", (0, 2.25)),
    ("obd-code", saliences),
    ("obd-ouvert", path),
]

WRONG = [
    ("obd-main", (0, 4.5), "facteur ½"),
    ("obd-main", (0, 0.75), "au carré"),
    ("obd-main", (0, 9), "vous divisez"),
    ("obd-main", (1, 0.0625), "formule inversée"),
    ("obd-main", (1, 4), "magnitude"),
    ("obd-main", (2, 6), "commencent à 0"),
    ("obd-main", (0, 1), "bien choisi"),
    ("obd-main", (3, 0), "indices 0, 1 et 2"),
    ("obd-code", lambda w, g: g.mean(0) ** 2 * w**2 / 2, "gradient moyen"),
    ("obd-code", lambda w, g: w**2 / (2 * fisher(g)), "divisez"),
    ("obd-code", lambda w, g: fisher(g) * w**2, "facteur ½"),
    ("obd-code", lambda w, g: (g**2).sum(0) * w**2 / 2, "leur moyenne"),
    ("obd-code", lambda w, g: fisher(g) * w / 2, "au carré"),
    ("obd-code", lambda w, g: fisher(g) / 2, "courbure seule"),
    ("obd-code", lambda w, g: 3 * w, "moyenne des carrés"),
    ("obd-code", lambda w, g: g, "la forme [4, 3]"),
    ("obd-code", lambda w, g: saliences(w, g).tolist(), "un tenseur"),
    ("obd-code", in_place, "modifie ce qu'elle reçoit"),
    ("obd-ouvert", jump, "un seul pas"),
    ("obd-ouvert", never_recomputed, "un seul pas"),
    ("obd-ouvert", each_time, "élagué à 18,0"),
    ("obd-ouvert", spoiling, "modifie le réseau"),
    ("obd-ouvert", backwards, "devrait gagner"),
    ("obd-ouvert", lambda net, s, n: torch.zeros(1), "un réseau"),
    ("obd-ouvert", lambda net, s, n: prunable_parameters(net), "un réseau"),
]
