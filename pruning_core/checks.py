"""Contrôle des entrées : un message français dit ce qui a été reçu et ce qui était attendu."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from numbers import Real
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

_SHOWN = 3


def check_sparsity(sparsity: object, *, what: str = "sparsité") -> float:
    """Vérifie qu'une sparsité est un réel de [0, 1] et la rend en `float`.

    Raises
    ------
    TypeError
        Si la valeur n'est pas un nombre réel.
    ValueError
        Si elle sort de [0, 1] ou vaut NaN.
    """
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"{what} : reçu {sparsity!r} ; attendu un nombre réel de [0, 1].")
    value = float(sparsity)
    if math.isnan(value) or not 0.0 <= value <= 1.0:
        raise ValueError(
            f"{what} : reçu {value} ; attendu un nombre réel de [0, 1] : 0.9 pour 90 %."
        )
    return value


def check_count(value: object, what: str, *, minimum: int = 0) -> int:
    """Vérifie qu'une valeur est un entier au moins égal à `minimum` et la rend en `int`.

    Raises
    ------
    TypeError
        Si la valeur n'est pas un entier.
    ValueError
        Si elle est plus petite que `minimum`.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} : reçu {value!r} ; attendu un entier au moins égal à {minimum}.")
    count = int(value.__index__())
    if count < minimum:
        raise ValueError(f"{what} : reçu {count} ; attendu un entier au moins égal à {minimum}.")
    return count


def check_positive(value: object, what: str) -> float:
    """Vérifie qu'une valeur est un réel fini, positif ou nul, et la rend en `float`.

    Raises
    ------
    TypeError
        Si la valeur n'est pas un nombre réel.
    ValueError
        Si elle est négative, infinie ou NaN.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{what} : reçu {value!r} ; attendu un nombre réel positif ou nul.")
    number = float(value)
    if not (math.isfinite(number) and number >= 0.0):
        raise ValueError(f"{what} : reçu {number} ; attendu un nombre réel fini, positif ou nul.")
    return number


def check_initialized(parameter: torch.Tensor, what: str) -> None:
    """Refuse le paramètre d'un module paresseux (`nn.LazyLinear`), qui n'a pas encore de forme.

    Raises
    ------
    ValueError
    """
    if is_lazy(parameter):
        raise ValueError(
            f"{what} : reçu un paramètre sans forme, celui d'un module paresseux "
            "(nn.LazyLinear...) qui n'a rien lu ; attendu un modèle complet : faites un passage "
            "avant d'abord, model(x), sur un lot."
        )


def check_materialized(tensor: torch.Tensor, what: str) -> None:
    """Refuse un tenseur sans données, sur le périphérique `meta`.

    Raises
    ------
    ValueError
    """
    if tensor.is_meta:
        raise ValueError(
            f"{what} : reçu un tenseur « meta », sans données ; attendu un tenseur matérialisé : "
            "model.to_empty(device=...), puis load_state_dict."
        )


def check_finite(tensor: torch.Tensor, what: str) -> None:
    """Refuse un tenseur qui n'est pas flottant ou qui contient NaN ou l'infini.

    Le minimum et le maximum suffisent (ils propagent NaN), sans tenseur intermédiaire.

    Raises
    ------
    TypeError
        Si le tenseur n'est pas à virgule flottante, ou n'est pas un tenseur.
    ValueError
        S'il contient NaN ou l'infini, ou s'il n'a pas de données (`meta`).
    """
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"{what} : reçu {type(tensor).__name__} ; attendu un tenseur torch.")
    if not tensor.is_floating_point():
        raise TypeError(
            f"{what} : reçu le type {tensor.dtype} ; attendu un type à virgule flottante."
        )
    check_materialized(tensor, what)
    if tensor.numel() == 0:
        return
    low, high = torch.aminmax(tensor.detach())
    if not (math.isfinite(low.item()) and math.isfinite(high.item())):
        raise ValueError(f"{what} : reçu NaN ou l'infini ; attendu des valeurs toutes finies.")


def check_not_empty(mapping: Mapping[Any, object], what: str) -> None:
    """Refuse un dictionnaire vide ou qui n'en est pas un.

    Raises
    ------
    TypeError
        Si la valeur n'est pas un dictionnaire.
    ValueError
        S'il est vide.
    """
    if not isinstance(mapping, Mapping):
        raise TypeError(
            f"{what} : reçu {type(mapping).__name__} ; attendu un dictionnaire nom -> tenseur."
        )
    if not mapping:
        raise ValueError(
            f"{what} : reçu un dictionnaire vide ; attendu au moins une couche élagable."
        )


def others(number: int) -> str:
    """La fin d'une énumération que l'on abrège : « et 3 autres », ou rien."""
    if number <= 0:
        return ""
    return " et un autre" if number == 1 else f" et {number} autres"


def few_names(names: Collection[str]) -> str:
    """Des noms, dont on ne montre que les premiers s'il y en a beaucoup.

    Examples
    --------
    >>> few_names(["a", "b"])
    "['a', 'b']"
    >>> few_names(["a", "b", "c", "d", "e"])
    "['a', 'b', 'c'] et 2 autres"
    """
    shown = list(names)
    if len(shown) <= _SHOWN + 1:  # « et un autre » serait plus long que le nom
        return str(shown)
    return f"{shown[:_SHOWN]}{others(len(shown) - _SHOWN)}"


def check_same_names(received: Collection[str], expected: Collection[str], what: str) -> None:
    """Refuse des noms inconnus ou manquants, en les citant.

    Raises
    ------
    ValueError
        Si les deux ensembles de noms diffèrent.
    """
    unknown = [name for name in received if name not in expected]
    missing = [name for name in expected if name not in received]
    if unknown or missing:
        raise ValueError(
            f"{what} : reçu des noms inconnus {few_names(unknown)}, noms manquants "
            f"{few_names(missing)} ; attendu exactement {few_names(expected)}."
        )


def check_scores_of(model: nn.Module, scores: Mapping[str, torch.Tensor]) -> None:
    """Vérifie que des scores ont les noms et les formes de paramètres du modèle.

    Raises
    ------
    TypeError, ValueError
    """
    check_not_empty(scores, "saillance")
    parameters = dict(model.named_parameters())
    for name, score in scores.items():
        check_finite(score, f"saillance de {name}")
        if name not in parameters or score.shape != parameters[name].shape:
            known = name in parameters
            expected = tuple(parameters[name].shape) if known else few_names(parameters)
            raise ValueError(
                f"saillance : reçu {name!r} de forme {tuple(score.shape)} ; attendu {expected}, "
                "comme dans le modèle."
            )
