"""Ce que coûtent des masques tenus : un pas d'entraînement, avec et sans."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import global_masks, hold_masks, magnitude_scores
from pruning_core.course.models import lenet_300_100
from tests.benchmarks.measuring import measure


def run(held: bool, steps: int, batch: int, repeats: int = 3) -> dict[str, Any]:
    """Entraîne LeNet-300-100 sur des images tirées au sort, ses masques à 90 % tenus ou non.

    Returns
    -------
    dict
        `seconds` (les `steps` pas) et `peak_bytes`.
    """
    model = lenet_300_100()
    if held:
        hold_masks(model, global_masks(magnitude_scores(model), 0.9))
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(batch, 784, generator=generator)
    y = torch.randint(10, (batch,), generator=generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def walk(count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            _loss(model, x, y).backward()
            optimizer.step()

    walk(3)
    return measure(lambda: walk(steps), repeats=repeats).cost()


def _loss(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(model(x), y)
