"""Réponses aux exercices sur le second ordre : justes, et fausses avec leur indice."""

from __future__ import annotations

import torch


def column_of_inverse(H, q):
    inverse = torch.linalg.inv(H)
    return inverse[:, q], inverse[q, q]


def obs(w, H, q):
    column, pivot = column_of_inverse(H, q)
    return w - w[q] / pivot * column


def obs_in_place(w, H, q):
    w -= w[q] / column_of_inverse(H, q)[1] * column_of_inverse(H, q)[0]
    return w


def obs_nearly(w, H, q):
    new = obs(w, H, q)
    new[q] = 5e-9
    return new


def obs_forgetting(w, H, q):
    new = obs(w, H, q)
    new[q] = w[q]
    return new


def obs_alone(w, H, q):
    new = w.clone()
    new[q] = 0
    return new


def dropped(matrix, q):
    kept = torch.arange(len(matrix)) != q
    return matrix[kept][:, kept]


def outer(inverse, q):
    return torch.outer(inverse[:, q], inverse[:, q])


RIGHT = [
    ("obs-main", (0, -0.05)),
    ("obs-main", (1, 0.05)),
    ("obs-code", obs),
    ("obs-inverse", lambda B, q: dropped(B - outer(B, q) / B[q, q], q)),
    ("obs-inverse", lambda B, q: torch.linalg.inv(dropped(torch.linalg.inv(B), q))),
]


WRONG = [
    ("obs-main", (2, -1), "OBD"),
    ("obs-main", (0, -1.95), "mauvais sens"),
    ("obs-main", (1, 1.95), "mauvais sens"),
    ("obs-main", (0, 0.05), "pas le signe"),
    ("obs-main", (1, -0.05), "commencent à 0"),
    ("obs-main", (2, 0.05), "commencent à 0"),
    ("obs-main", (0, 0.95), "déplacement"),
    ("obs-main", (0, -1), "ne bouge pas"),
    ("obs-main", (0, 12), "bien choisi"),
    ("obs-main", (3, 0), "indices 0, 1 et 2"),
    ("obs-code", obs_alone, "compensation"),
    ("obs-code", lambda w, H, q: 2 * w - obs(w, H, q), "mauvais signe"),
    ("obs-code", lambda w, H, q: obs(w, H, q) - w, "déplacement"),
    ("obs-code", lambda w, H, q: w - w[q] / H[q, q] * H[:, q], "vous utilisez H"),
    ("obs-code", lambda w, H, q: w - w[q] / H[q, q] * torch.linalg.inv(H)[:, q], "H_qq"),
    (
        "obs-code",
        lambda w, H, q: w - column_of_inverse(H, q)[0] / column_of_inverse(H, q)[1],
        "w_q",
    ),
    ("obs-code", lambda w, H, q: w - w[q] * torch.linalg.inv(H)[:, q], "division"),
    ("obs-code", obs_nearly, "0,000000005"),
    ("obs-code", obs_forgetting, "n'est pas à zéro"),
    ("obs-code", obs_in_place, "modifie w"),
    ("obs-code", lambda w, H, q: obs(w, H, q)[torch.arange(len(w)) != q], "la forme [3]"),
    ("obs-code", lambda w, H, q: obs(w, H, q).tolist(), "un tenseur"),
    ("obs-code", lambda w, H, q: 3 * w, "pas ceux de la formule"),
    ("obs-inverse", dropped, "ne suffit pas"),
    ("obs-inverse", lambda B, q: dropped(B + outer(B, q) / B[q, q], q), "mauvais signe"),
    ("obs-inverse", lambda B, q: B - outer(B, q) / B[q, q], "ôter la ligne"),
    ("obs-inverse", lambda B, q: dropped(B - outer(B, q), q), "division"),
    ("obs-inverse", lambda B, q: dropped(torch.linalg.inv(B), q), "multipliez"),
    ("obs-inverse", lambda B, q: B.zero_(), "modifie l'inverse"),
    ("obs-inverse", lambda B, q: B, "la forme [3, 3]"),
]
