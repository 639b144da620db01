"""Comparaison des critères à sparsité égale."""

from __future__ import annotations

from typing import Any

from torch import nn

from pruning_core.gradient import GradientBasedPruning
from pruning_core.magnitude import MagnitudePruning
from pruning_core.masks import global_masks
from pruning_core.scoring import Criterion, Loader, reusable
from pruning_core.second_order import SecondOrderPruning
from pruning_core.sparsity import compute_sparsity


def compare_pruning_methods(
    model: nn.Module,
    train_loader: Loader,
    criterion: Criterion,
    sparsity: float = 0.9,
) -> dict[str, dict[str, Any]]:
    """Masques de chaque méthode à une même sparsité globale.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    train_loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsity : float
        Sparsité demandée, dans [0, 1].

    Returns
    -------
    dict[str, dict]
        Pour "magnitude", "gradient" et "second_order" (OBD) : "masks" et "sparsity" (réelle).

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte, les poids ou la sparsité ne conviennent pas.
    """
    loader = reusable(train_loader)
    salience, _ = GradientBasedPruning(model, loader, criterion).compute_gradient_salience(50)
    obd, _ = SecondOrderPruning().compute_optimal_brain_damage(model, loader, criterion)
    masks = {
        "magnitude": MagnitudePruning(model).global_magnitude_pruning(sparsity),
        "gradient": global_masks(salience, sparsity),
        "second_order": global_masks(obd, sparsity),
    }
    return {
        method: {"masks": found, "sparsity": compute_sparsity(found)}
        for method, found in masks.items()
    }
