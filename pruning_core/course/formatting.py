"""Écrire les nombres à la française : virgule décimale, espaces insécables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

_NARROW_SPACE = "\u202f"
_SPACE = "\u00a0"
_EXPONENT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_MOST_DIGITS = 4
_SMALLEST = 10.0**-_MOST_DIGITS  # en deçà, quatre décimales ne disent plus rien


def number(value: float, digits: int = 0) -> str:
    """Écrit un nombre à la française.

    Parameters
    ----------
    value : float
        Nombre à écrire.
    digits : int
        Nombre de décimales.

    Returns
    -------
    str
        Par exemple « 1 797 » ou « 0,35 » ; l'espace des milliers est fine et insécable.

    Examples
    --------
    >>> number(1797)
    '1\\u202f797'
    >>> number(-0.354, 2)
    '−0,35'
    """
    # « −0,0 » n'a pas de sens pour un lecteur : le signe se décide après l'arrondi.
    text = f"{abs(value):,.{digits}f}".replace(",", _NARROW_SPACE).replace(".", ",")
    rounds_to_zero = not text.strip("0," + _NARROW_SPACE)
    return text if value >= 0 or rounds_to_zero else f"−{text}"


def percent(value: float, digits: int = 1) -> str:
    """Écrit une proportion en pour cent.

    Parameters
    ----------
    value : float
        Proportion, 1 valant 100 %.
    digits : int
        Nombre de décimales.

    Returns
    -------
    str
        Par exemple « 93,8 % », l'espace étant insécable.

    Examples
    --------
    >>> percent(0.9375)
    '93,8\\xa0%'
    """
    return f"{number(100 * value, digits)}{_SPACE}%"


def readable(value: Any, digits: int | None = None) -> str:
    """Écrit une valeur de Python comme un lecteur la lit, et non comme `print` l'écrirait.

    Parameters
    ----------
    value : bool, int, float, str, Tensor, ndarray, suite ou dictionnaire
        Valeur à écrire ; une suite, un tenseur ou un dictionnaire peut en contenir d'autres.
    digits : int, optionnel
        Nombre de décimales des réels ; par défaut, ce qu'il en faut, quatre au plus.

    Returns
    -------
    str
        « oui » ou « non » ; un nombre à la française, en puissance de dix s'il est trop petit pour
        quatre décimales ; une suite, « 0,5 ; 1 » ; une matrice, une ligne par ligne ; un
        dictionnaire, « nom : valeur » par ligne. Un texte est rendu tel quel.

    Raises
    ------
    TypeError
        Si la valeur est d'une autre sorte.

    Examples
    --------
    >>> readable(45.0), readable([0.5, -1.25]), readable(True)
    ('45', '0,5\\xa0; −1,25', 'oui')
    >>> readable(2.3e-7)
    '2,3\\xa0×\\xa010⁻⁷'
    """
    if isinstance(value, torch.Tensor):
        return readable(value.detach().cpu().tolist(), digits)
    if isinstance(value, np.ndarray | np.generic):
        return readable(value.tolist(), digits)
    if isinstance(value, Mapping):
        return "\n".join(_entry(key, readable(one, digits)) for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        flat = not any(_is_many(one) for one in value)
        return (f"{_SPACE}; " if flat else "\n").join(readable(one, digits) for one in value)
    return _scalar(value, digits)


def _is_many(value: object) -> bool:
    return not isinstance(value, str) and isinstance(
        value, Sequence | Mapping | torch.Tensor | np.ndarray
    )


def _entry(key: object, text: str) -> str:
    """« nom : valeur », ou le nom puis, en retrait, les lignes de la valeur."""
    if "\n" not in text:
        return f"{key}{_SPACE}: {text}"
    return f"{key}{_SPACE}:\n  " + text.replace("\n", "\n  ")


def _scalar(value: object, digits: int | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return number(value)
    if not isinstance(value, float):
        raise TypeError(
            f"valeur : reçu {type(value).__name__} ; attendu un nombre, un texte, un booléen, un "
            "tenseur, une suite ou un dictionnaire"
        )
    if math.isnan(value):
        return "indéfini"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if digits is not None:
        return number(value, digits)
    if value and abs(value) < _SMALLEST:
        mantissa, exponent = f"{value:.1e}".split("e")
        power = str(int(exponent)).translate(_EXPONENT)
        return f"{readable(float(mantissa))}{_SPACE}×{_SPACE}10{power}"
    text = number(value, _MOST_DIGITS)
    return text.rstrip("0").rstrip(",")
