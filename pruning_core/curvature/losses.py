"""Ce que l'on dérive de la perte d'un lot : sa courbure et sa pente en la sortie du modèle.

La perte d'un jeu de données est L = Σ_b n_b L_b / Σ_b n_b, où L_b est la perte du lot b telle qu'on
s'entraîne avec elle, avec son propre dénominateur (poids de classes, cibles ignorées, complément
des suites), et n_b son nombre d'exemples. Dans un lot de N exemples, de sortie f_i :

- Λ_i = N ∂²L_b/∂f_i², donc GGN = Σ_b Σ_i J_iᵀ Λ_i J_i / Σ_b n_b ;
- g_i = N J_iᵀ ∂L_b/∂f_i est le gradient de l'exemple i, sa part du gradient du lot : leur moyenne
  est ce gradient.

Pour une moyenne simple sur les exemples, Λ_i et g_i sont ceux de la perte de l'exemple seul, quels
que soient les lots. Avec un dénominateur propre au lot, ils dépendent de la composition des lots,
comme l'entraînement lui-même.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.batch_loss import BatchLoss, Derivatives, check_loss, loss_of
from pruning_core.curvature.loss_checks import check_criterion
from pruning_core.curvature.loss_curvature import output_roots
from pruning_core.curvature.output_roots import OutputRoots
from pruning_core.differentiable import without_draws
from pruning_core.structures import Output
from pruning_core.types import Criterion

Vectors = Callable[[Output, Any], Iterator[torch.Tensor]]
"""(sortie de tout un lot, cible) -> ses vecteurs v_c, de la forme de la sortie. Le lot entier, car
la perte peut avoir son propre dénominateur."""


def curvature_vectors(criterion: Criterion) -> Vectors:
    """Donne les racines v_ic de Λ_i = Σ_c v_ic v_icᵀ, la courbure de la perte en la sortie.

    - entropie croisée : v_c = √(a p_c) (e_c − p), car Σ_c v_c v_cᵀ = a (diag(p) − p pᵀ) ; a est ce
      que pèse l'exemple, ou la position, dans la perte du lot ;
    - erreur quadratique moyenne sur D sorties : v_c = √(2/D) e_c ;
    - toute autre perte convexe : racines tirées des valeurs propres de Λ_i.

    Returns
    -------
    Vectors
        La ligne i du c-ième tenseur est v_ic.

    Raises
    ------
    TypeError, ValueError
        (à l'appel) Si la perte ne convient pas (voir `check_criterion`), n'est pas convexe par
        rapport à la sortie, ou y est linéaire partout.
    """

    def vectors(output: Output, target: Any) -> Iterator[torch.Tensor]:
        for vector in checked_roots(criterion, output, target).vectors():
            yield vector.to(output.values.dtype)

    return vectors


def checked_roots(criterion: Criterion, output: Output, target: Any) -> OutputRoots:
    """Racines de la courbure d'un lot, en float32 au moins ; voir `curvature_vectors`."""
    here = Derivatives.precise(BatchLoss(criterion, output, target))
    check_criterion(here, separable=True)
    return output_roots(here)


def loss_gradients(criterion: Criterion) -> Vectors:
    """Donne la part de chaque exemple dans le gradient de la perte par rapport à la sortie.

    Returns
    -------
    Vectors
        D'un seul tenseur, dont la ligne i est N ∂L_b/∂f_i.

    Raises
    ------
    TypeError, ValueError
        (à l'appel) Si la perte ne convient pas ; voir `check_criterion`.
    """

    def vectors(output: Output, target: Any) -> Iterator[torch.Tensor]:
        here = Derivatives.precise(BatchLoss(criterion, output, target))
        check_criterion(here, separable=True)
        yield (here.gradient * len(here.gradient)).to(output.values.dtype)

    return vectors


def batch_loss(
    model: nn.Module, criterion: Criterion, batch: Batch, *, checked: bool = True
) -> tuple[Output, torch.Tensor]:
    """Sortie du modèle et perte d'un lot, contrôlées.

    Parameters
    ----------
    model : nn.Module
    criterion : fonction (sortie, y) -> perte moyenne du lot
    batch : Batch
    checked : bool
        Faux si le lot a déjà été contrôlé avec d'autres poids : la perte peut alors n'être pas
        finie.

    Returns
    -------
    output : Output
    loss : Tensor scalaire

    Raises
    ------
    TypeError, ValueError
        Si la sortie ou la perte ne conviennent pas ; voir `Batch.output`, `without_draws` et
        `check_criterion`, sans demander que la perte se sépare en exemples.
    """
    with without_draws(model):
        output = batch.output(model)
    loss = loss_of(criterion, output, batch.target)
    if not checked:
        return output, loss
    check_loss(loss)
    here = Derivatives.precise(BatchLoss(criterion, output.detached(), batch.target))
    check_criterion(here, separable=False)
    return output, loss
