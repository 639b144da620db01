"""La classe fille d'un module tenu."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from pruning_core.held.models import held_masks
from pruning_core.masks.holding import hold_masks, release_masks
from tests.core.cases import same
from tests.core.masks.masked_problem import X, masks_of, network, pruned_are_zero, spoil


def test_saved_states_are_zero() -> None:
    """Un `state_dict` pris après une écriture par `data` est nul hors des masques."""
    model = network()
    masks = masks_of(model)
    hold_masks(model, masks)
    spoil(model, masks)
    assert all(not bool(model.state_dict()[name][~mask].any()) for name, mask in masks.items())


def test_two_weights_of_a_module() -> None:
    """Tenir le biais après le poids tient les deux ; lever le poids laisse le biais."""
    model = network()
    masks = masks_of(model)
    weight, bias = ({name: masks[name]} for name in ("0.weight", "0.bias"))
    hold = hold_masks(model, weight)
    hold_masks(model, bias)
    assert same(held_masks(model), weight | bias)
    spoil(model, weight | bias)
    model(X)
    assert pruned_are_zero(model, weight | bias)
    hold.remove()
    assert same(held_masks(model), bias)
    spoil(model, weight | bias)
    model(X)
    assert pruned_are_zero(model, bias)
    assert not pruned_are_zero(model, weight)


class OwnCopy(nn.Linear):
    """Une classe qui fait elle-même ses copies profondes."""

    def __deepcopy__(self, memo: object) -> OwnCopy:
        twin = type(self)(self.in_features, self.out_features).double()
        twin.load_state_dict(self.state_dict())
        return twin


@pytest.mark.parametrize(
    "make",
    [OwnCopy, lambda *sizes: parametrizations.weight_norm(nn.Linear(*sizes), dim=1)],
    ids=["sienne", "reparamétrée"],
)
def test_a_class_that_copies_itself(make: Callable[[int, int], nn.Module]) -> None:
    """La copie que fait une classe à sa façon tient les mêmes poids, dans ses paramètres."""
    model = make(5, 3).double()
    mask = torch.tensor([True, False, True])
    hold_masks(model, {"bias": mask})
    twin = copy.deepcopy(model)
    release_masks(model)
    bias = dict(twin.named_parameters())["bias"]
    assert twin.bias is bias
    assert same(held_masks(twin), {"bias": mask})
    twin(X).sum().backward()
    bias.grad.add_(1.0)  # du bruit, ajouté sans autograd
    torch.optim.SGD(twin.parameters(), lr=0.1).step()
    assert not bool(bias.detach()[~mask].any())


class Registered(nn.Linear):
    """Une classe qui tient le registre de ses filles, et exige d'elles un nom."""

    known: list[str]

    def __init_subclass__(cls, label: str) -> None:
        Registered.known.append(label)


Registered.known = []


def test_a_class_that_registers_its_children() -> None:
    """Une classe qui exige un argument de ses filles se tient, et n'en connaît pas une de plus."""
    model = Registered(5, 3).double()
    mask = torch.rand(3, 5) < 0.5
    hold_masks(model, {"weight": mask})
    assert Registered.known == []
    assert isinstance(model, Registered)
    assert not bool(copy.deepcopy(model).weight[~mask].any())
    release_masks(model)
    assert type(model) is Registered


def test_a_quantized_training_goes_on() -> None:
    """Un module préparé pour la quantification garde son réglage, tenu ou non."""
    model = nn.Linear(5, 3).double()
    assert not hasattr(model, "qconfig")
    hold_masks(model, {"weight": torch.rand(3, 5) < 0.5})
    assert not hasattr(model, "qconfig")
    release_masks(model)
    model.qconfig = "réglage"
    hold_masks(model, {"weight": torch.rand(3, 5) < 0.5})
    assert model.qconfig == copy.deepcopy(model).qconfig == "réglage"


def test_a_class_put_over_ours() -> None:
    """Une classe mise par-dessus la nôtre (FSDP) garde la tenue, puis sa place."""
    model = nn.Linear(5, 3).double()
    mask = torch.rand(3, 5) < 0.5
    first = hold_masks(model, {"weight": mask})
    over = type("Over", (type(model),), {})
    model.__class__ = over
    second = hold_masks(model, {"bias": torch.tensor([True, False, True])})
    with torch.no_grad():
        model.weight.fill_(2.0), model.bias.fill_(2.0)
    model(X)
    assert not bool(model.weight[~mask].any())
    assert model.bias.tolist() == [2.0, 0.0, 2.0]
    first.remove()
    second.remove()
    assert type(model) is over
    with torch.no_grad():
        model.weight.fill_(2.0)
    assert bool((model.weight == 2.0).all())
    assert held_masks(model) == {}


def test_a_module_of_the_same_class() -> None:
    """Un module que le code construit par `type(self)(...)` naît libre, et marche."""
    model = nn.Linear(5, 3).double()
    hold_masks(model, {"weight": torch.rand(3, 5) < 0.5})
    other = type(model)(5, 3).double()
    assert other(X).shape == (12, 3)
    assert held_masks(other) == {}
    assert copy.deepcopy(other)(X).shape == (12, 3)
