"""Les masques N:M."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pruning_core import Pattern, magnitude_scores, obs_layer_pruning, pattern_masks


@pytest.mark.parametrize(("kept", "group"), [(2, 4), (1, 4), (4, 8), (0, 2), (3, 3)])
def test_every_group_keeps_its_largest(kept: int, group: int) -> None:
    """Chaque groupe garde ses N plus grands scores, cherchés un groupe à la fois."""
    score = torch.randn(5, 24, generator=torch.Generator().manual_seed(0)).abs()
    mask = pattern_masks({"w": score}, Pattern(kept, group))["w"]
    for row, kept_row in zip(score, mask, strict=True):
        for first in range(0, 24, group):
            part = row[first : first + group]
            largest = set(sorted(range(group), key=lambda i: -part[i])[:kept])
            assert set(kept_row[first : first + group].nonzero().flatten().tolist()) == largest


def test_first_of_equal_scores_goes() -> None:
    """À égalité, le plus petit rang part le premier."""
    mask = pattern_masks({"w": torch.ones(1, 4)}, Pattern(2, 4))["w"]
    assert mask.tolist() == [[False, False, True, True]]


def test_a_group_is_of_one_neuron() -> None:
    """Un groupe est fait d'entrées d'un neurone, où que la couche les range."""
    pytest.importorskip("transformers")
    from transformers.pytorch_utils import Conv1D

    model = nn.Sequential(Conv1D(3, 8))  # [8 entrées, 3 sorties]
    mask = pattern_masks(magnitude_scores(model), Pattern(2, 4), model=model)["0.weight"]
    assert mask.reshape(2, 4, 3).sum(1).tolist() == [[2, 2, 2], [2, 2, 2]]


@pytest.mark.parametrize(
    ("shape", "pattern", "said"),
    [
        ((3, 6), Pattern(2, 4), "reçu un poids de forme .3, 6. ; attendu une matrice"),
        ((4, 4, 3, 4), Pattern(2, 4), "attendu une matrice"),
        ((3, 4), Pattern(5, 4), "kept : reçu 5 ; attendu 4 au plus"),
        ((3, 4), Pattern(2, 0), "group"),
    ],
)
def test_what_has_no_groups_is_refused(shape: tuple[int, ...], pattern: Pattern, said: str) -> None:
    """Un nombre d'entrées que M ne divise pas, une convolution ou un motif impossible."""
    with pytest.raises(ValueError, match=said):
        pattern_masks({"w": torch.ones(shape)}, pattern)


def test_obs_refuses_what_has_no_groups() -> None:
    """OBS par couche refuse de même, en nommant le poids, et ne change rien."""
    model = nn.Sequential(nn.Linear(6, 4))
    with pytest.raises(ValueError, match=r"0\.weight : reçu un poids de forme \(4, 6\)"):
        obs_layer_pruning(model, [(torch.randn(8, 6), torch.randn(8, 4))], Pattern(2, 4))
