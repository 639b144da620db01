"""Les élagages que comparent les expériences, sur leurs données et leur perte."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from pruning_core.course.datasets import Dataset, batches
from pruning_core.course.training import train
from pruning_core.evaluation import evaluate
from pruning_core.gradual import gradual_pruning
from pruning_core.masks.applying import PrunedWeights
from pruning_core.methods import METHODS
from pruning_core.schedules import CubicSchedule

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


def retrained_gradually(
    dense: nn.Module,
    method: str,
    sparsity: float,
    train_data: Dataset,
    *,
    read: Dataset,
    epochs: Sequence[int],
    seed: int,
) -> nn.Module:
    """Copie élaguée par un calendrier cubique, affinée après chaque étape.

    Parameters
    ----------
    train_data : Dataset
        Ce qui affine.
    read : Dataset
        Ce que lit la méthode.
    epochs : suite d'int
        Époques d'affinage de chaque étape.
    """
    model = copy.deepcopy(dense)
    left = iter(epochs)
    gradual_pruning(
        model,
        stepwise(method, read, seed=seed),
        CubicSchedule(sparsity, len(epochs)),
        lambda m: train(m, train_data, epochs=next(left), seed=seed),
    )
    return model


def calendar(steps: int, each: int, more: int) -> list[int]:
    """Époques d'affinage de chaque étape d'un calendrier : tant à chacune, et d'autres à la fin."""
    return [each] * (steps - 1) + [each + more]


def told_calendar(steps: int, each: int, more: int) -> str:
    """Ce même calendrier, en français."""
    length = "d'une époque" if each == 1 else f"de {each} époques"
    end = "une époque" if more == 1 else f"{more} époques"
    return f"cubique, {steps} étapes {length}, puis {end}"


def measures(model: nn.Module, test: Dataset, start: float) -> dict[str, Any]:
    """Exactitude et perte sur le test, et temps de processeur depuis `start`."""
    seconds = time.process_time() - start
    found = evaluate(model, test)
    return {"accuracy": found.accuracy, "loss": found.loss, "seconds": seconds}
