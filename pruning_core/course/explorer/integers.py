"""Entiers écrits en lettres : un petit entier prend une lettre, que la compression du site réduit.

C'est le VLQ en base 64 des cartes de sources JavaScript : cinq bits par lettre, le sixième dit si
l'entier continue. Le signe est dans le bit de poids faible (0, −1, 1, −2... deviennent 0, 1, 2, 3).
"""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
_BITS = 5
_MORE = 1 << _BITS


def write_integers(values: NDArray[np.integer]) -> str:
    """Écrit une suite d'entiers relatifs ; relue par `readIntegers` dans `js/data/integers.js`.

    Parameters
    ----------
    values : ndarray of int
        Forme [n].

    Returns
    -------
    str
        Une lettre par entier de −16 à 15, deux de −512 à 511, et ainsi de suite.

    Examples
    --------
    >>> write_integers(np.array([0, -1, 1, 15, 16, -17]))
    'ABCegBhB'
    """
    letters = []
    for value in values.tolist():
        rest = 2 * value if value >= 0 else -2 * value - 1
        while rest >= _MORE:
            letters.append(LETTERS[rest % _MORE | _MORE])
            rest >>= _BITS
        letters.append(LETTERS[rest])
    return "".join(letters)
