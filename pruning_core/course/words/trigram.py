"""Le témoin : deviner une lettre d'après les deux d'avant, en comptant.

Chaque probabilité est une fréquence, tirée vers celle du contexte plus court : on y ajoute
`strength` observations imaginaires, réparties comme il le prévoit. Cette force se choisit sur les
mots de validation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pruning_core.course.words.corpus import ALPHABET, IGNORED, MARK, encode, split

ORDER = 3
STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)


class LetterCounts:
    """Un modèle de langue qui compte : `order` − 1 lettres de contexte.

    Parameters
    ----------
    words : suite de str
        Ceux qu'il compte.
    order : int
        3 pour un trigramme ; 1 ne lit rien d'avant.
    strength : float
        Observations imaginaires ajoutées à chaque contexte, plus que 0.
    """

    def __init__(self, words: Sequence[str], order: int = ORDER, *, strength: float = 1.0) -> None:
        self.strength = strength
        self._counts = [_counts(words, context) for context in range(order)]

    def kept(self) -> int:
        """Combien de nombres il retient : les contextes suivis d'une lettre qu'il a rencontrés."""
        return sum(int(np.count_nonzero(counts)) for counts in self._counts)

    def bits_per_letter(self, words: Sequence[str]) -> float:
        """Comme `measures.bits_per_letter` : la fin d'un mot compte comme une lettre."""
        size = len(ALPHABET)
        probability: NDArray[np.float64] | float = 1.0 / size
        for context, counts in enumerate(self._counts):
            codes = _codes(words, context)
            together = counts[codes]
            before = counts.reshape(-1, size).sum(1)[codes // size]
            probability = (together + self.strength * probability) / (before + self.strength)
        return float(-np.log2(probability).mean())


def _codes(words: Sequence[str], context: int) -> NDArray[np.int64]:
    """Chaque lettre à deviner et les `context` d'avant, en un nombre de base V."""
    inputs, targets = (part.numpy() for part in encode(words))
    padded = np.pad(inputs, ((0, 0), (context, 0)), constant_values=MARK)
    width = inputs.shape[1]
    codes = np.zeros_like(inputs)
    for back in range(context, 0, -1):
        codes = codes * len(ALPHABET) + padded[:, context - back + 1 : context - back + 1 + width]
    known = targets != IGNORED
    found: NDArray[np.int64] = codes[known] * len(ALPHABET) + targets[known]
    return found


def _counts(words: Sequence[str], context: int) -> NDArray[np.int64]:
    return np.bincount(_codes(words, context), minlength=len(ALPHABET) ** (context + 1))


def best_letter_counts(order: int = ORDER) -> LetterCounts:
    """Le modèle d'un ordre donné, appris sur l'entraînement, sa force choisie sur la validation."""
    model = LetterCounts(split().train, order)
    found = {}
    for strength in STRENGTHS:
        model.strength = strength
        found[strength] = model.bits_per_letter(split().validation)
    model.strength = min(found, key=found.__getitem__)
    return model
