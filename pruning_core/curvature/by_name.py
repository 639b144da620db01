"""Les courbures par leur nom : quelle fonction en calcule la diagonale ou la matrice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Literal, TypeVar

import torch

from pruning_core.curvature import diagonals, matrices
from pruning_core.curvature.losses import Vectors, curvature_vectors, loss_gradients
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.types import Criterion

SquareCurvature = Literal["ggn", "empirical_fisher", "sampled_fisher"] | SampledFisher
"""Une somme de carrés de J_iᵀ v, semi-définie positive. "sampled_fisher" est `SampledFisher()`."""

Curvature = SquareCurvature | Literal["hessian"]
"""Une de celles-là, ou la hessienne exacte."""

_DIAGONALS = {
    "ggn": diagonals.ggn_diagonal,
    "empirical_fisher": diagonals.empirical_fisher_diagonal,
    "sampled_fisher": diagonals.sampled_fisher_diagonal,
    "hessian": diagonals.hessian_diagonal,
}
_MATRICES = {
    "ggn": matrices.ggn_matrix,
    "empirical_fisher": matrices.empirical_fisher_matrix,
    "sampled_fisher": matrices.sampled_fisher_matrix,
    "hessian": matrices.hessian_matrix,
}
_VECTORS: dict[str, Callable[[Criterion], Vectors]] = {
    "ggn": curvature_vectors,
    "empirical_fisher": loss_gradients,
    "sampled_fisher": SampledFisher().vectors,
}
_Function = TypeVar("_Function", bound=Callable[..., object])


def diagonal_named(curvature: Curvature) -> Callable[..., dict[str, torch.Tensor]]:
    """La fonction qui calcule la diagonale d'une courbure.

    Raises
    ------
    ValueError
        Si ce n'est pas le nom d'une courbure, ou un `SampledFisher`.
    """
    if isinstance(curvature, SampledFisher):
        return partial(diagonals.sampled_fisher_diagonal, **asdict(curvature))
    return _named(_DIAGONALS, curvature)


def matrix_named(curvature: Curvature) -> Callable[..., torch.Tensor]:
    """La fonction qui calcule la matrice entière d'une courbure ; voir `diagonal_named`."""
    if isinstance(curvature, SampledFisher):
        return partial(matrices.sampled_fisher_matrix, **asdict(curvature))
    return _named(_MATRICES, curvature)


def vectors_named(curvature: SquareCurvature, criterion: Criterion) -> Vectors:
    """Les vecteurs dont les carrés font une courbure, autre que la hessienne.

    Raises
    ------
    ValueError
        Si ce n'est pas le nom d'une telle courbure, ou un `SampledFisher`.
    """
    if isinstance(curvature, SampledFisher):
        return curvature.vectors(criterion)
    return _named(_VECTORS, curvature)(criterion)


def _named(functions: Mapping[str, _Function], curvature: str) -> _Function:
    if not isinstance(curvature, str) or curvature not in functions:
        raise ValueError(
            f"curvature : reçu {curvature!r} ; attendu l'une de {tuple(functions)}, ou "
            "SampledFisher(samples=..., seed=...)."
        )
    return functions[curvature]
