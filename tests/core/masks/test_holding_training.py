"""Tenir des masques sous les façons d'entraîner : accumulation, AMP, moyennes, deux optimiseurs."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn, optim
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.checkpoint import checkpoint

from pruning_core.masks.holding import hold_masks
from tests.core.masks.masked_problem import (
    MaskedProblem,
    X,
    Y,
    check_same_training,
    masks_of,
    network,
    pruned_are_zero,
)


def squared(model: nn.Module) -> torch.Tensor:
    return (model(X) - Y).square().mean()


def plain(model: nn.Module) -> None:
    """Vingt pas d'Adam."""
    optimizer = optim.Adam(model.parameters(), 0.02)
    for _ in range(20):
        optimizer.zero_grad()
        squared(model).backward()
        optimizer.step()


def accumulated(model: nn.Module) -> None:
    """Trois passages avant et arrière par pas, et deux pertes ensemble."""
    optimizer = optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for _ in range(20):
        optimizer.zero_grad()
        first, second, third = ((model(X[i::3]) - Y[i::3]).square().mean() for i in range(3))
        (first + second).backward()
        third.backward()
        optimizer.step()


def scaled(model: nn.Module) -> None:
    """GradScaler, qui ôte son échelle, écrête, puis fait le pas."""
    optimizer = optim.Adam(model.parameters(), 0.02)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
    for _ in range(20):
        optimizer.zero_grad()
        scaler.scale(squared(model)).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        scaler.step(optimizer)
        scaler.update()


def scaler_off(model: nn.Module) -> None:
    """GradScaler éteint."""
    optimizer = optim.SGD(model.parameters(), 0.1)
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    for _ in range(20):
        optimizer.zero_grad()
        scaler.scale(squared(model)).backward()
        scaler.step(optimizer)
        scaler.update()


def clipped_by_value(model: nn.Module) -> None:
    """Gradient écrêté valeur par valeur, puis bruité à la main."""
    optimizer = optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for step in range(20):
        optimizer.zero_grad()
        squared(model).backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.01)
        for parameter in model.parameters():
            assert parameter.grad is not None
            parameter.grad += 0.01 * step
        optimizer.step()


def step_inside_backward(model: nn.Module) -> None:
    """Un optimiseur par poids, qui fait son pas dès que son gradient est prêt."""
    steps = {p: optim.Adam([p], 0.02) for p in model.parameters()}

    def step(parameter: nn.Parameter) -> None:
        steps[parameter].step()
        steps[parameter].zero_grad()

    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(step)
    for _ in range(20):
        squared(model).backward()


def with_a_penalty(model: nn.Module) -> None:
    """Gradient pénalisé par sa propre norme : la rétropropagation passe deux fois."""
    optimizer = optim.SGD(model.parameters(), 0.1)
    for _ in range(20):
        optimizer.zero_grad()
        loss = squared(model)
        gradients = torch.autograd.grad(loss, list(model.parameters()), create_graph=True)
        (loss + 0.1 * sum(g.square().sum() for g in gradients)).backward()
        optimizer.step()


def checkpointed(model: nn.Module, *, reentrant: bool) -> None:
    """Les activations sont recalculées pendant la rétropropagation."""
    optimizer = optim.Adam(model.parameters(), 0.02)
    x = X.clone().requires_grad_()
    for _ in range(20):
        optimizer.zero_grad()
        (checkpoint(model, x, use_reentrant=reentrant) - Y).square().mean().backward()
        optimizer.step()


TRAININGS: dict[str, Callable[[nn.Module], None]] = {
    "plain": plain,
    "accumulated": accumulated,
    "scaled": scaled,
    "scaler_off": scaler_off,
    "clipped_by_value": clipped_by_value,
    "step_inside_backward": step_inside_backward,
    "with_a_penalty": with_a_penalty,
    "checkpointed": lambda m: checkpointed(m, reentrant=False),
    "checkpointed_reentrant": lambda m: checkpointed(m, reentrant=True),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_same_as_the_masked_problem(name: str) -> None:
    """De quelque façon qu'on entraîne, c'est le problème masqué que l'on entraîne."""
    held = network()
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    hold_masks(held, masks)
    TRAININGS[name](held)
    TRAININGS[name](problem)
    check_same_training(held, masks, problem)


def test_autocast_in_bfloat16() -> None:
    """Avec des activations en bf16, le réseau tenu suit le problème masqué."""
    held = network().float()
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    hold_masks(held, masks)
    x, y = X.float(), Y.float()
    for model in (held, problem):
        optimizer = optim.SGD(model.parameters(), 0.1)
        for _ in range(20):
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = (model(x) - y).square().mean()
            loss.backward()
            optimizer.step()
    assert pruned_are_zero(held, masks)
    for name, expected in problem.weights().items():
        torch.testing.assert_close(dict(held.named_parameters())[name], expected)


def test_two_optimizers_and_a_shared_trunk() -> None:
    """Un tronc et deux têtes : le pas d'une tête laisse valable ce que l'autre attend."""

    def build() -> nn.ModuleDict:
        trunk, first, second = network(), nn.Linear(3, 2).double(), nn.Linear(3, 1).double()
        return nn.ModuleDict({"trunk": trunk, "first": first, "second": second})

    def losses(model: nn.Module, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return model["first"](hidden).square().mean(), model["second"](hidden).square().mean()

    torch.manual_seed(1)
    held, other = build(), build()
    other.load_state_dict(held.state_dict())
    masks = masks_of(held)
    hold_masks(held, masks)
    plain_names = dict(other.named_parameters())
    for model in (held, other):
        one, two = (optim.SGD(model[head].parameters(), 0.1) for head in ("first", "second"))
        both = optim.Adam(model["trunk"].parameters(), 0.05)
        for _ in range(5):
            if model is other:
                with torch.no_grad():
                    for name, mask in masks.items():
                        plain_names[name].mul_(mask)
            for optimizer in (one, two, both):
                optimizer.zero_grad()
            first, second = losses(model, model["trunk"](X))
            first.backward(retain_graph=True)
            one.step()
            second.backward()
            if model is other:
                for name, mask in masks.items():
                    plain_names[name].grad *= mask
            two.step()
            both.step()
    assert pruned_are_zero(held, masks)
    for name, parameter in held.named_parameters():
        expected = plain_names[name] * masks[name]
        torch.testing.assert_close(parameter.detach(), expected.detach())


def test_averaged_model() -> None:
    """Une moyenne mobile de torch tient les mêmes zéros, et suit les poids gardés."""
    held = network()
    masks = masks_of(held)
    hold_masks(held, masks)
    average = AveragedModel(held, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    optimizer = optim.SGD(held.parameters(), 0.1, momentum=0.9)
    expected = copy.deepcopy(held[0].weight.detach())
    for step in range(10):
        optimizer.zero_grad()
        squared(held).backward()
        optimizer.step()
        average.update_parameters(held)
        now = held[0].weight.detach()
        expected = now.clone() if step == 0 else 0.9 * expected + 0.1 * now
    average(X)
    assert pruned_are_zero(average.module, masks)
    torch.testing.assert_close(average.module[0].weight.detach(), expected)


def test_swapped_averages() -> None:
    """Des poids denses, mis puis ôtés à la main par `data`, ne passent dans aucune sortie."""
    held = network()
    dense = [p.detach().clone() for p in held.parameters()]
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    hold_masks(held, masks)
    for parameter, value in zip(held.parameters(), dense, strict=True):
        parameter.data.copy_(value)
    assert torch.equal(held.forward(X), problem(X))
    assert pruned_are_zero(held, masks)


def test_master_weights() -> None:
    """Des poids maîtres en float32, recopiés dans un modèle bf16, n'y ramènent rien."""
    held = network().bfloat16()
    masks = masks_of(held)
    hold_masks(held, masks)
    masters = [p.detach().float().requires_grad_() for p in held.parameters()]
    optimizer = optim.AdamW(masters, 0.1, weight_decay=0.5)
    for _ in range(5):
        held.zero_grad()
        (held(X.bfloat16()) - Y.bfloat16()).square().mean().backward()
        for master, parameter in zip(masters, held.parameters(), strict=True):
            assert parameter.grad is not None
            master.grad = parameter.grad.float()
            master.data += 0.1
        optimizer.step()
        for master, parameter in zip(masters, held.parameters(), strict=True):
            parameter.data.copy_(master)
    output = held(X.bfloat16())
    assert pruned_are_zero(held, masks)
    assert bool(output.isfinite().all())
