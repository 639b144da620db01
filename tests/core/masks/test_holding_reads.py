"""Tenir des masques, quoi qu'il arrive aux paramètres, et par quelque chemin qu'on les lise."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import rnn

from pruning_core.held.models import held_masks
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.holding import hold_masks, release_masks
from pruning_core.types import Masks
from tests.core.cases import same, snapshot
from tests.core.masks.masked_problem import X, masks_of, network, pruned_are_zero, spoil


class Tied(nn.Module):
    """Un poids que deux modules se partagent ; le second n'est que lu, jamais appelé."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(5, 5, bias=False)
        self.second = nn.Linear(5, 5, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(torch.tanh(x), self.second.weight) + x


class Lists(nn.Module):
    """Des poids dans des listes et des dictionnaires de paramètres, et à la racine."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randn(5))
        self.rows = nn.ParameterList([nn.Parameter(torch.randn(4, 5)) for _ in range(2)])
        self.named = nn.ParameterDict({"out": nn.Parameter(torch.randn(3, 4))})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = sum(torch.tanh((x * self.scale) @ row.T) for row in self.rows)
        return hidden @ self.named["out"].T


class Packed(nn.Module):
    """Un GRU bidirectionnel, sur des séquences de longueurs inégales."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(5, 4, num_layers=2, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        sequences = rnn.pack_sequence([x[:5], x[5:9], x[9:]])
        return self.gru(sequences)[0].data


class Read(nn.Module):
    """Un module à la sortie duquel on ne prend que le premier tenseur."""

    def __init__(self, inner: nn.Module, inputs: int = 1) -> None:
        super().__init__()
        self.inner = inner
        self.inputs = inputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(*[x.reshape(3, 4, 5)] * self.inputs)[0]


MODELS: dict[str, Callable[[], nn.Module]] = {
    "linear": network,
    "conv": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 5)), nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2), nn.ConvTranspose1d(2, 1, 3)
    ),
    "tied": Tied,
    "lists": Lists,
    "lstm": lambda: Read(nn.LSTM(5, 4, num_layers=2)),
    "gru": Packed,
    "rnn_cell": lambda: nn.RNNCell(5, 3),
    "attention": lambda: Read(nn.MultiheadAttention(5, 1, batch_first=True), 3),
    "encoder": lambda: nn.Sequential(
        nn.Unflatten(0, (3, 4)),
        nn.Linear(5, 4),
        nn.TransformerEncoder(
            nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True), 2
        ),
    ),
    "bilinear": lambda: nn.Sequential(Both(), nn.LayerNorm(3)),
}


class Both(nn.Bilinear):
    """Une forme bilinéaire de x avec lui-même."""

    def __init__(self) -> None:
        super().__init__(5, 5, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return super().forward(x, x)


def build(name: str) -> tuple[nn.Module, nn.Module, Masks]:
    """Un modèle tenu, le même élagué sans tenue, et les masques de tous leurs paramètres."""
    held = MODELS[name]().double()
    masks = masks_of(held)
    pruned = copy.deepcopy(held)
    apply_masks(pruned, masks)
    hold_masks(held, masks)
    return held, pruned, masks


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_every_read_is_masked(name: str, training: bool) -> None:
    """Sortie et gradients sont ceux du modèle élagué, après une écriture par `data` aussi."""
    held, pruned, masks = build(name)
    assert list(held.state_dict()) == list(pruned.state_dict())
    assert same(held.state_dict(), pruned.state_dict())
    for model in (held, pruned):
        model.train(training)
    for _ in range(2):
        spoil(held, masks)
        got, expected = held(X), pruned(X)
        assert pruned_are_zero(held, masks)
        assert torch.equal(got, expected)
        for model, output in ((held, got), (pruned, expected)):
            model.zero_grad()
            output.square().mean().backward()
        twins = dict(pruned.named_parameters())
        for key, parameter in held.named_parameters():
            if twins[key].grad is not None:
                assert torch.equal(parameter.grad, twins[key].grad.masked_fill(~masks[key], 0.0))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_without_gradients(name: str, context: Callable) -> None:
    """Sous `no_grad` et `inference_mode` aussi, noyaux rapides compris."""
    held, pruned, masks = build(name)
    held.eval(), pruned.eval()
    spoil(held, masks)
    with context():
        assert torch.equal(held(X), pruned(X))
    assert pruned_are_zero(held, masks)


def through_pickle(model: nn.Module) -> nn.Module:
    return pickle.loads(pickle.dumps(model))


def through_save(model: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("through", [copy.deepcopy, through_pickle, through_save])
@pytest.mark.parametrize("name", MODELS)
def test_copies_hold_too(name: str, through: Callable[[nn.Module], nn.Module]) -> None:
    """Une copie tient les mêmes masques, sans être jamais appelée, et à part de l'original."""
    held, pruned, masks = build(name)
    spoil(held, masks)
    twin = through(held)
    assert [type(m) for m in twin.modules()] == [type(m) for m in held.modules()]
    assert pruned_are_zero(twin, masks)
    release_masks(held)
    optimizer = torch.optim.Adam(twin.parameters(), 0.1, weight_decay=0.1)
    for _ in range(2):
        twin.forward(X).square().mean().backward()
        optimizer.step()
    assert pruned_are_zero(twin, masks)
    release_masks(twin)
    assert [type(m) for m in twin.modules()] == [type(m) for m in pruned.modules()]
    assert held_masks(twin) == {}


@pytest.mark.parametrize("name", MODELS)
def test_released_without_a_trace(name: str) -> None:
    """La tenue levée, il n'en reste ni classe, ni attribut, ni crochet ; et les poids sont nuls."""
    held, pruned, masks = build(name)
    spoil(held, masks)
    release_masks(held)
    assert pruned_are_zero(held, masks)
    for module, twin in zip(held.modules(), pruned.modules(), strict=True):
        assert type(module) is type(twin)
        assert vars(module).keys() == vars(twin).keys()
    assert not any(parameter._backward_hooks for parameter in held.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_dense_states_load_under_the_masks(name: str) -> None:
    """Un état dense, chargé ou mis à la place des paramètres, est aussitôt nul hors des masques."""
    held, pruned, masks = build(name)
    dense = {
        key: torch.ones_like(value) if value.is_floating_point() else value
        for key, value in held.state_dict().items()
    }
    held.load_state_dict(dense)
    assert pruned_are_zero(held, masks)
    held.load_state_dict(copy.deepcopy(dense), assign=True)
    assert pruned_are_zero(held, masks)
    assert all(isinstance(parameter, nn.Parameter) for parameter in held.parameters())
    pruned.load_state_dict(dense)
    apply_masks(pruned, masks)
    assert torch.equal(held(X), pruned(X))
    held(X).square().mean().backward()
    own = dict(held.named_parameters())
    for key, mask in masks.items():
        if own[key].grad is not None:
            assert not bool(own[key].grad[~mask].any())


@pytest.mark.parametrize("name", MODELS)
def test_other_types_and_devices(name: str) -> None:
    """La tenue suit un changement de type, un passage par `meta`, et des paramètres remplacés."""
    held, pruned, masks = build(name)
    spoil(held, masks)
    held.float(), pruned.float()
    assert pruned_are_zero(held, masks)
    assert torch.equal(held(X.float()), pruned(X.float()))
    state = snapshot(held)
    held.to("meta")
    held.to_empty(device="cpu")
    assert pruned_are_zero(held, masks)
    held.load_state_dict({key: value + 1 for key, value in state.items()})
    assert pruned_are_zero(held, masks)
    optimizer = torch.optim.SGD(held.parameters(), 0.1, weight_decay=0.1)
    held(X.float()).square().mean().backward()
    optimizer.step()
    assert pruned_are_zero(held, masks)
