"""Les masques que tient un modèle : les lire, les mettre de côté."""

import copy

import pytest
import torch
from torch import nn

from pruning_core.held.models import held_masks, lifted
from pruning_core.masks.choosing import global_masks
from pruning_core.masks.holding import hold_masks, release_masks
from pruning_core.scores.gradient import gradient_scores
from pruning_core.scores.magnitude import magnitude_scores
from tests.core.cases import case, same, snapshot


def _masks(model: nn.Module, sparsity: float) -> dict[str, torch.Tensor]:
    return global_masks(magnitude_scores(model), sparsity)


@pytest.mark.parametrize("name", ["mlp", "transformer", "rnn", "tied"])
def test_held_masks_are_those_given(name: str) -> None:
    """Les masques tenus se relisent tels que donnés, sur une copie et dans `lifted` aussi."""
    model = case(name).model
    masks = _masks(model, 0.5)
    assert held_masks(model) == {}
    hold = hold_masks(model, masks)
    assert same(held_masks(model), masks)
    assert same(held_masks(copy.deepcopy(model)), masks)
    with lifted(model):
        assert same(held_masks(model), masks)
    hold.remove()
    assert held_masks(model) == {}


def test_held_masks_meet() -> None:
    """Deux tenues n'en font qu'une : un poids est gardé si toutes le gardent."""
    model = case("mlp").model
    first, second = _masks(model, 0.3), {"0.weight": torch.rand(4, 5) < 0.5}
    hold_masks(model, first)
    hold_masks(model, second)
    expected = first | {"0.weight": first["0.weight"] & second["0.weight"]}
    assert same(held_masks(model), expected)
    held_masks(model)["0.weight"].fill_(True)
    assert same(held_masks(model), expected), "une copie est rendue"
    release_masks(model)
    assert held_masks(model) == {}


@pytest.mark.parametrize("name", ["mlp", "transformer", "rnn", "tied"])
def test_a_lifted_model_is_plain(name: str) -> None:
    """Dans `lifted`, classes, valeurs et gradients sont d'un modèle nu ; après, il tient encore."""
    found = case(name)
    model, plain = found.model.eval(), copy.deepcopy(found.model)
    masks = _masks(model, 0.5)
    hold_masks(model, masks)
    held = [type(module) for module in model.modules()]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    with lifted(model), lifted(model):
        assert [type(m) for m in model.modules()] == [type(m) for m in plain.modules()]
        plain.load_state_dict(snapshot(model))
        for one in (model, plain):
            found.criterion(one(found.x), found.y).backward()
        own = dict(model.named_parameters())
        assert all(not bool(own[key][~mask].any()) for key, mask in masks.items())
        assert all(bool(own[key].grad[~mask].any()) for key, mask in masks.items())
        for first, second in zip(model.parameters(), plain.parameters(), strict=True):
            assert torch.equal(first.grad, second.grad)
            first.grad = None
    assert [type(module) for module in model.modules()] == held
    found.criterion(model(found.x), found.y).backward()
    assert all(not bool(own[key].grad[~mask].any()) for key, mask in masks.items())


def test_lifted_lets_errors_through() -> None:
    """Une exception dans `lifted` passe, et le modèle tient encore ses masques."""
    model = case("mlp").model
    masks = _masks(model, 0.5)
    hold_masks(model, masks)
    with pytest.raises(RuntimeError, match="panne"), lifted(model):
        raise RuntimeError("panne")
    assert same(held_masks(model), masks)
    with torch.no_grad():
        model[0].weight.fill_(1.0)
    model.forward(torch.ones(1, 5, dtype=torch.float64))
    assert not bool(model[0].weight[~masks["0.weight"]].any())


def test_what_is_released_while_lifted_stays_released() -> None:
    """Une tenue retirée pendant une mesure ne revient pas à la fin ; les autres, si."""
    model = case("mlp").model
    first, second = _masks(model, 0.3), {"0.weight": torch.rand(4, 5) < 0.5}
    gone, stays = hold_masks(model, first), hold_masks(model, second)
    with lifted(model):
        gone.remove()
        assert same(held_masks(model), second)
    assert same(held_masks(model), second)
    with lifted(model), lifted(model):
        stays.remove()
    assert held_masks(model) == {}
    with torch.no_grad():
        model[0].weight.fill_(1.0)
    assert bool((model[0].weight == 1).all())


def test_release_masks_while_lifted() -> None:
    """`release_masks` pendant une mesure lève aussi ce qui est mis de côté."""
    model = case("mlp").model
    hold_masks(model, _masks(model, 0.5))
    with lifted(model):
        release_masks(model)
    assert held_masks(model) == {}


def test_what_is_held_while_lifted_stays_held() -> None:
    """Une tenue ajoutée pendant une mesure s'ajoute à celles mises de côté."""
    model = case("mlp").model
    first, second = {"0.weight": torch.rand(4, 5) < 0.5}, _masks(model, 0.5)
    expected = second | {"0.weight": first["0.weight"] & second["0.weight"]}
    hold_masks(model, first)
    with lifted(model):
        hold_masks(model, second)
        with lifted(model):
            assert same(held_masks(model), expected)
    assert same(held_masks(model), expected)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0)
    for name, mask in expected.items():
        module, attribute = name.split(".")
        assert torch.equal(getattr(model[int(module)], attribute) != 0, mask)


def test_a_hold_removed_by_a_batch_is_forgotten() -> None:
    """Retirer une tenue entre deux lots d'une mesure vaut pour la suite."""
    found = case("mlp")
    hold = hold_masks(found.model, _masks(found.model, 0.5))

    def batches():
        yield from found.loader
        hold.remove()

    gradient_scores(found.model, batches(), found.criterion)
    assert held_masks(found.model) == {}
