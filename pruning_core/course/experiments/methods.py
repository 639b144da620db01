"""Les élagages que comparent les expériences, sur leurs données et leur perte."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from torch import nn

from pruning_core.course.datasets import Dataset, batches
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import PrunedWeights
from pruning_core.methods import METHODS

COMPARED = ("random", "magnitude", "magnitude_layerwise", "gradient", "obd", "obs")
"""Des noms de `pruning_core.methods.METHODS`."""

CRITERION = nn.CrossEntropyLoss()

Pruning = Callable[[nn.Module, float], PrunedWeights]
"""(modèle, sparsité) -> élagage."""


def pruning(method: str, train: Dataset, *, seed: int) -> Pruning:
    """Élagage en une fois par une méthode ; OBS suit son chemin de 15 étapes."""
    prune = METHODS[method].prune
    assert prune is not None, method
    # Le gradient moyen dépend de la taille des lots ; les autres critères, non.
    loader = batches(train, 64) if method == "gradient" else [train]
    return lambda model, s: PrunedWeights.of(prune(model, loader, CRITERION, s, seed))


def stepwise(method: str, train: Dataset, *, seed: int) -> Pruning:
    """Élagage d'une étape d'un calendrier : OBS y fait un seul pas, les autres comme `pruning`."""
    return pruning("obs_one_step" if method == "obs" else method, train, seed=seed)


def measures(model: nn.Module, test: Dataset, start: float) -> dict[str, Any]:
    """Exactitude et perte sur le test, et temps de processeur depuis `start`."""
    seconds = time.process_time() - start
    found = evaluate(model, test)
    return {"accuracy": found.accuracy, "loss": found.loss, "seconds": seconds}
