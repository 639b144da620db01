"""Réponses aux exercices sur le modèle de langue : justes, et fausses avec leur indice."""

from __future__ import annotations

import torch


def top(scores, count):
    return scores.argsort(dim=1, descending=True).argsort(dim=1) < count


def by_group(scores):
    return top(scores.reshape(-1, 4), 2).reshape(scores.shape)


def by_topk(scores):
    groups = scores.reshape(-1, 4)
    kept = torch.zeros_like(groups, dtype=torch.bool)
    return kept.scatter(1, groups.topk(2, dim=1).indices, True).reshape(scores.shape)


def in_place(scores):
    kept = by_group(scores)
    scores *= kept
    return kept


def strided(scores):
    groups = scores.reshape(len(scores), 4, -1).transpose(1, 2)
    kept = top(groups.reshape(-1, 4), 2).reshape(groups.shape)
    return kept.transpose(1, 2).reshape(scores.shape)


def first_two(scores):
    return (torch.arange(scores.shape[1]) % 4 < 2).expand(scores.shape).clone()


MOVES, STAYS = "changent", "ne changent pas"

RIGHT = [
    ("langue-main", (3, 8)),
    ("langue-echelle", (MOVES, STAYS, MOVES, STAYS)),
    ("langue-main", [3.0, 2**3]),
    ("langue-code", by_group),
    ("langue-code", by_topk),
]


WRONG = [
    ("langue-echelle", (STAYS, STAYS, MOVES, STAYS), "plus petits"),
    ("langue-echelle", (MOVES, MOVES, MOVES, STAYS), "le produit"),
    ("langue-echelle", (MOVES, STAYS, STAYS, STAYS), "autres neurones"),
    ("langue-echelle", (MOVES, STAYS, MOVES, MOVES), "entre eux"),
    ("langue-echelle", (MOVES, STAYS), "4 réponses"),
    ("langue-echelle", (MOVES, STAYS, MOVES, "non"), "Reçu 'non'"),
    ("langue-main", (8, 3), "échangées"),
    ("langue-main", (9, 8), "total du mot"),
    ("langue-main", (4.5, 8), "divisez par deux"),
    ("langue-main", (1.5, 2.83), "oubliez la fin"),
    ("langue-main", (-3, 8), "signe"),
    ("langue-main", (2.08, 8), "népérien"),
    ("langue-main", (0.903, 8), "décimal"),
    ("langue-main", (1.97, 8), "moyenne des logs"),
    ("langue-main", (0.255, 8), "moyenne des chances"),
    ("langue-main", (5, 8), "chacune des trois"),
    ("langue-main", (3, 512), "mot entier"),
    ("langue-main", (3, 9), "carré"),
    ("langue-main", (3, 20.09), "équiprobables"),
    ("langue-code", lambda s: ~by_group(s), "masque inverse"),
    ("langue-code", lambda s: top(s, 2), "deux poids par ligne"),
    ("langue-code", lambda s: top(s, s.shape[1] // 2), "moitié de chaque ligne"),
    (
        "langue-code",
        lambda s: top(s.reshape(1, -1), s.numel() // 2).reshape(s.shape),
        "toute la matrice",
    ),
    ("langue-code", lambda s: by_group(s.T.contiguous()).T, "colonnes"),
    ("langue-code", strided, "se suivent"),
    ("langue-code", lambda s: s > 0.5, "doit en garder deux"),
    ("langue-code", first_two, "plus grand score"),
    ("langue-code", lambda s: s * by_group(s), "des booléens"),
    ("langue-code", lambda s: by_group(s).tolist(), "un masque"),
    ("langue-code", lambda s: by_group(s)[:1], "la forme"),
    ("langue-code", in_place, "modifie les scores"),
]
