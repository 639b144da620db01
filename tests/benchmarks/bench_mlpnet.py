"""MLPNet (784-40-20-10, sans biais) élagué sans réentraînement : l'exactitude qui reste."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from pruning_core import (
    CubicSchedule,
    PrunedWeights,
    evaluate,
    global_masks,
    magnitude_scores,
    obs_block_pruning,
    obs_neuron_path,
    pruned_copy,
)
from pruning_core.course.datasets import Dataset, load_mnist
from pruning_core.course.training import train
from pruning_core.obs.descent import FirstOrder
from pruning_core.types import Masks
from tests.benchmarks.measuring import measure

EXAMPLES = 1000
STEPS = 30

_BLOCK = 50  # variables par bloc de WoodFisher
_LOSS = nn.CrossEntropyLoss()

Loader = list[Dataset]


def run(
    method: str,
    seed: int,
    sparsities: Sequence[float],
    epochs: int = 15,
    examples: int = EXAMPLES,
    steps: int = STEPS,
) -> dict[str, Any]:
    """Élague le réseau, toujours le même, sur des images de calibration que tire la graine.

    Returns
    -------
    dict
        `seconds`, `peak_bytes`, et les exactitudes en % sur les images de test : `dense`, et
        `test`, une par sparsité.
    """
    splits = load_mnist()
    model = _trained(splits.train, epochs)
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randperm(len(splits.train.x), generator=generator)[:examples]
    loader = [Dataset(*(part[rows] for part in splits.train))]
    found = measure(lambda: list(METHODS[method](model, loader, sparsities, steps)))
    test = [100.0 * evaluate(pruned_copy(model, p), splits.test).accuracy for p in found.result]
    dense = 100.0 * evaluate(model, splits.test).accuracy
    return found.cost() | {"dense": dense, "test": test}


def _trained(data: Dataset, epochs: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = [nn.Linear(784, 40, bias=False), nn.ReLU(), nn.Linear(40, 20, bias=False)]
        model = nn.Sequential(*layers, nn.ReLU(), nn.Linear(20, 10, bias=False))
    train(model, data, epochs=epochs)
    return model.eval()


def by_magnitude(
    model: nn.Module, loader: Loader, sparsities: Sequence[float], steps: int
) -> Iterable[Masks]:
    """Les plus petits poids à zéro, sans rien ajuster."""
    return [global_masks(magnitude_scores(model), sparsity) for sparsity in sparsities]


def by_woodfisher(
    model: nn.Module, loader: Loader, sparsities: Sequence[float], steps: int
) -> Iterable[PrunedWeights]:
    """OBS en un pas, sur la Fisher empirique par blocs de poids consécutifs.

    References
    ----------
    Singh et Alistarh, 2020, « WoodFisher ».
    """
    return [
        obs_block_pruning(
            model,
            loader,
            _LOSS,
            sparsity,
            curvature="empirical_fisher",
            block_size=_BLOCK,
            steps=1,
        )
        for sparsity in sparsities
    ]


def by_neuron(
    model: nn.Module,
    loader: Loader,
    sparsities: Sequence[float],
    steps: int,
    *,
    first_order: FirstOrder | None = None,
) -> Iterable[PrunedWeights]:
    """`pruning_core.obs_neuron_path` : un seul chemin passe par chaque sparsité."""
    path = sorted({*CubicSchedule(max(sparsities), steps), *sparsities})
    walk = obs_neuron_path(model, loader, _LOSS, path, first_order=first_order)
    return [copy.deepcopy(p) for s, p in zip(path, walk, strict=True) if s in sparsities]


METHODS: dict[str, Callable[[nn.Module, Loader, Sequence[float], int], Iterable[Any]]] = {
    "OBS par neurone": by_neuron,
    "OBS par neurone, pente de la perte": partial(by_neuron, first_order="loss"),
    "OBS par neurone, pente vers le dense": partial(by_neuron, first_order="distillation"),
    "à la WoodFisher": by_woodfisher,
    "magnitude": by_magnitude,
}
