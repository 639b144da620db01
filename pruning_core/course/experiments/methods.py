"""Les méthodes que comparent les expériences, sous les noms des figures."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from torch import nn

from pruning_core import comparison
from pruning_core.course.datasets import Dataset, batches
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import PrunedWeights, apply_masks
from pruning_core.obs.neurons import obs_neuron_pruning
from pruning_core.types import Loader, Masks

METHODS = ("random", "magnitude", "magnitude_layerwise", "gradient", "obd", "obs")
"""Des clefs de `pruning_core.course.figures.METHODS`."""

CRITERION = nn.CrossEntropyLoss()

Pruning = Callable[[nn.Module, float], Masks | PrunedWeights]
"""(modèle, sparsité) -> masques, ou poids élagués et compensés."""


def pruning(method: str, train: Dataset, *, seed: int) -> Pruning:
    """Élagage en une fois par une méthode de `METHODS` ; OBS suit son chemin de 15 étapes."""
    prune = comparison.METHODS["second_order" if method == "obd" else method]
    loader = _loader(method, train)
    return lambda model, sparsity: prune(model, loader, CRITERION, sparsity, seed)


def stepwise(method: str, train: Dataset, *, seed: int) -> Pruning:
    """Élagage d'une étape d'un calendrier : OBS y fait un seul pas, les autres comme `pruning`."""
    if method != "obs":
        return pruning(method, train, seed=seed)
    return lambda model, sparsity: obs_neuron_pruning(model, [train], CRITERION, sparsity, steps=1)


def _loader(method: str, train: Dataset) -> Loader:
    # Le gradient de la source dépend de la taille des lots ; les autres critères, non.
    return batches(train, 64) if method == "gradient" else [train]


def pruned(model: nn.Module, result: Masks | PrunedWeights) -> tuple[nn.Module, Masks]:
    """Copie élaguée d'un modèle, et ses masques."""
    twin = copy.deepcopy(model)
    if isinstance(result, PrunedWeights):
        result.apply(twin)
        return twin, result.masks
    apply_masks(twin, result)
    return twin, result


def measures(model: nn.Module, test: Dataset, start: float) -> dict[str, Any]:
    """Exactitude et perte sur le test, et temps de processeur depuis `start`."""
    seconds = time.process_time() - start
    found = evaluate(model, test)
    return {"accuracy": found.accuracy, "loss": found.loss, "seconds": seconds}
