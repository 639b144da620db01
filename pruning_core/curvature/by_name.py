"""Les trois courbures par leur nom : quelle fonction en calcule la diagonale ou la matrice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar, get_args

import torch

from pruning_core.curvature import diagonals, matrices

Curvature = Literal["ggn", "empirical_fisher", "hessian"]

_DIAGONALS = {
    "ggn": diagonals.ggn_diagonal,
    "empirical_fisher": diagonals.empirical_fisher_diagonal,
    "hessian": diagonals.hessian_diagonal,
}
_MATRICES = {
    "ggn": matrices.ggn_matrix,
    "empirical_fisher": matrices.empirical_fisher_matrix,
    "hessian": matrices.hessian_matrix,
}
_Function = TypeVar("_Function")


def diagonal_named(curvature: Curvature) -> Callable[..., dict[str, torch.Tensor]]:
    """La fonction qui calcule la diagonale d'une courbure.

    Raises
    ------
    ValueError
        Si la courbure n'est pas l'une des trois.
    """
    return _named(_DIAGONALS, curvature)


def matrix_named(curvature: Curvature) -> Callable[..., torch.Tensor]:
    """La fonction qui calcule la matrice entière d'une courbure.

    Raises
    ------
    ValueError
        Si la courbure n'est pas l'une des trois.
    """
    return _named(_MATRICES, curvature)


def _named(functions: dict[str, _Function], curvature: Curvature) -> _Function:
    if curvature not in functions:
        raise ValueError(
            f"curvature : reçu {curvature!r} ; attendu l'une de {get_args(Curvature)}."
        )
    return functions[curvature]
