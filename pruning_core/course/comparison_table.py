"""Comparer des méthodes sur plusieurs sparsités et plusieurs graines, en parallèle.

Demande pandas et joblib, que le reste de la bibliothèque ignore.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd
import torch
from joblib import Parallel, delayed
from torch import nn

from pruning_core.checks import check_not_empty, check_sparsity
from pruning_core.comparison import CHAPTER_METHODS, Finetune, compare_pruning_methods
from pruning_core.course.training import one_thread
from pruning_core.methods import Pruner
from pruning_core.passes import reusable
from pruning_core.types import Criterion, Loader


def comparison_table(
    models: Mapping[int, nn.Module],
    train_loader: Loader,
    criterion: Criterion,
    *,
    sparsities: Sequence[float],
    evaluation: tuple[torch.Tensor, torch.Tensor],
    methods: Sequence[str] | Mapping[str, Pruner] = CHAPTER_METHODS,
    finetune: Finetune | None = None,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Tableau d'une ligne par graine, sparsité et méthode.

    Chaque couple (graine, sparsité) est une tâche joblib, dont le moteur se choisit au dehors :
    `with joblib.parallel_config(backend="loky", n_jobs=2)`, ou tout autre que joblib connaît.

    Parameters
    ----------
    models : dict[int, nn.Module]
        Un modèle entraîné par graine ; laissés tels quels.
    train_loader, criterion, evaluation, methods, finetune
        Voir `compare_pruning_methods`. Avec un moteur à plusieurs processus, ils doivent pouvoir y
        être envoyés.
    sparsities : suite de float
        Dans [0, 1] ; au moins une.
    n_jobs : int, optionnel
        Nombre de tâches à la fois, au sens de joblib ; par défaut celui de `parallel_config`.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "method", "sparsity", "seconds", "accuracy_before",
        "loss_before", "accuracy_after" et "loss_after" (avec `finetune`), "agreement:<méthode>"
        et "sparsity:<couche>". L'ordre des lignes ne dépend pas du parallélisme.

    Raises
    ------
    TypeError, ValueError
        Si un argument ne convient pas (voir `compare_pruning_methods`).
    """
    check_not_empty(models, "models")
    asked = [check_sparsity(sparsity) for sparsity in sparsities]
    if not asked:
        raise ValueError("sparsities : reçu une suite vide ; attendu au moins une sparsité.")
    loader = reusable(train_loader)
    settings: dict[str, Any] = {
        "methods": methods,
        "evaluation": evaluation,
        "finetune": finetune,
    }
    tasks = (
        delayed(_rows)(seed, model, loader, criterion, sparsity, settings)
        for (seed, model), sparsity in product(models.items(), asked)
    )
    rows = Parallel(n_jobs=n_jobs)(tasks)
    return pd.DataFrame([row for several in rows for row in several])


def _rows(
    seed: int,
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    sparsity: float,
    settings: dict[str, Any],
) -> list[dict[str, Any]]:
    """Lignes d'une graine et d'une sparsité, une par méthode."""
    with one_thread():
        results = compare_pruning_methods(model, loader, criterion, sparsity, seed=seed, **settings)
    return [_row(seed, sparsity, name, result) for name, result in results.items()]


def _row(seed: int, sparsity: float, name: str, result: dict[str, Any]) -> dict[str, Any]:
    simple = {
        key: value
        for key, value in result.items()
        if key not in ("masks", "agreement", "layer_sparsities")
    }
    return (
        {"seed": seed, "asked": sparsity, "method": name}
        | simple
        | {f"agreement:{other}": value for other, value in result["agreement"].items()}
        | {f"sparsity:{layer}": value for layer, value in result["layer_sparsities"].items()}
    )
