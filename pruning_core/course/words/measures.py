"""Ce que vaut un modèle de mots : ses bits par lettre, et ce que sont ses inventions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.course.words.corpus import IGNORED, encode, french_words

_TOGETHER = 1_000


def bits_per_letter(model: nn.Module, words: Sequence[str], *, mark: bool = True) -> float:
    """Surprise moyenne du modèle, en bits par lettre : −log₂ de la probabilité de la bonne.

    Parameters
    ----------
    model : WordTransformer
        Laissé tel quel.
    words : suite de str
        Au moins un mot.
    mark : bool
        Si vrai, la fin d'un mot compte comme une lettre, à deviner aussi : c'est la mesure du
        cours. Sinon, les mêmes bits, fin comprise, sont partagés entre les seules lettres.

    Returns
    -------
    float
        Au hasard, log₂ 41 = 5,36.

    Raises
    ------
    ValueError
        S'il n'y a pas de mot.
    """
    if not words:
        raise ValueError("words : reçu 0 mot ; attendu au moins un mot.")
    inputs, targets = encode(words)
    bits = letter_bits(model, inputs, targets).sum().item()
    return bits / int((targets != IGNORED).sum() - (0 if mark else len(words)))


@torch.no_grad()
def letter_bits(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Surprise de chaque lettre, en bits, [N, T] ; nulle où il n'y a rien à deviner."""
    losses = [
        F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=IGNORED, reduction="none")
        for x, y in zip(inputs.split(_TOGETHER), targets.split(_TOGETHER), strict=True)
    ]
    return torch.cat(losses).double() / math.log(2)


@cache
def _known() -> frozenset[str]:
    return frozenset(french_words())


def known_share(words: Sequence[str]) -> float:
    """Part de mots qui sont dans la liste, dans [0, 1] ; les répétitions comptent.

    Raises
    ------
    ValueError
        S'il n'y a pas de mot.
    """
    if not words:
        raise ValueError("words : reçu 0 mot ; attendu au moins un mot.")
    return sum(word in _known() for word in words) / len(words)


def new_words(words: Sequence[str]) -> list[str]:
    """Ceux qui ne sont pas dans la liste, ni donc dans ce que le modèle a lu, dans leur ordre."""
    return [word for word in words if word not in _known()]
