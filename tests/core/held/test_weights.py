"""Un poids tenu : ses zéros, son gradient, et les optimiseurs qui le changent."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn

from pruning_core.held.weights import HeldWeight
from pruning_core.held.zeros import Zeros
from pruning_core.masks.holding import hold_masks
from tests.core.masks.masked_problem import X, masks_of, network, pruned_are_zero


def loaded(model: nn.Module) -> nn.Module:
    model.load_state_dict({k: v + 1 for k, v in model.state_dict().items()}, assign=True)
    return model


def replaced(model: nn.Module) -> nn.Module:
    for module in (model[0], model[2]):
        module.weight = nn.Parameter(torch.ones_like(module.weight))
        module.bias = nn.Parameter(torch.ones_like(module.bias))
    return model


CHANGES: dict[str, Callable[[nn.Module], nn.Module]] = {
    "none": lambda m: m,
    "deepcopy": copy.deepcopy,
    "loaded": loaded,
    "replaced": replaced,
    "float": lambda m: m.to(torch.bfloat16),
}


@pytest.mark.parametrize("change", CHANGES)
def test_held_before_any_read(change: str) -> None:
    """Gradient et pas d'optimiseur sont masqués même si aucun module n'a encore été lu."""
    model = network()
    masks = masks_of(model)
    hold_masks(model, masks)
    model = CHANGES[change](model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    own = dict(model.named_parameters())
    for _ in range(2):
        sum(parameter.exp().sum() for parameter in own.values()).backward()
        for name, mask in masks.items():
            gradient = own[name].grad
            assert not bool(gradient[~mask].any())
            assert bool(gradient[mask].all())
            gradient.fill_(1.0)
        optimizer.step()
        assert pruned_are_zero(model, masks)


def test_a_parameter_is_watched_once() -> None:
    """Lire n'ajoute pas un crochet à chaque fois."""
    model = network()
    hold_masks(model, masks_of(model))
    for _ in range(3):
        model(X).sum().backward()
    assert [len(parameter._backward_hooks) for parameter in model.parameters()] == [1] * 4


def test_two_holders_of_one_parameter() -> None:
    """Deux modules tiennent un même poids sous d'autres masques : lever l'une laisse l'autre."""
    model = nn.ModuleDict({"a": nn.Linear(3, 3, bias=False), "b": nn.Linear(3, 3, bias=False)})
    model["b"].weight = model["a"].weight
    first, second = torch.eye(3) > 0, torch.rand(3, 3) < 0.5
    hold_masks(model["b"], {"weight": second})
    hold = hold_masks(model, {"a.weight": first})
    weight = model["a"].weight
    optimizer = torch.optim.SGD([weight], 1.0)

    def step() -> torch.Tensor:
        weight.grad = torch.ones(3, 3)
        optimizer.step()
        return weight.detach()

    assert not bool(step()[~(first & second)].any())
    hold.remove()
    assert not bool(step()[~second].any())
    assert bool(weight.detach()[second].all())


def test_another_shape_is_refused_when_read() -> None:
    """Un paramètre d'une autre forme, glissé sans passer par le module, ne se lit pas masqué."""
    model = network()
    hold_masks(model, masks_of(model))
    model[0]._parameters["weight"] = nn.Parameter(torch.ones(1, 5, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"forme \(1, 5\) ; attendu \(6, 5\)"):
        model(X)


def test_the_fast_way_is_taken() -> None:
    """Sur le processeur, un poids tenu l'est bit à bit, dans le type qu'il a."""
    for dtype in (torch.float32, torch.float64):
        parameter = nn.Parameter(torch.ones(4, dtype=dtype))
        held = HeldWeight({"": Zeros(torch.tensor([True, False, True, False]))})
        held.take(parameter)
        assert held.zeros._bits_for(parameter.data) is not None
        assert parameter.tolist() == [0.0, 1.0, 0.0, 1.0]
