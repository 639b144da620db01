"""Les mots français que le modèle lit, une fois pour toutes découpés et codés.

La liste est celle du correcteur d'orthographe du cours (`data/francais.txt.xz`, Dicollecte, MPL
2.0). N'en sont gardées que les formes de 3 à 15 lettres de l'alphabet français, en minuscules. Les
mots d'essai n'ont jamais été vus ; d'autres formes des mêmes mots l'ont parfois été.
"""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import torch

from pruning_core.checks import check_count

ALPHABET = ".abcdefghijklmnopqrstuvwxyzàâæçèéêëîïôûüœ"
"""La marque, qui commence et finit chaque mot, puis les lettres, dans l'ordre d'Unicode."""

MARK = 0
"""Le rang de la marque dans `ALPHABET`."""

LONGEST = 15
SHORTEST = 3
CONTEXT = LONGEST + 1
"""Nombre de positions : les lettres d'un mot, et la marque."""

IGNORED = -100
"""La cible d'une position de remplissage, celle qu'ignore `nn.CrossEntropyLoss`."""

_INDEX = {letter: rank for rank, letter in enumerate(ALPHABET)}
_LETTERS = frozenset(ALPHABET[1:])
_SPLIT_SEED = 0
_TEST, _VALIDATION = 20_000, 5_000


class Split(NamedTuple):
    """Découpage disjoint : on apprend sur `train`, on choisit sur `validation`, on rapporte
    sur `test`."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def french_forms() -> tuple[str, ...]:
    """Toutes les formes du dictionnaire, telles que le correcteur du cours les lit."""
    packed = (files("pruning_core.course") / "data" / "francais.txt.xz").read_bytes()
    return tuple(lzma.decompress(packed).decode().split("\n"))


@cache
def french_words() -> tuple[str, ...]:
    """Les formes de 3 à 15 lettres de `ALPHABET`, triées."""
    return tuple(
        sorted(
            {
                form
                for form in french_forms()
                if SHORTEST <= len(form) <= LONGEST and _LETTERS.issuperset(form)
            }
        )
    )


@cache
def split() -> Split:
    """Le découpage du cours : 20 000 mots d'essai, 5 000 de validation, le reste pour apprendre."""
    words = french_words()
    # RandomState, et non default_rng : NumPy garantit que sa suite ne changera plus.
    order = np.random.RandomState(_SPLIT_SEED).permutation(len(words))
    test, validation, train = np.split(order, [_TEST, _TEST + _VALIDATION])
    return Split(*(tuple(words[rank] for rank in part) for part in (train, validation, test)))


def calibration(count: int = 1_000, seed: int = 0) -> tuple[str, ...]:
    """Des mots d'entraînement tirés au sort, ceux que lit un élagage.

    Parameters
    ----------
    count : int
        Au plus le nombre de mots d'entraînement.
    seed : int

    Returns
    -------
    tuple[str, ...]
        Sans répétition.

    Raises
    ------
    TypeError, ValueError
        Si `count` n'est pas un entier de 1 au nombre de mots d'entraînement.
    """
    train = split().train
    check_count(count, "count", minimum=1)
    if count > len(train):
        raise ValueError(f"count : reçu {count} ; attendu {len(train)} au plus.")
    order = np.random.RandomState(seed).permutation(len(train))
    return tuple(train[rank] for rank in order[:count])


def encode(words: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Code des mots : à chaque position, la lettre lue et celle à deviner.

    Parameters
    ----------
    words : suite de str
        De 1 à 15 lettres de `ALPHABET`.

    Returns
    -------
    Tensor, Tensor
        Les entrées et les cibles, int64 [N, 16]. La marque ouvre les entrées et ferme les cibles ;
        la suite est remplie de marques dans les entrées, de `IGNORED` dans les cibles.

    Raises
    ------
    ValueError
        Si un mot est vide, trop long, ou d'une autre écriture.

    Examples
    --------
    >>> inputs, targets = encode(["les"])
    >>> inputs[0, :5].tolist(), targets[0, :5].tolist()
    ([0, 12, 5, 19, 0], [12, 5, 19, 0, -100])
    """
    inputs = np.full((len(words), CONTEXT), MARK, dtype=np.int64)
    targets = np.full((len(words), CONTEXT), IGNORED, dtype=np.int64)
    for row, word in enumerate(words):
        if not 1 <= len(word) <= LONGEST or not _LETTERS.issuperset(word):
            raise ValueError(
                f"mot : reçu {word!r} ; attendu de 1 à {LONGEST} lettres parmi « {ALPHABET[1:]} »."
            )
        codes = [_INDEX[letter] for letter in word]
        inputs[row, 1 : len(word) + 1] = codes
        targets[row, : len(word) + 1] = [*codes, MARK]
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def word_batches(words: Sequence[str]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Code des mots en lots sans remplissage : un lot par longueur, de la plus petite à l'autre.

    C'est ce qu'un élagage lit : Wanda et OBS par couche tiennent compte de tout ce qui entre dans
    une couche, remplissage compris.

    Parameters
    ----------
    words : suite de str
        Comme pour `encode`.

    Returns
    -------
    list[tuple[Tensor, Tensor]]
        Entrées et cibles de chaque lot, int64 [N, T], T étant le nombre de lettres, plus une.
    """
    inputs, targets = encode(words)
    lengths = (targets != IGNORED).sum(1)
    return [
        (inputs[lengths == length, :length], targets[lengths == length, :length])
        for length in lengths.unique().tolist()
    ]


def decode(inputs: torch.Tensor) -> list[str]:
    """Relit les mots d'entrées codées, [N, T] : de la première marque, exclue, à la suivante."""
    rows = ("".join(ALPHABET[code] for code in row[1:]) for row in inputs.tolist())
    return [row.split(ALPHABET[MARK], 1)[0] for row in rows]
