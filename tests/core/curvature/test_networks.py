"""Les mesures par exemple, exactes sur les réseaux de `networks`, ou refusées."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import nn

from pruning_core import (
    empirical_fisher_diagonal,
    empirical_fisher_matrix,
    ggn_diagonal,
    ggn_matrix,
    ggn_neuron_blocks,
    gradient_scores,
    hessian_diagonal,
    hessian_matrix,
    prunable_parameters,
)
from tests.core.cases import Case
from tests.core.curvature.networks import NETWORKS, Squeezed, network
from tests.core.oracles import Dense, dense

ORDERS = {
    "par la première valeur": lambda x: x.reshape(len(x), -1)[:, 0].argsort(),
    "à rebours": lambda x: x.reshape(len(x), -1)[:, 0].argsort(descending=True),
    "mêlés": lambda x: torch.tensor([4, 0, 7, 2, 8, 1, 6, 3, 5]),
}


@cache
def _found(name: str) -> tuple[Case, dict[str, nn.Parameter], Dense]:
    found = network(name)
    own = dict(found.model.named_parameters())
    chosen = {n: p for n, p in own.items() if "bias" not in n}
    plain = copy.deepcopy(found.model)
    for module in plain.modules():
        for option in ("reentrant", "sparse"):  # ce qu'autograd ne dérive qu'une fois
            if hasattr(module, option):
                setattr(module, option, False)
    return found, chosen, dense(replace(found, model=plain), list(chosen))


def _loader(found: Case, order: str) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Les mêmes exemples dans un autre ordre, par lots de tailles inégales."""
    rank = ORDERS[order](found.x.double())
    sizes = [2, 4, 3] if isinstance(found.model, Squeezed) else [1, 5, 3]
    return list(zip(found.x[rank].split(sizes), found.y[rank].split(sizes), strict=True))


def _close(got: dict[str, torch.Tensor], expected: torch.Tensor) -> None:
    flat = torch.cat([value.reshape(-1) for value in got.values()])
    torch.testing.assert_close(flat, expected, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", NETWORKS)
def test_first_order(name: str, order: str) -> None:
    """Gradients par exemple, Fisher et GGN sont ceux d'autograd, un exemple à la fois."""
    found, chosen, expected = _found(name)
    arguments = found.model, _loader(found, order), found.criterion
    _close(ggn_diagonal(*arguments, parameters=chosen), expected.ggn.diagonal())
    _close(empirical_fisher_diagonal(*arguments, parameters=chosen), expected.fisher.diagonal())
    weights = torch.cat([p.detach().reshape(-1) for p in chosen.values()])
    scores = gradient_scores(*arguments, variant="per_sample", parameters=chosen)
    _close(scores, weights.abs() * expected.gradients.abs().mean(0))


@pytest.mark.parametrize("name", NETWORKS)
def test_matrices(name: str) -> None:
    """Les matrices entières le sont aussi, et les blocs par neurone en sont des morceaux."""
    found, chosen, expected = _found(name)
    arguments = found.model, _loader(found, "mêlés"), found.criterion
    _close({"": ggn_matrix(*arguments, parameters=chosen)}, expected.ggn.reshape(-1))
    _close(
        {"": empirical_fisher_matrix(*arguments, parameters=chosen)}, expected.fisher.reshape(-1)
    )
    rows = {n: p for n, p in chosen.items() if p.ndim > 1 and not n.startswith("up.")}
    starts = dict(zip(chosen, _starts(chosen), strict=True))
    for block_name, blocks in ggn_neuron_blocks(*arguments, parameters=rows).items():
        width = rows[block_name][0].numel()
        for row, block in enumerate(blocks[:, :width, :width]):
            place = slice(start := starts[block_name] + row * width, start + width)
            _close({"": block}, expected.ggn[place, place].reshape(-1))


def _starts(chosen: dict[str, nn.Parameter]) -> list[int]:
    sizes = [p.numel() for p in chosen.values()]
    return [sum(sizes[:i]) for i in range(len(sizes))]


@pytest.mark.parametrize("name", NETWORKS)
def test_hessian(name: str) -> None:
    """La hessienne est celle que donnent deux dérivations d'autograd."""
    found, chosen, expected = _found(name)
    arguments = found.model, _loader(found, "à rebours"), found.criterion
    diagonal = expected.hessian.diagonal()
    _close(hessian_diagonal(*arguments, parameters=chosen), diagonal)
    _close({"": hessian_matrix(*arguments, parameters=chosen).diagonal()}, diagonal)


class AcrossExamples(nn.Module):
    """Une attention dont la première dimension, celle des exemples, est prise pour le temps."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2)
        self.output = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.attention(x, x, x)[0].mean(1))


class HiddenDependence(nn.Module):
    """Seul, un exemple a la même sortie, mais pas le même gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.layer(x.mean(1))
        return h + (h.mean(0) - h.mean(0).detach())


def _with_batch_statistics() -> nn.Module:
    norm = nn.BatchNorm1d(6, track_running_stats=False)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 6), norm, nn.Tanh(), nn.Linear(6, 3))


DEPENDENT = {
    "BatchNorm": _with_batch_statistics,
    "attention": AcrossExamples,
    "gradient": HiddenDependence,
}


@pytest.mark.parametrize("name", DEPENDENT)
def test_dependent_examples_are_refused(name: str) -> None:
    """Des exemples qui dépendent les uns des autres se refusent, et rien n'a changé."""
    model = DEPENDENT[name]().double()
    before = copy.deepcopy(model.state_dict())
    arguments = model, [(torch.randn(6, 3, 4).double(), torch.randint(0, 3, (6,)))]
    for measure in (ggn_diagonal, empirical_fisher_diagonal, ggn_matrix, ggn_neuron_blocks):
        with pytest.raises(ValueError, match="dépendent les uns des autres ; attendu"):
            measure(*arguments, nn.CrossEntropyLoss())
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


def test_batch_statistics_have_a_hessian() -> None:
    """La hessienne est celle de la perte du lot : elle n'a pas besoin d'exemples indépendants."""
    model = _with_batch_statistics().double()
    x, y = torch.randn(6, 3, 4).double(), torch.randint(0, 3, (6,))
    found = Case(model, x, y, nn.CrossEntropyLoss())
    names = list(prunable_parameters(model))
    loss = found.criterion(model(x), y)
    weights = [dict(model.named_parameters())[n] for n in names]
    slope = torch.cat([g.flatten() for g in torch.autograd.grad(loss, weights, create_graph=True)])
    rows = [torch.autograd.grad(one, weights, retain_graph=True) for one in slope]
    expected = torch.stack([torch.cat([g.flatten() for g in row]) for row in rows])
    got = hessian_matrix(model, [(x, y)], found.criterion)
    torch.testing.assert_close(got, expected, rtol=1e-8, atol=1e-12)


class Once(torch.autograd.Function):
    """Un cube dont la dérivée seconde est fausse : x n'y est qu'une constante."""

    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        ctx.x = x.detach()
        return x**3

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        return 3 * ctx.x**2 * gradient


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_wrong_second_derivative_is_refused(dtype: torch.dtype) -> None:
    """Une fonction qui ne se dérive bien qu'une fois se refuse, plutôt qu'une hessienne fausse."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(2, 3), nn.Linear(3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.second(Once.apply(self.first(x)))

    loader = [(torch.randn(4, 2, dtype=dtype), torch.tensor([0, 1, 1, 0]))]
    with pytest.raises(ValueError, match="dérivée seconde est fausse ; attendu"):
        hessian_diagonal(Model().to(dtype), loader, nn.CrossEntropyLoss())


class _SameTokens(nn.Module):
    """Une attention entre mots tous pareils : ses scores ne changent rien à la sortie."""

    def __init__(self) -> None:
        super().__init__()
        self.key = nn.Parameter(torch.randn(6, 6))
        self.value, self.head = nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        words = x[:, None].expand(-1, 5, -1)
        mixed = (words @ self.key @ words.mT).softmax(-1) @ self.value(words)
        return self.head(mixed.mean(1))


def test_gradient_of_rounding_alone_is_not_taken_for_dependence() -> None:
    """En float32, un poids dont le gradient n'est qu'un arrondi ne fait pas refuser le modèle."""
    torch.manual_seed(0)
    model, x, y = _SameTokens(), torch.randn(16, 6), torch.randint(3, (16,))
    parameters = dict(model.named_parameters())
    chosen = {name: parameters[name] for name in ("key", "value.weight", "head.weight")}
    found = empirical_fisher_diagonal(model, [(x, y)], nn.CrossEntropyLoss(), parameters=chosen)
    assert found["key"].max() < 1e-6 * found["head.weight"].max()
