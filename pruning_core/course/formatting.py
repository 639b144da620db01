"""Écrire les nombres à la française : virgule décimale, espaces insécables."""

from __future__ import annotations

_NARROW_SPACE = "\u202f"
_SPACE = "\u00a0"


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
