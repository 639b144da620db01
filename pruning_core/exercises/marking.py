"""Noter une question de travaux pratiques : partie par partie, en nommant l'erreur.

Les tests cachés d'un sujet s'en servent : chaque partie vaut des points, et une partie manquée dit
pourquoi. Une erreur dans l'une n'empêche pas de gagner les autres.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any

import torch

from pruning_core.exercises.verdict import Hint

_BLANK = "pas encore de réponse."


class Marking:
    """Les points d'une question, gagnés ou non.

    Examples
    --------
    >>> marking = Marking()
    >>> with marking.part(1, "le double de deux"):
    ...     expect(2 + 2, 4)
    >>> marking.total()
    1 point sur 1
      [1/1] le double de deux
    1.0
    """

    def __init__(self) -> None:
        self._earned = 0.0
        self._possible = 0.0
        self._lines: list[str] = []

    @contextlib.contextmanager
    def part(self, points: float, title: str) -> Iterator[None]:
        """Donne ses points à la partie si le bloc va jusqu'au bout.

        Parameters
        ----------
        points : float
            Ce que vaut la partie.
        title : str
            Ce qui y est vérifié, dit à l'élève.
        """
        reason = ""
        try:
            with _quiet():
                yield
        except NotImplementedError:
            reason = _BLANK
        except (Hint, AssertionError) as fault:
            reason = str(fault) or "ce n'est pas le résultat attendu."
        except Exception as error:
            reason = f"votre code s'arrête sur une erreur, {type(error).__name__} : {error}"
        earned = 0.0 if reason else points
        self._earned += earned
        self._possible += points
        verdict = f" : {reason}" if reason else ""
        self._lines.append(f"  [{_points(earned)}/{_points(points)}] {title}{verdict}")

    def total(self) -> float:
        """Affiche le détail, et rend les points gagnés : c'est le résultat que lit nbgrader."""
        unit = "point" if self._earned < 2 else "points"
        print(f"{_points(self._earned)} {unit} sur {_points(self._possible)}")
        print("\n".join(self._lines))
        return self._earned


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Tait les avertissements : écrire sur la sortie d'erreur vaut zéro pour nbgrader."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _points(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def expect(
    found: object,
    right: object,
    mistakes: Mapping[str, object] | None = None,
    *,
    case: str = "",
) -> None:
    """Compare un résultat au bon, et reconnaît les erreurs typiques.

    Parameters
    ----------
    found : object
        Résultat de l'élève : nombre, tenseur, liste ou dictionnaire de ceux-ci.
    right : object
        Le bon résultat.
    mistakes : dict
        Pour chaque erreur typique, la phrase qui la nomme et ce qu'elle donne.
    case : str
        L'essai, dit en tête du message.

    Raises
    ------
    NotImplementedError
        Si le résultat est vide (``None`` ou ``...``).
    Hint
        S'il n'est pas bon.
    """
    if found is None or found is ...:
        raise NotImplementedError
    if same(found, right):
        return
    where = f"{case} : " if case else ""
    for told, value in (mistakes or {}).items():
        if same(found, value):
            raise Hint(f"{where}{told}.")
    if isinstance(right, (int, float)) and isinstance(found, (int, float)):
        raise Hint(f"{where}reçu {found} ; attendu {right}.")
    raise Hint(f"{where}ce n'est pas le résultat attendu.")


def same(found: Any, right: Any) -> bool:
    """Égalité de nombres, de tenseurs, de listes ou de dictionnaires, aux arrondis près."""
    if isinstance(right, Mapping):
        return (
            isinstance(found, Mapping)
            and found.keys() == right.keys()
            and all(same(found[key], right[key]) for key in right)
        )
    if isinstance(right, torch.Tensor) and right.dim():
        return (
            isinstance(found, torch.Tensor)
            and found.shape == right.shape
            and (found.dtype == torch.bool) == (right.dtype == torch.bool)
            and torch.allclose(found.detach().double(), right.detach().double(), 1e-6, 1e-9)
        )
    if isinstance(right, (list, tuple)):
        return (
            isinstance(found, (list, tuple))
            and len(found) == len(right)
            and all(map(same, found, right))
        )
    try:
        gap = abs(float(found) - float(right))
    except (TypeError, ValueError, RuntimeError):
        return False
    return gap <= 1e-9 + 1e-6 * abs(float(right))


def forbid(function: Callable[..., object], *names: str) -> None:
    """Refuse une réponse qui appelle la fonction de bibliothèque qu'il fallait écrire.

    Raises
    ------
    Hint
        En nommant la fonction appelée.
    """
    code = getattr(function, "__code__", None)
    used = set(_names(code)) if isinstance(code, CodeType) else set()
    for name in names:
        if name in used:
            raise Hint(f"vous appelez {name} : c'est elle qu'il fallait écrire.")


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
