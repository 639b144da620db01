"""Aller et retour entre nos masques et ceux de torch."""

import pytest
import torch
from torch import nn
from torch.nn.utils import prune, spectral_norm

from pruning_core import (
    global_masks,
    hold_masks,
    magnitude_scores,
    masks_from_torch_prune,
    masks_to_torch_prune,
    pruned_copy,
)
from tests.core.cases import NAMES, case, same, snapshot


@pytest.mark.parametrize("name", NAMES)
def test_there_and_back(name: str) -> None:
    """Un modèle élagué par torch rend les masques donnés, et la sortie de notre copie élaguée."""
    found = case(name)
    model = found.model.eval()
    masks = global_masks(magnitude_scores(model), 0.5)
    ours = pruned_copy(model, masks)
    masks_to_torch_prune(model, masks)
    assert same(masks_from_torch_prune(model), masks)
    torch.testing.assert_close(model(found.x), ours(found.x))


def test_keys_and_values_are_those_of_torch() -> None:
    """Les clefs sont weight_orig et weight_mask, comme après `prune.custom_from_mask`."""
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    weight = model[0].weight.detach().clone()
    mask = torch.tensor([[True, False, True], [False, True, True]])
    masks_to_torch_prune(model, {"0.weight": mask})
    state = snapshot(model)
    assert list(state) == ["0.bias", "0.weight_orig", "0.weight_mask", "1.weight", "1.bias"]
    assert torch.equal(state["0.weight_orig"], weight)
    assert torch.equal(state["0.weight_mask"], mask.float())
    prune.remove(model[0], "weight")
    assert torch.equal(model[0].weight, weight * mask)


def test_masks_made_by_torch() -> None:
    """Poids et biais élagués par torch se retrouvent, et se tiennent une fois libérés."""
    model = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Conv1d(2, 2, 2)))
    prune.l1_unstructured(model[0], "weight", 0.5)
    prune.random_unstructured(model[0], "bias", 2)
    prune.ln_structured(model[1][0], "weight", 1, n=2, dim=0)
    masks = masks_from_torch_prune(model)
    assert {name: int((~mask).sum()) for name, mask in masks.items()} == {
        "0.weight": 8,
        "0.bias": 2,
        "1.0.weight": 4,
    }
    assert all(mask.dtype == torch.bool for mask in masks.values())
    alone = prune.l1_unstructured(nn.Linear(2, 2), "weight", 1)
    assert list(masks_from_torch_prune(alone)) == ["weight"]
    # spectral_norm laisse aussi un « weight_orig », mais pas de masque
    other = nn.Sequential(spectral_norm(nn.Linear(2, 2)), alone)
    assert list(masks_from_torch_prune(other)) == ["1.weight"]
    for module, attribute in ((model[0], "weight"), (model[0], "bias"), (model[1][0], "weight")):
        prune.remove(module, attribute)
    with hold_masks(model, masks):
        assert all(not bool(model.get_parameter(n)[~mask].any()) for n, mask in masks.items())


def test_shared_weights() -> None:
    """Un poids partagé est sous son premier nom ; deux masques différents se refusent."""
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    model = nn.Sequential(first, second)
    masks = {"0.weight": torch.eye(2) > 0}
    masks_to_torch_prune(model, masks)
    assert same(masks_from_torch_prune(model), masks)
    second.weight_mask.zero_()
    with pytest.raises(ValueError, match=r"masque de 1\.weight : reçu un autre masque que celui"):
        masks_from_torch_prune(model)


def test_refused() -> None:
    """Sans masque, à demi masqué, tenu ou de mauvaise forme : refusé, et rien n'a changé."""
    model = nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"sans masque de torch\.nn\.utils\.prune"):
        masks_from_torch_prune(model)
    with pytest.raises(ValueError, match="reçu la forme"):
        masks_to_torch_prune(model, {"0.weight": torch.ones(3, 2, dtype=torch.bool)})
    with (
        hold_masks(model, {"0.weight": torch.eye(2) > 0}),
        pytest.raises(ValueError, match="release_masks"),
    ):
        masks_to_torch_prune(model, {"0.weight": torch.eye(2) > 0})
    assert list(model.state_dict()) == ["0.weight", "0.bias"]
    prune.custom_from_mask(model[0], "weight", torch.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="autre chose que 0 et 1"):
        masks_from_torch_prune(model)
