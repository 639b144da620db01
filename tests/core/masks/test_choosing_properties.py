"""Ce qui vaut pour tous les scores et toutes les sparsités, essayé au hasard."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pruning_core.masks.choosing import count_pruned, global_masks, layerwise_masks

few_values = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 1e30])
arrays = hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=6), elements=few_values)
score_dicts = st.dictionaries(st.sampled_from("abcd"), arrays, min_size=1)
sparsities = st.floats(0, 1)


def _total(masks) -> int:
    return sum(int((~mask).sum()) for mask in masks.values())


@given(score_dicts, sparsities, sparsities)
def test_global_properties(arrays, first, second) -> None:
    """Compte exact, seuil qui sépare, emboîtement, accord avec un tri stable."""
    scores = {name: torch.from_numpy(array) for name, array in arrays.items()}
    n = sum(score.numel() for score in scores.values())
    low, high = sorted((first, second))
    masks, more = global_masks(scores, low), global_masks(scores, high)
    assert _total(masks) == count_pruned(n, low)
    assert all(not bool((more[name] & ~masks[name]).any()) for name in scores)
    flat = torch.cat([score.reshape(-1) for score in scores.values()])
    expected = torch.ones(n, dtype=torch.bool)
    expected[torch.sort(flat, stable=True).indices[: count_pruned(n, low)]] = False
    assert torch.equal(torch.cat([mask.reshape(-1) for mask in masks.values()]), expected)


def _flat(masks) -> list[bool]:
    return torch.cat([mask.reshape(-1) for mask in masks.values()]).tolist()


def _floored(scores, least, k: int) -> list[bool]:
    """Par la définition : les k premiers, dans un tri stable, que leur couche peut perdre."""
    places = [(name, value) for name, score in scores.items() for value in score.flatten().tolist()]
    spare = {name: score.numel() - least[name] for name, score in scores.items()}
    kept = [True] * len(places)
    for place in sorted(range(len(places)), key=lambda place: places[place][1]):
        name = places[place][0]
        if k > 0 and spare[name] > 0:
            kept[place] = False
            k, spare[name] = k - 1, spare[name] - 1
    return kept


@given(score_dicts, sparsities, sparsities, st.integers(0, 4) | st.floats(0, 1))
def test_min_kept_properties(arrays, first, second, floor) -> None:
    """Le plancher tient, le compte reste exact, les masques s'emboîtent encore."""
    scores = {name: torch.from_numpy(array) for name, array in arrays.items()}
    n = sum(score.numel() for score in scores.values())
    least = {
        name: math.ceil(floor * score.numel()) if isinstance(floor, float) else floor
        for name, score in scores.items()
    }
    free = n - sum(min(least[name], score.numel()) for name, score in scores.items())
    low, high = sorted((first, second))
    if count_pruned(n, high) > free:
        with pytest.raises(ValueError, match="min_kept"):
            global_masks(scores, high, min_kept=floor)
        return
    masks, more = (global_masks(scores, s, min_kept=floor) for s in (low, high))
    assert _total(masks) == count_pruned(n, low)
    assert _flat(masks) == _floored(scores, least, count_pruned(n, low))
    for name, score in scores.items():
        assert int(more[name].sum()) >= min(least[name], score.numel())
        assert not bool((more[name] & ~masks[name]).any())


@given(score_dicts, sparsities)
def test_layerwise_properties(arrays, sparsity) -> None:
    """Couche par couche, le compte est exact dans chacune."""
    scores = {name: torch.from_numpy(array) for name, array in arrays.items()}
    for name, mask in layerwise_masks(scores, sparsity).items():
        assert _total({name: mask}) == count_pruned(scores[name].numel(), sparsity)
        assert torch.equal(mask, global_masks({name: scores[name]}, sparsity)[name])
