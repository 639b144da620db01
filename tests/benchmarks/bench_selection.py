"""Choisir les k plus petits de n scores : `global_masks` contre ce que donne torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils import prune

from pruning_core import count_pruned, global_masks
from tests.benchmarks.measuring import measure

SPARSITY = 0.9
LAYERS = 4

Scores = dict[str, torch.Tensor]


def run(method: str, n: int, repeats: int) -> dict[str, Any]:
    """Mesure une méthode sur n scores float32 tirés au sort, en quatre couches.

    La mémoire est celle prise au-dessus des scores, masques compris.
    """
    select = METHODS[method]
    select(_scores(1000))
    scores = _scores(n)
    return measure(lambda: select(scores), repeats=repeats).cost()


def _scores(n: int) -> Scores:
    generator = torch.Generator().manual_seed(0)
    sizes = [n // LAYERS] * (LAYERS - 1) + [n - n // LAYERS * (LAYERS - 1)]
    return {f"{i}.weight": torch.rand(m, generator=generator) for i, m in enumerate(sizes)}


def by_pruning_core(scores: Scores) -> Scores:
    """Masques de `pruning_core.global_masks`."""
    return global_masks(scores, SPARSITY)


def by_torch_prune(scores: Scores) -> Scores:
    """Masques de `torch.nn.utils.prune.global_unstructured`, à qui les scores sont donnés."""
    layers = {name: nn.Module() for name in scores}
    for name, layer in layers.items():
        layer.weight = nn.Parameter(scores[name], requires_grad=False)
    pairs = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(
        pairs,
        pruning_method=prune.L1Unstructured,
        importance_scores={pair: score for pair, score in zip(pairs, scores.values(), strict=True)},
        amount=SPARSITY,
    )
    return {name: layer.weight_mask for name, layer in layers.items()}


def by_kthvalue(scores: Scores) -> Scores:
    """Masques par un seuil de `torch.kthvalue` ; faux en cas d'égalités."""
    flat = torch.cat([score.flatten() for score in scores.values()])
    threshold = flat.kthvalue(count_pruned(flat.numel(), SPARSITY)).values
    del flat
    return {name: score > threshold for name, score in scores.items()}


def by_topk(scores: Scores) -> Scores:
    """Masques par les rangs de `torch.topk` ; égalités tranchées au hasard."""
    flat = torch.cat([score.flatten() for score in scores.values()])
    kept = torch.ones(flat.numel(), dtype=torch.bool)
    k = count_pruned(flat.numel(), SPARSITY)
    kept[flat.topk(k, largest=False, sorted=False).indices] = False
    parts = kept.split([score.numel() for score in scores.values()])
    return dict(zip(scores, parts, strict=True))


METHODS: dict[str, Callable[[Scores], Scores]] = {
    "pruning_core.global_masks": by_pruning_core,
    "prune.global_unstructured": by_torch_prune,
    "torch.kthvalue": by_kthvalue,
    "torch.topk": by_topk,
}
