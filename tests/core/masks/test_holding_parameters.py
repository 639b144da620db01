"""Tenir des masques quand un paramètre est remplacé, gelé, prêté, ou repris par torch."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.utils import parametrize, prune

from pruning_core.held.models import held_masks
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.holding import hold_masks
from tests.core.cases import same, snapshot
from tests.core.masks.masked_problem import X, Y, masks_of, network, pruned_are_zero, spoil


def test_a_replaced_parameter_is_held() -> None:
    """Un paramètre mis à la place d'un autre est tenu à son tour ; l'ancien est libre."""
    held = network()
    masks = masks_of(held)
    hold_masks(held, masks)
    old, new = held[0].weight, nn.Parameter(torch.ones(6, 5, dtype=torch.float64))
    held[0].weight = new
    assert held[0].weight is new
    assert not old._backward_hooks
    optimizer = torch.optim.Adam(held.parameters(), 0.1, weight_decay=0.1)
    held.forward(X).square().mean().backward()
    assert not bool(new.grad[~masks["0.weight"]].any())
    optimizer.step()
    assert pruned_are_zero(held, masks)
    held[0].bias = None
    held(X)
    assert held[0].bias is None
    with pytest.raises(ValueError, match=r"forme \(2, 5\) ; attendu \(6, 5\)"):
        held[0].weight = nn.Parameter(torch.ones(2, 5))
    assert held[0].weight is new


def test_the_parameter_is_the_attribute() -> None:
    """`module.weight` est le paramètre même : on l'optimise, on y écrit, on y lit son gradient."""
    held = network()
    masks = masks_of(held)
    hold_masks(held, masks)
    weight = held[0].weight
    assert weight is dict(held.named_parameters())["0.weight"]
    nn.init.constant_(held[0].weight, 2.0)
    assert torch.equal(held[0].weight.detach(), 2.0 * masks["0.weight"])
    optimizer = torch.optim.SGD([held[0].weight], 0.1)
    held(X).square().mean().backward()
    before = weight.detach().clone()
    optimizer.step()
    assert torch.equal(weight.detach(), before - 0.1 * held[0].weight.grad)


def test_frozen_then_thawed() -> None:
    """Un poids gelé est tenu, et son gradient l'est s'il est dégelé."""
    held = network()
    masks = masks_of(held)
    held[0].weight.requires_grad_(False)
    hold_masks(held, masks)
    spoil(held, masks)
    held(X)
    assert pruned_are_zero(held, masks)
    held[0].weight.requires_grad_(True)
    held(X).square().mean().backward()
    assert not bool(held[0].weight.grad[~masks["0.weight"]].any())
    assert bool(held[0].weight.grad.any())


def test_other_parameters_for_one_call() -> None:
    """`functional_call` lit et dérive masqués les tenseurs d'autrui, sans y toucher."""
    held, other = network(), network()
    masks = masks_of(held)
    hold_masks(held, masks)
    dense = dict(other.named_parameters())
    before = snapshot(other)
    functional_call(held, dense, (X,)).square().mean().backward()
    assert same(before, snapshot(other))
    assert all(not bool(dense[key].grad[~mask].any()) for key, mask in masks.items())
    assert all(not parameter._backward_hooks for parameter in other.parameters())
    gradients = torch.func.grad(lambda p: functional_call(held, p, (X,)).square().mean())(dense)
    for key, parameter in dense.items():
        torch.testing.assert_close(gradients[key], parameter.grad)
    jacobian = torch.func.vmap(torch.func.jacrev(held))(X)
    apply_masks(other, masks)
    torch.testing.assert_close(jacobian, torch.func.vmap(torch.func.jacrev(other))(X))


def test_a_replica_is_masked() -> None:
    """Une réplique de DataParallel, dont les poids ne sont plus des paramètres, est masquée."""
    held = nn.Linear(5, 3, bias=False).double()
    mask = torch.rand(3, 5) < 0.5
    hold_masks(held, {"weight": mask})
    replica = held._replicate_for_data_parallel()
    replica.weight = torch.ones(3, 5, dtype=torch.float64)
    replica.bias = None
    assert torch.equal(replica(X), X @ mask.double().T)


def test_a_held_weight_is_not_reparametrized() -> None:
    """Un poids tenu ne se laisse pas reparamétrer, et rien n'a changé."""
    held = network()
    masks = masks_of(held)
    hold_masks(held, masks)
    names = list(held.state_dict())
    with pytest.raises(ValueError, match="release_masks"):
        parametrize.register_parametrization(held[0], "weight", nn.Identity())
    with pytest.raises(ValueError, match="release_masks"):
        nn.utils.parametrizations.weight_norm(held[0])
    assert list(held.state_dict()) == names
    held(X)
    assert same(held_masks(held), masks)


def test_pruned_again_by_torch() -> None:
    """`torch.nn.utils.prune` élague un poids tenu : les deux masques se réunissent."""
    held = network()
    masks = masks_of(held)
    hold_masks(held, masks)
    mask = torch.rand(6, 5) < 0.5
    prune.custom_from_mask(held[0], "weight", mask)
    both = mask & masks["0.weight"]
    with torch.no_grad():
        held[0].weight_orig.fill_(1.0)
        held.forward(X)
    assert torch.equal(held[0].weight.detach(), both.double())
    prune.remove(held[0], "weight")
    assert torch.equal(held[0].weight.detach(), both.double())
    assert isinstance(held[0].weight, nn.Parameter)


def test_gradients_already_there_are_masked() -> None:
    """Un gradient accumulé avant la tenue ne compte plus hors des masques."""
    held = network()
    (held(X) - Y).square().mean().backward()
    masks = masks_of(held)
    hold_masks(held, masks)
    own = dict(held.named_parameters())
    assert all(not bool(own[key].grad[~mask].any()) for key, mask in masks.items())
    assert bool(own["0.weight"].grad.any())


def test_a_sharded_parameter_is_refused() -> None:
    """Un paramètre réparti entre des processus (FSDP) se refuse, et rien n'est changé."""
    model = network()
    before = snapshot(model)
    model[2].weight.placements = ()
    with pytest.raises(TypeError, match="DTensor"):
        hold_masks(model, masks_of(model))
    assert same(before, snapshot(model))
    assert held_masks(model) == {}
    assert type(model[0]) is nn.Linear
