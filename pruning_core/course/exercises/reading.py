"""Lire la réponse du lecteur : des nombres, un dictionnaire, une fonction à essayer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from pruning_core.course.exercises.verdict import Hint, Untouched

_UNTOUCHED = "Remplacez ... par votre réponse"


def check_given(answer: object) -> None:
    """Refuse une réponse laissée en blanc, entière ou en partie.

    Raises
    ------
    Untouched
        Si la réponse est `...` ou `None`, ou si l'un de ses éléments l'est.
    """
    parts: list[object] = [answer]
    if isinstance(answer, Mapping):
        parts += answer.values()
    elif isinstance(answer, (tuple, list)):
        parts += answer
    if any(part is ... or part is None for part in parts):
        raise Untouched(f"{_UNTOUCHED}.")


def call(function: Any, *arguments: Any) -> Any:
    """Appelle la fonction du lecteur et rend son résultat.

    Raises
    ------
    Hint
        Si ce n'est pas une fonction, ou si elle lève une erreur.
    Untouched
        Si elle ne rend rien.
    """
    if not callable(function):
        raise Hint(
            f"Reçu un objet de type {type(function).__name__} ; attendu la fonction elle-même, "
            "sans l'appeler."
        )
    try:
        result = function(*arguments)
    except Exception as error:
        raise Hint(
            f"Votre fonction s'arrête sur une erreur, {type(error).__name__} : {error}"
        ) from error
    if result is None or result is ...:
        raise Untouched(f"{_UNTOUCHED} : pour l'instant, votre fonction ne rend rien.")
    return result


def numbers(answer: object, shape: str, count: int = 2) -> tuple[float, ...]:
    """Lit une réponse faite de plusieurs nombres.

    Parameters
    ----------
    answer : object
        Réponse du lecteur.
    shape : str
        Forme attendue, pour le message, par exemple « (indice, valeur) ».
    count : int
        Combien de nombres.

    Raises
    ------
    Hint
        Si ce ne sont pas autant de nombres finis.
    """
    values = plain(answer)
    expected = Hint(f"Attendu {count} nombres, sous la forme {shape}.")
    if not isinstance(values, (tuple, list)) or len(values) != count:
        raise expected
    found = tuple(number(value) for value in values)
    if any(value is None for value in found):
        raise expected
    return tuple(value for value in found if value is not None)


def indices(answer: object) -> frozenset[int]:
    """Lit une réponse faite d'indices.

    Raises
    ------
    Hint
        Si ce n'est pas une liste d'entiers.
    """
    values = plain(answer)
    if not isinstance(values, (list, tuple, set, frozenset)):
        raise Hint("Attendu la liste des indices, par exemple [0, 4].")
    if any(isinstance(value, bool) for value in values):
        raise Hint("Donnez les indices, et non un masque.")
    read = [number(value) for value in values]
    if any(value is None or value != int(value) for value in read):
        raise Hint("Attendu des indices entiers, par exemple [0, 4].")
    return frozenset(int(value) for value in read if value is not None)


def choices(answer: object, options: Sequence[str], count: int) -> tuple[int, ...]:
    """Lit une réponse faite de choix ; rend le rang de chacun.

    Raises
    ------
    Hint
        Si ce ne sont pas autant de réponses, parmi celles que l'on propose.
    """
    if not isinstance(answer, (tuple, list)) or len(answer) != count:
        raise Hint(f"Attendu {count} réponses, parmi {list(options)}.")
    wrong = [value for value in answer if not isinstance(value, str) or value not in options]
    if wrong:
        raise Hint(f"Reçu {wrong[0]!r} ; attendu l'une de {list(options)}.")
    return tuple(options.index(value) for value in answer)


def plain(answer: object) -> object:
    """Met un tableau NumPy ou un tenseur en liste Python ; laisse le reste tel quel."""
    return answer.tolist() if isinstance(answer, (np.ndarray, torch.Tensor)) else answer


def number(value: Any) -> float | None:
    """Lit un nombre réel fini (Python, NumPy ou tenseur d'un élément) ; `None` sinon."""
    if isinstance(value, (str, bytes)):
        return None
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None
    return read if math.isfinite(read) else None


def close(found: torch.Tensor, expected: torch.Tensor) -> bool:
    """Vrai si deux tenseurs ont la même forme et les mêmes valeurs, aux arrondis près."""
    return found.shape == expected.shape and torch.allclose(
        found.detach().double(), expected.detach().double(), rtol=1e-6, atol=1e-9
    )


def check_tensor(found: Any, shape: torch.Size) -> None:
    """Vérifie qu'un résultat est un tenseur de cette forme.

    Raises
    ------
    Hint
        S'il ne l'est pas.
    """
    if not isinstance(found, torch.Tensor):
        raise Hint(
            f"Votre fonction rend un objet de type {type(found).__name__} ; attendu un tenseur."
        )
    if found.shape != shape:
        raise Hint(f"Votre fonction rend la forme {list(found.shape)} ; attendu {list(shape)}.")


def check_tensors(
    result: Any, expected: Mapping[str, torch.Tensor], what: str
) -> dict[str, torch.Tensor]:
    """Vérifie qu'un résultat est un dictionnaire de tenseurs, un par poids élagable.

    Raises
    ------
    Hint
        Si ce n'est pas un dictionnaire, si un nom manque ou est de trop, si une valeur n'est pas
        un tenseur de la forme du poids.
    """
    if not isinstance(result, Mapping):
        raise Hint(
            f"Votre fonction rend un objet de type {type(result).__name__} ; attendu un "
            f"dictionnaire nom du poids -> {what}."
        )
    extra = [name for name in result if name not in expected]
    biases = [name for name in extra if "bias" in str(name)]
    if biases:
        raise Hint(f"Vous traitez aussi des biais, {biases} : ils ne sont pas élagables.")
    if extra:
        raise Hint(
            f"Vous traitez aussi {extra} : choisissez d'après le type du module ; une échelle de "
            "BatchNorm n'est pas un poids élagable, même si elle s'appelle « weight »."
        )
    missing = [name for name in expected if name not in result]
    if missing:
        raise Hint(f"Il manque {missing} : il faut une entrée par couche linéaire.")
    for name, weight in expected.items():
        if not isinstance(result[name], torch.Tensor):
            raise Hint(f"{name} : reçu {type(result[name]).__name__} ; attendu un tenseur.")
        if result[name].shape != weight.shape:
            raise Hint(
                f"{name} : reçu la forme {list(result[name].shape)} ; attendu celle du poids, "
                f"{list(weight.shape)}."
            )
    return dict(result)


class Witness:
    """Retient l'état d'un modèle pour dire ensuite ce qui y a changé."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._parameters = {n: p.detach().clone() for n, p in model.named_parameters()}
        self._buffers = {n: b.detach().clone() for n, b in model.named_buffers()}
        self._trainable = [p.requires_grad for p in model.parameters()]
        self._modes = [module.training for module in model.modules()]

    def check(self) -> None:
        """Dit ce qui a changé.

        Raises
        ------
        Hint
            Si les poids, les statistiques, le mode ou les gradients ont changé.
        """
        parameters = dict(self._model.named_parameters())
        if any(not torch.equal(parameters[n], p) for n, p in self._parameters.items()):
            raise Hint("Votre fonction modifie le modèle : ses poids ne sont plus les mêmes.")
        if [module.training for module in self._model.modules()] != self._modes:
            raise Hint("Le modèle n'est plus dans le même mode : remettez-le comme il était.")
        if [p.requires_grad for p in self._model.parameters()] != self._trainable:
            raise Hint("Votre fonction gèle ou dégèle des paramètres (requires_grad).")
        buffers = dict(self._model.named_buffers())
        if any(not torch.equal(buffers[n], b) for n, b in self._buffers.items()):
            raise Hint(
                "Les statistiques de BatchNorm ont bougé : un modèle se note en mode évaluation."
            )
        if any(p.grad is not None for p in parameters.values()):
            raise Hint(
                "Il reste des gradients dans .grad : un pas d'optimiseur s'en servirait, plus tard."
            )
