"""La sparsité répartie entre les couches, comptée au poids près."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pruning_core import count_pruned, erk_sparsities, layerwise_masks

shapes = st.lists(st.integers(0, 40), max_size=4).map(tuple)
layers = st.lists(shapes, min_size=1, max_size=6)


def _weights(shapes: list[tuple[int, ...]]) -> dict[str, torch.Tensor]:
    return {f"{rank}.weight": torch.rand(shape) for rank, shape in enumerate(shapes)}


def _rigl(shapes: list[tuple[int, ...]], density: float) -> list[float]:
    """Densités de l'article : ε par dichotomie, chaque couche coupée à la densité 1."""
    sizes = [torch.Size(shape).numel() for shape in shapes]
    raw = [sum(shape) / size for shape, size in zip(shapes, sizes, strict=True)]
    low, high = 0.0, max(1 / r for r in raw)
    for _ in range(200):
        middle = (low + high) / 2
        total = sum(min(1.0, middle * r) * size for r, size in zip(raw, sizes, strict=True))
        low, high = (middle, high) if total < density * sum(sizes) else (low, middle)
    return [min(1.0, high * r) for r in raw]


@pytest.mark.parametrize("sparsity", [0.3, 0.8, 0.9, 0.99])
def test_densities_of_the_paper(sparsity: float) -> None:
    """Les densités d'ERK, au poids près, sur un petit réseau convolutif."""
    shapes = [(16, 3, 5, 5), (32, 16, 3, 3), (32, 32, 3, 3), (100, 512), (10, 100)]
    weights = _weights(shapes)
    n = sum(weight.numel() for weight in weights.values())
    found = erk_sparsities(weights, sparsity)
    expected = _rigl(shapes, 1 - count_pruned(n, sparsity) / n)
    for (name, weight), density in zip(weights.items(), expected, strict=True):
        assert abs((1 - found[name]) - density) * weight.numel() < 1 + 1e-6


def test_small_layers_stay_dense() -> None:
    """Une couche qui demanderait plus que ses poids les garde tous ; les autres se serrent."""
    found = erk_sparsities(_weights([(300, 784), (100, 300), (10, 100)]), 0.9)
    assert found["2.weight"] == 0.0
    assert 0.0 < found["1.weight"] < found["0.weight"]


@given(layers, st.floats(0, 1))
def test_the_total_is_exact(shapes, sparsity) -> None:
    """En tout, exactement `count_pruned` poids partent ; aucune densité ne sort de [0, 1]."""
    weights = _weights(shapes)
    found = erk_sparsities(weights, sparsity)
    assert all(0.0 <= value <= 1.0 for value in found.values())
    masks = layerwise_masks(weights, found)
    n = sum(mask.numel() for mask in masks.values())
    assert sum(int((~mask).sum()) for mask in masks.values()) == count_pruned(n, sparsity)


def test_shapes_only() -> None:
    """Seules les formes comptent : `meta` convient, une couche vide aussi."""
    weights = _weights([(4, 5), (3, 4)])
    bare = {name: weight.to("meta") for name, weight in weights.items()}
    assert erk_sparsities(bare, 0.5) == erk_sparsities(weights, 0.5)
    assert erk_sparsities({"a": torch.ones(0, 3), "b": torch.ones(4)}, 0.5) == {"a": 0.0, "b": 0.5}
    with pytest.raises(ValueError, match="weights : reçu un dictionnaire vide"):
        erk_sparsities({}, 0.5)
    with pytest.raises(ValueError, match="sparsité : reçu 2"):
        erk_sparsities(weights, 2)
