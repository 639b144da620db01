"""Noter une question de travaux pratiques : partie par partie, en nommant l'erreur.

Les tests cachés d'un sujet s'en servent : chaque partie vaut des points, et une partie manquée dit
pourquoi. Une erreur dans l'une n'empêche pas de gagner les autres.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import io
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any

import torch
from torch import nn

from pruning_core.course.exercises.verdict import Hint

_BLANK = "pas encore de réponse."
_NOTHING = "votre fonction ne rend rien (None) : il manque return."
_WRONG = "ce n'est pas le résultat attendu."


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
        except Hint as hint:
            reason = str(hint)
        except (Exception, SystemExit) as error:
            reason = _explain(error)
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
    """Tait avertissements et `print` : écrire sur la sortie d'erreur vaut zéro pour nbgrader."""
    unread = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stderr(unread),
        contextlib.redirect_stdout(unread),
    ):
        warnings.simplefilter("ignore")
        yield


def _explain(error: BaseException) -> str:
    """Dit une erreur sans accuser le code de l'élève de celles du test qui lit son résultat."""
    told = f"{type(error).__name__} : {error}"
    if _raised_by_answer(error):
        # Le sujet lève NotImplementedError lui-même ; les enfants de cette classe, non.
        blank = type(error) is NotImplementedError
        return _BLANK if blank else f"votre code s'arrête sur une erreur, {told}"
    if isinstance(error, AssertionError):
        return str(error) or _WRONG
    if isinstance(error, NameError):
        return f"{error.name} n'existe pas : sa cellule manque, ou s'arrête sur une erreur."
    if "NoneType" in str(error):
        return _NOTHING
    return f"le test ne sait pas lire ce que rend votre fonction, {told}"


def _raised_by_answer(error: BaseException) -> bool:
    """Vrai si l'erreur passe par une autre cellule du carnet que celle qui note."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    outside = [frame for frame in frames if frame.f_globals is not globals()]
    return any(
        frame.f_globals is outside[0].f_globals
        and frame.f_code.co_filename != outside[0].f_code.co_filename
        for frame in outside[1:]
    )


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
    Hint
        S'il n'est pas bon : l'erreur reconnue ou, à défaut, en quoi il diffère.
    """
    if found is None:
        raise Hint(_NOTHING)
    if same(found, right):
        return
    where = f"{case} : " if case else ""
    for told, value in (mistakes or {}).items():
        if same(found, value):
            raise Hint(f"{where}{told}.")
    raise Hint(f"{where}{_difference(found, right)}")


def tensor(found: object, like: torch.Tensor) -> torch.Tensor:
    """Rend le résultat de l'élève si c'est un tenseur de cette forme.

    Raises
    ------
    Hint
        En disant ce qui a été reçu.
    """
    if found is None:
        raise Hint(_NOTHING)
    if not isinstance(found, torch.Tensor) or found.shape != like.shape:
        raise Hint(_difference(found, like))
    return found


def _difference(found: Any, right: Any) -> str:
    """En quoi un résultat diffère du bon, sans donner le bon : type, noms, forme ou compte."""
    if isinstance(right, Mapping):
        return _mapping_difference(found, right)
    if isinstance(right, torch.Tensor) and right.dim():
        return _tensor_difference(found, right)
    if isinstance(right, (int, float)) and isinstance(found, (int, float)):
        return f"reçu {found} ; attendu {right}."
    if isinstance(right, (list, tuple)) and not isinstance(found, (list, tuple)):
        return f"reçu {_kind(found)} ; attendu une liste."
    if isinstance(right, (list, tuple)) and len(found) != len(right):
        return f"reçu une liste de longueur {len(found)} ; attendu {len(right)}."
    return _WRONG


def _mapping_difference(found: Any, right: Mapping[Any, Any]) -> str:
    if not isinstance(found, Mapping):
        return f"reçu {_kind(found)} ; attendu un dictionnaire."
    if found.keys() != right.keys():
        return f"reçu les noms {list(found)} ; attendu {list(right)}."
    name = next(name for name in right if not same(found[name], right[name]))
    return f"{name} : {_difference(found[name], right[name])}"


def _tensor_difference(found: Any, right: torch.Tensor) -> str:
    if not isinstance(found, torch.Tensor):
        return f"reçu {_kind(found)} ; attendu un tenseur."
    if found.shape != right.shape:
        return f"reçu la forme {list(found.shape)} ; attendu {list(right.shape)}."
    if right.dtype != torch.bool:
        return _WRONG
    if found.dtype != torch.bool:
        return f"reçu un tenseur de type {found.dtype} ; attendu des booléens."
    removed, wanted = int((~found).sum()), int((~right).sum())
    if removed != wanted:
        return f"vous retirez {removed} poids sur {right.numel()} ; attendu {wanted}."
    return f"vous retirez bien {wanted} poids sur {right.numel()}, mais pas les bons."


def _kind(found: object) -> str:
    return f"un objet de type {type(found).__name__}"


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


def restore_builtins(names: dict[str, Any]) -> None:
    """Rend leur sens à `sum` ou à `list`, dont un élève a pu faire des variables.

    Une fonction qu'il aurait nommée ainsi reste : ses réponses peuvent s'en servir.

    Parameters
    ----------
    names : dict
        Les variables du carnet, changées sur place : `globals()`.
    """
    for name in vars(builtins).keys() & names.keys():
        if not name.startswith("_") and not callable(names[name]):
            del names[name]


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
    """Les noms dont se sert une fonction, sauf les méthodes d'un modèle : `model.train()`."""
    for step in dis.get_instructions(code):
        method = step.opname in ("LOAD_METHOD", "LOAD_ATTR") and hasattr(nn.Module, step.argval)
        if step.opcode in dis.hasname and not method:
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
