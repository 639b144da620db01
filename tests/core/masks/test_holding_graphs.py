"""Tenir des masques dans un graphe : compilé, exporté, TorchScript, quantifié."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn, optim

from pruning_core.held.models import held_masks
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.holding import hold_masks, release_masks
from pruning_core.passes import undisturbed
from pruning_core.types import Masks
from tests.core.cases import same
from tests.core.masks.masked_problem import (
    MaskedProblem,
    X,
    Y,
    check_same_training,
    masks_of,
    network,
    pruned_are_zero,
    spoil,
)


@pytest.fixture(autouse=True)
def fresh_graphs() -> None:
    """Chaque test compile à neuf."""
    torch.compiler.reset()


def compiled(model: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    return torch.compile(model, backend="aot_eager", fullgraph=True)


def held_network() -> tuple[nn.Module, nn.Module, Masks]:
    """Un réseau tenu, dont les poids élagués ont été salis par `data`, et le même, élagué."""
    held = network()
    masks = masks_of(held)
    pruned = copy.deepcopy(held)
    apply_masks(pruned, masks)
    hold_masks(held, masks)
    spoil(held, masks)
    return held, pruned, masks


def test_compiled_training() -> None:
    """Compilé d'un seul tenant, un modèle tenu entraîne le problème masqué."""
    held = network()
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    hold_masks(held, masks)
    for model, call in ((held, compiled(held)), (problem, problem)):
        optimizer = optim.Adam(model.parameters(), 0.02)
        for _ in range(20):
            optimizer.zero_grad()
            (call(X) - Y).square().mean().backward()
            optimizer.step()
    check_same_training(held, masks, problem)


def test_held_after_compiling() -> None:
    """Une tenue posée, ajoutée ou levée après le premier appel compilé change les suivants."""
    model = network()
    call = compiled(model)
    call(X)
    first, second = masks_of(model), {"0.weight": torch.rand(6, 5) < 0.5}
    both = first | {"0.weight": first["0.weight"] & second["0.weight"]}
    for masks, expected in ((first, first), (second, both)):
        hold_masks(model, masks)
        spoil(model, expected)
        pruned = copy.deepcopy(model)
        release_masks(pruned)
        apply_masks(pruned, expected)
        assert torch.equal(call(X), pruned(X))
    release_masks(model)
    spoil(model, both)
    assert torch.equal(call(X), model(X))


def test_measures_run_step_by_step() -> None:
    """Dans une mesure, un modèle déjà compilé appelle les crochets qu'on lui ajoute."""
    model = network()
    call = torch.compile(model, backend="aot_eager")
    call(X)
    seen = []
    with undisturbed(call):
        handle = model[0].register_forward_hook(lambda *_: seen.append(1))
        call(X)
        handle.remove()
    assert seen == [1]


@pytest.mark.parametrize("strict", [True, False])
def test_export_keeps_the_zeros(strict: bool) -> None:
    """Un programme exporté rend la sortie élaguée, et ses poids enregistrés sont nuls."""
    held, pruned, masks = held_network()
    program = torch.export.export(held, (X,), strict=strict)
    assert torch.equal(program.module()(X), pruned(X))
    assert list(program.state_dict) == list(pruned.state_dict())
    held.forward(X)
    assert same(program.state_dict, pruned.state_dict())
    assert same(held_masks(held), masks)


# Selon sa version, torch annonce ou non, et de plusieurs façons, la fin de torch.jit.
torch_jit = pytest.mark.filterwarnings(
    "ignore:.*torch.jit", "ignore::DeprecationWarning", "ignore::UserWarning"
)


@torch_jit
def test_traced() -> None:
    """Un modèle tracé rend la sortie élaguée, même si ses poids sont salis ensuite."""
    held, pruned, masks = held_network()
    traced = torch.jit.trace(held, (X,))
    spoil(held, masks)
    assert torch.equal(traced(X), pruned(X))


def _script(model: nn.Module) -> object:
    return torch.jit.script(model)


def _quantize(model: nn.Module) -> object:
    return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, torch.qint8)


@torch_jit
@pytest.mark.parametrize("convert", [_script, _quantize])
def test_refused_while_held(convert: Callable[[nn.Module], nn.Module]) -> None:
    """TorchScript et la quantification se refusent d'un modèle tenu, et disent l'issue."""
    held, pruned, masks = held_network()
    with pytest.raises(TypeError, match="release_masks"):
        convert(held)
    assert same(held_masks(held), masks)
    spoil(held, masks)
    held.forward(X)
    assert pruned_are_zero(held, masks)
    release_masks(held)
    twin = convert(held.float())
    torch.testing.assert_close(twin(X.float()), pruned.float()(X.float()), rtol=0.1, atol=0.1)


@torch_jit
def test_a_script_is_not_held() -> None:
    """Un modèle TorchScript, qu'on ne peut pas tenir, se refuse sans rien changer."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1] = torch.jit.script(model[1])
    before = model[0].weight.detach().clone()
    with pytest.raises(TypeError, match="TorchScript"):
        hold_masks(
            model, {name: torch.zeros(2, 2, dtype=torch.bool) for name in ("0.weight", "1.weight")}
        )
    assert torch.equal(model[0].weight, before)
    assert held_masks(model) == {}
