"""Mesurer des masques."""

import warnings

import pytest
import torch
from torch import nn

from pruning_core import apply_masks, global_masks, magnitude_scores, prunable_parameters
from pruning_core.masks.measuring import compute_sparsity, layer_sparsities, mask_agreement

A = torch.tensor([[True, False], [False, False]])
B = torch.tensor([True, True, True, False, False, False])


def test_compute_sparsity() -> None:
    """La sparsité compte tous les poids : 0,6, où la moyenne des couches dirait 0,625."""
    assert compute_sparsity({"a": A, "b": B}) == 0.6
    assert layer_sparsities({"a": A, "b": B}) == {"a": 0.75, "b": 0.5}
    assert compute_sparsity({"a": torch.ones(2, dtype=torch.bool)}) == 0.0


def test_sparsity_of_a_model() -> None:
    """Seuls comptent les poids élagables : ni biais, ni normalisation, ni poids gelés."""
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[0.0, 1.0], [0.0, 0.0]]))
        model[0].bias.zero_()
        model[2].weight.fill_(1.0)
    assert compute_sparsity(model) == 0.5
    assert layer_sparsities(model) == {"0.weight": 0.75, "2.weight": 0.0}
    model[2].requires_grad_(False)
    assert layer_sparsities(model) == {"0.weight": 0.75}
    model.requires_grad_(False)
    assert compute_sparsity(model) == 0.5
    model[2].bias.requires_grad_(True)
    assert compute_sparsity(model) == 0.5


@pytest.mark.parametrize("frozen", [(), (0,), (2,), (0, 2)])
def test_masks_and_model_count_the_same_weights(frozen: tuple[int, ...]) -> None:
    """Des masques faits par défaut et le modèle qu'ils élaguent ont la même sparsité."""
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 5))
    for index in frozen:
        model[index].requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = prunable_parameters(model, include_frozen=len(frozen) == 2)
        masks = global_masks(magnitude_scores(model, parameters=chosen), 0.3)
        apply_masks(model, masks)
        assert compute_sparsity(model) == compute_sparsity(masks)


def test_a_model_without_data() -> None:
    """Un modèle `meta`, ou paresseux et qui n'a rien lu, se refuse."""
    with pytest.raises(ValueError, match=r"0\.weight : reçu un tenseur « meta »"):
        compute_sparsity(nn.Sequential(nn.Linear(2, 2, device="meta")))
    with pytest.raises(ValueError, match="un passage avant d'abord"):
        compute_sparsity(nn.Sequential(nn.LazyLinear(2)))


@pytest.mark.parametrize(
    ("masks", "error", "message"),
    [
        ({}, ValueError, "reçu un dictionnaire vide ; attendu au moins une couche"),
        ({"a": A.float()}, TypeError, r"torch\.float32"),
        ({"a": torch.ones(0, dtype=torch.bool)}, ValueError, "sans élément"),
        (None, TypeError, "NoneType"),
    ],
)
def test_bad_masks(masks, error, message) -> None:
    """Sans élément, ou sans masque booléen, la sparsité se refuse."""
    for call in (compute_sparsity, layer_sparsities):
        with pytest.raises(error, match=message):
            call(masks)


def test_mask_agreement() -> None:
    """L'accord compte les gardés communs, non les élagués communs, nombreux par hasard."""
    other = torch.tensor([[True, True], [False, False]])
    assert mask_agreement({"a": A}, {"a": other}) == 0.5
    assert mask_agreement({"a": A, "b": B}, {"b": B, "a": other}) == 4 / 5
    assert mask_agreement({"a": A}, {"a": A}) == 1.0
    assert mask_agreement({"a": A}, {"a": ~A}) == 0.0
    nothing = {"a": torch.zeros(2, dtype=torch.bool)}
    assert mask_agreement(nothing, nothing) == 1.0


def test_mask_agreement_of_strangers() -> None:
    """Les masques de deux modèles se refusent."""
    with pytest.raises(ValueError, match="noms inconnus"):
        mask_agreement({"a": A}, {"b": A})
    with pytest.raises(ValueError, match=r"\(6,\) ; attendu \(2, 2\)"):
        mask_agreement({"a": A}, {"a": B})
