"""Tenir des masques pendant l'entraînement."""

import copy
import gc
from collections.abc import Callable

import pytest
import torch
from torch import nn

from pruning_core.curvature.diagonals import ggn_diagonal
from pruning_core.masks.choosing import global_masks
from pruning_core.masks.holding import hold_masks, release_masks
from pruning_core.scores.magnitude import magnitude_scores
from tests.core.cases import case, same, snapshot

X = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))


def _model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))


def _masks(model: nn.Module, sparsity: float = 0.5) -> dict[str, torch.Tensor]:
    return global_masks(magnitude_scores(model), sparsity)


def _zero(model: nn.Module, masks: dict[str, torch.Tensor]) -> bool:
    own = dict(model.named_parameters())
    return all(not bool(own[name][~mask].any()) for name, mask in masks.items())


def _step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    (model(X) - 1.0).square().mean().backward()
    optimizer.step()


OPTIMIZERS: list[Callable[[nn.Module], torch.optim.Optimizer]] = [
    lambda m: torch.optim.SGD(m.parameters(), 0.1),
    lambda m: torch.optim.SGD(m.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    lambda m: torch.optim.Adam(m.parameters(), 0.1, weight_decay=0.1),
    lambda m: torch.optim.AdamW(m.parameters(), 0.1, amsgrad=True),
    lambda m: torch.optim.RMSprop(m.parameters(), 0.1, momentum=0.9),
]


@pytest.mark.parametrize("build", OPTIMIZERS)
def test_exactly_zero_even_with_old_momentum(build) -> None:
    """Les poids élagués restent nuls, quelle que soit l'inertie de l'optimiseur."""
    model = _model()
    optimizer = build(model)
    for _ in range(3):
        _step(model, optimizer)
    masks = _masks(model)
    before = snapshot(model)
    hold_masks(model, masks)
    assert _zero(model, masks)
    for _ in range(3):
        _step(model, optimizer)
        assert _zero(model, masks)
    after = model.state_dict()
    assert not torch.equal(
        after["0.weight"][masks["0.weight"]], before["0.weight"][masks["0.weight"]]
    )
    assert list(after) == list(before)


def test_forward_after_a_change_by_hand() -> None:
    """Un changement hors de l'optimiseur ne passe pas dans la sortie."""
    model = _model()
    masks = _masks(model, 1.0)
    with hold_masks(model, masks):
        with torch.no_grad():
            model[2].weight.fill_(3.0)
            model[2].bias.zero_()
        assert not bool(model(X).any())


def test_state_saved_and_loaded() -> None:
    """Un état dense se charge sous les masques, et les clefs restent celles du modèle."""
    dense = _model()
    model = copy.deepcopy(dense)
    optimizer = torch.optim.Adam(model.parameters(), 0.1)
    masks = _masks(model)
    with hold_masks(model, masks):
        assert list(model.state_dict()) == list(dense.state_dict())
        model.load_state_dict(dense.state_dict())
        assert _zero(model, masks)
        _step(model, optimizer)
        model.load_state_dict(snapshot(dense), assign=True)
        assert _zero(model, masks)
        optimizer = torch.optim.Adam(model.parameters(), 0.1)
        saved = copy.deepcopy(optimizer.state_dict())
        _step(model, optimizer)
        optimizer.load_state_dict(saved)
        _step(model, optimizer)
        assert _zero(model, masks)


def test_deepcopy_holds_too() -> None:
    """Une copie profonde tient ses masques, que seul `release_masks` lève."""
    model = _model()
    masks = _masks(model)
    hold = hold_masks(model, masks)
    twin = copy.deepcopy(model)
    hold.remove()
    optimizer = torch.optim.SGD(twin.parameters(), 0.1)
    _step(twin, optimizer)
    assert _zero(twin, masks)
    _step(model, torch.optim.SGD(model.parameters(), 0.1))
    assert not _zero(model, masks)
    calls = []
    twin.register_forward_pre_hook(lambda *_: calls.append(1))
    release_masks(twin)
    _step(twin, optimizer)
    assert not _zero(twin, masks)
    assert calls, "le crochet d'un autre a été retiré"
    release_masks(twin)


def test_removed_on_exit_and_on_error() -> None:
    """Le `with` lève les masques en sortant, même par une erreur."""
    model = _model()
    masks = _masks(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with pytest.raises(RuntimeError, match="panne"), hold_masks(model, masks):
        raise RuntimeError("panne")
    assert _zero(model, masks)
    _step(model, optimizer)
    assert not _zero(model, masks)
    assert not model._forward_pre_hooks
    assert not model._load_state_dict_post_hooks


def test_two_holds() -> None:
    """La fin d'une tenue intérieure laisse l'autre."""
    model = _model()
    first, second = _masks(model, 0.5), _masks(model, 0.8)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    outer = hold_masks(model, first)
    with hold_masks(model, second):
        _step(model, optimizer)
        assert _zero(model, second)
    _step(model, optimizer)
    assert _zero(model, first)
    assert not _zero(model, second)
    outer.remove()


def test_a_model_that_no_longer_exists() -> None:
    """Une tenue oubliée laisse mourir son modèle, et ne gêne pas les autres."""
    model, other = _model(), _model()
    hold = hold_masks(model, _masks(model))
    del model
    gc.collect()
    _step(other, torch.optim.SGD(other.parameters(), 0.1))
    hold.remove()
    hold.remove()


def test_another_model_is_left_alone() -> None:
    """Le pas d'un autre modèle laisse une rétropropagation en attente valable."""
    model, other = _model(), _model()
    with hold_masks(model, _masks(model)):
        loss = model(X).square().mean()
        _step(other, torch.optim.SGD(other.parameters(), 0.1))
        loss.backward()


def test_masks_are_copied() -> None:
    """Changer les masques après coup ne change pas ce qui est tenu."""
    model = _model()
    masks = _masks(model)
    kept = {name: mask.clone() for name, mask in masks.items()}
    with hold_masks(model, masks):
        masks["0.weight"].fill_(True)
        _step(model, torch.optim.SGD(model.parameters(), 0.1))
        assert _zero(model, kept)


def test_scoring_a_held_model() -> None:
    """Un modèle tenu se note comme un autre."""
    for name in ("transformer", "cnn"):
        found = case(name)
        hold = hold_masks(found.model, _masks(found.model))
        before = snapshot(found.model)
        held = ggn_diagonal(found.model, found.loader, found.criterion)
        hold.remove()
        assert same(held, ggn_diagonal(found.model, found.loader, found.criterion))
        assert same(before, snapshot(found.model))


def test_bad_masks_change_nothing() -> None:
    """Des masques d'un autre modèle ne laissent ni zéro ni crochet."""
    model = _model()
    before = snapshot(model)
    good = {"0.weight": torch.zeros(4, 4, dtype=torch.bool)}
    with pytest.raises(ValueError, match="inconnus du modèle"):
        hold_masks(model, good | {"9.weight": good["0.weight"]})
    assert same(before, snapshot(model))
    assert not model._forward_pre_hooks
