"""Inventer des mots : tirer chaque lettre au sort, selon les probabilités du modèle.

Le hasard est celui de mulberry32, quelques additions et produits sur 32 bits que JavaScript fait
aussi ; le reste se calcule en `float64`. La page et Python écrivent ainsi les mêmes mots. Un mot ne
dépend que du modèle, de la graine et de son numéro : il se tire seul, ou parmi d'autres.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pruning_core.checks import check_count
from pruning_core.course.words.corpus import ALPHABET, LONGEST, MARK, decode, encode

_WEYL = np.uint32(0x6D2B79F5)
_TOGETHER = 500


def mixed(state: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Ce que mulberry32 tire d'un état, sur 32 bits ; l'état d'après est `state + 0x6D2B79F5`."""
    state = state + _WEYL
    mix = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
    mix = (mix + (mix ^ (mix >> np.uint32(7))) * (mix | np.uint32(61))) ^ mix
    return mix ^ (mix >> np.uint32(14))


def uniforms(seed: int, numbers: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Quinze réels de [0, 1[ par mot, un par lettre.

    Parameters
    ----------
    seed : int
        De 0 à 2³² − 1.
    numbers : tableau uint32 [N]
        Numéros des mots.

    Returns
    -------
    tableau float64 [N, 15]
        Le mot n part de l'état `mixed(mixed(seed) + n)` ; un réel est un tirage, divisé par 2³².
    """
    start = mixed(mixed(np.array([seed], dtype=np.uint32)) + numbers)
    states = start[:, None] + _WEYL * np.arange(LONGEST, dtype=np.uint32)
    drawn: NDArray[np.float64] = mixed(states) / 2.0**32
    return drawn


def invent(
    model: nn.Module, count: int, seed: int = 0, prompt: str = "", *, first: int = 0
) -> list[str]:
    """Invente des mots, lettre par lettre.

    Parameters
    ----------
    model : WordTransformer
        Laissé tel quel.
    count : int
        Nombre de mots.
    seed : int
        De 0 à 2³² − 1.
    prompt : str
        Début de tous les mots, de 14 lettres au plus ; les réels de ces lettres ne servent pas.
    first : int
        Numéro du premier mot.

    Returns
    -------
    list[str]
        De 0 à 15 lettres, sans la marque ; le même mot peut venir plusieurs fois.

    Raises
    ------
    TypeError, ValueError
        Si un nombre ne convient pas, ou si `prompt` est trop long ou d'une autre écriture.

    Notes
    -----
    Une lettre est la première de `ALPHABET` dont la probabilité cumulée dépasse le réel tiré.
    """
    check_count(count, "count")
    check_count(first, "first")
    if not 0 <= check_count(seed, "seed") < 2**32:
        raise ValueError(f"seed : reçu {seed} ; attendu un entier de 0 à 2³² − 1.")
    if len(prompt) >= LONGEST:
        raise ValueError(f"prompt : reçu {prompt!r} ; attendu {LONGEST - 1} lettres au plus.")
    start = encode([prompt])[0][0, : len(prompt) + 1] if prompt else torch.tensor([MARK])
    exact = copy.deepcopy(model).double().eval()
    words = []
    for low in range(first, first + count, _TOGETHER):
        numbers = np.arange(low, min(low + _TOGETHER, first + count), dtype=np.uint32)
        draws = torch.from_numpy(uniforms(seed, numbers))
        words += decode(_written(exact, start.expand(len(numbers), -1), draws))
    return words


@torch.no_grad()
def _written(model: nn.Module, letters: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    """Complète des débuts [N, t] jusqu'à 15 lettres, un réel de `draws` par lettre ajoutée."""
    while letters.shape[1] <= LONGEST:
        cumulated = model(letters)[:, -1].softmax(-1).cumsum(-1)
        drawn = draws[:, letters.shape[1] - 1, None]
        chosen = (cumulated <= drawn).sum(-1, keepdim=True).clamp(max=len(ALPHABET) - 1)
        letters = torch.cat([letters, chosen], dim=1)
    return letters
