"""Imposer des zéros à un tenseur."""

import copy
import math
import pickle

import pytest
import torch

from pruning_core.held.zeros import Zeros

TYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64]


@pytest.mark.parametrize("followed", [True, False])
@pytest.mark.parametrize("dtype", TYPES)
def test_plus_zero_from_anything(dtype: torch.dtype, followed: bool) -> None:
    """NaN, l'infini et −1 donnent +0 ; ce qui est gardé l'est au bit près, −0 et NaN compris."""
    values = [math.nan, math.inf, -1.0, -0.0, 3.5, math.nan, -math.inf, 1e-7]
    tensor = torch.tensor(values, dtype=dtype)
    where = torch.tensor([True] * 4 + [False] * 4)
    zeros = Zeros(where)
    if followed:
        zeros.follow(tensor)
    parameter = tensor.clone()
    zeros.impose(parameter)
    assert parameter._version == 0
    for got in (parameter, zeros.masked(tensor), zeros.masked_gradient(tensor)):
        size = tensor.element_size()
        bits = got.view(torch.uint8).view(len(values), size)
        assert got.dtype == dtype
        assert not bool(bits[:4].any())
        assert torch.equal(bits[4:], tensor.view(torch.uint8).view(len(values), size)[4:])


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (3, 4), (5,), (), (0, 3)])
def test_every_layout(shape: tuple[int, ...]) -> None:
    """Toutes les formes, contiguës ou non."""
    where = torch.rand(shape) < 0.5
    tensor = torch.rand(shape) + 1.0
    layouts = [tensor, tensor.double(), tensor.mT.contiguous().mT if len(shape) > 1 else tensor]
    if len(shape) == 4:
        layouts.append(tensor.to(memory_format=torch.channels_last))
    expected = torch.where(where, 0.0, tensor)
    for start in layouts:
        zeros = Zeros(where)
        zeros.follow(start)
        for other in layouts:
            got = other.clone()
            zeros.impose(got)
            assert torch.equal(got.float(), expected)
            assert torch.equal(zeros.masked_gradient(other).float(), expected)


def test_gradients_that_are_differentiated() -> None:
    """Le gradient masqué se dérive, et se calcule par paquets."""
    where = torch.tensor([True, False, False])
    zeros = Zeros(where)
    weight = torch.ones(3, requires_grad=True)
    zeros.follow(weight)
    weight.register_hook(zeros.masked_gradient)
    [gradient] = torch.autograd.grad((weight**3).sum(), [weight], create_graph=True)
    assert gradient.tolist() == [0.0, 3.0, 3.0]
    [second] = torch.autograd.grad(gradient.sum(), [weight])
    assert second.tolist() == [0.0, 6.0, 6.0]
    [rows] = torch.autograd.grad(weight**3, [weight], torch.eye(3), is_grads_batched=True)
    assert torch.equal(rows, torch.diag(torch.tensor([0.0, 3.0, 3.0])))


def test_union() -> None:
    """Une réunion a les zéros de chacun ; celle d'un seul est lui-même."""
    first = Zeros(torch.tensor([True, False, False]))
    second = Zeros(torch.tensor([False, False, True]))
    assert Zeros.union([first]) is first
    assert Zeros.union([first, second]).where.tolist() == [True, False, True]
    assert first.where.tolist() == [True, False, False]


def test_copies_are_light() -> None:
    """Une copie ou un fichier n'a que le masque booléen, et sert comme l'original."""
    zeros = Zeros(torch.rand(100, 100) < 0.5)
    zeros.follow(torch.rand(100, 100))
    assert len(pickle.dumps(zeros)) < 15_000
    tensor = torch.ones(100, 100)
    copy.deepcopy(zeros).impose(tensor)
    assert torch.equal(tensor == 0, zeros.where)
