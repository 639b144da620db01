"""Appliquer des masques à un modèle."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from pruning_core.checks import few_names
from pruning_core.masks.applying import PrunedWeights, apply_masks, check_masks, pruned_copy
from pruning_core.masks.holding import hold_masks

T, F = True, False


def test_apply_masks() -> None:
    """Les poids masqués deviennent +0 exact, NaN compris ; les autres ne changent pas."""
    model = nn.Sequential(nn.Linear(2, 2))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[math.nan, -1.0], [2.0, 3.0]]))
    bias = model[0].bias.detach().clone()
    apply_masks(model, {"0.weight": torch.tensor([[F, F], [T, F]])})
    assert model[0].weight.tolist() == [[0.0, 0.0], [2.0, 0.0]]
    assert not bool(torch.signbit(model[0].weight).any())
    assert torch.equal(model[0].bias, bias)


def test_pruned_copy() -> None:
    """Une copie élaguée ne partage rien avec l'original."""
    model = nn.Sequential(nn.Linear(2, 2))
    before = model[0].weight.detach().clone()
    twin = pruned_copy(model, {"0.weight": torch.tensor([[F, T], [T, F]])})
    assert torch.equal(model[0].weight, before)
    assert torch.equal(twin[0].weight, before * torch.tensor([[0.0, 1.0], [1.0, 0.0]]))


def test_pruned_copy_takes_adjusted_weights() -> None:
    """Une copie reçoit les poids ajustés et les biais ; hors des masques, zéro exactement."""
    model = nn.Sequential(nn.Linear(2, 2))
    weight, bias = torch.tensor([[5.0, 6.0], [7.0, math.nan]]), torch.tensor([8.0, 9.0])
    mask = torch.tensor([[T, F], [T, F]])
    pruned = PrunedWeights(masks={"0.weight": mask}, weights={"0.weight": weight, "0.bias": bias})
    assert PrunedWeights.of(pruned) is pruned
    twin = pruned_copy(model, pruned)
    assert twin[0].weight.tolist() == [[5.0, 0.0], [7.0, 0.0]]
    assert torch.equal(twin[0].bias, bias)


def test_masks_alone_are_a_pruning_without_new_weights() -> None:
    """Des masques seuls sont un élagage qui n'ajuste aucun poids."""
    masks = {"0.weight": torch.tensor([[F, T], [T, F]])}
    pruned = PrunedWeights.of(masks)
    assert (pruned.masks, pruned.weights) == (masks, {})
    model = nn.Sequential(nn.Linear(2, 2))
    twin = pruned_copy(model, masks)
    pruned.apply(model)
    assert torch.equal(model[0].weight, twin[0].weight)


def test_apply_masks_is_seen_by_autograd() -> None:
    """Une rétropropagation en attente apprend que le poids a changé."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    loss = model(torch.ones(1, 2)).sum()
    apply_masks(model, {"1.weight": torch.zeros(1, 2, dtype=torch.bool)})
    with pytest.raises(RuntimeError, match="inplace operation"):
        loss.backward()


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_a_copy_made_without_gradients_trains(context) -> None:
    """Une copie élaguée sous `inference_mode` s'entraîne, comme les masques nés là s'y tiennent."""
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    with context():
        masks = {"0.weight": torch.rand(3, 2) < 0.5}
        weights = {"0.weight": torch.ones(3, 2)}
        twin = pruned_copy(model, PrunedWeights(masks=masks, weights=weights))
        hold_masks(twin, masks)
    loss = twin(torch.randn(4, 2)).square().sum()
    [gradient] = torch.autograd.grad(loss, [twin[0].weight], create_graph=True)
    gradient.square().sum().backward()
    assert twin[0].weight.tolist() == masks["0.weight"].float().tolist()
    assert bool(twin[0].weight.grad.any())
    assert not bool(twin[0].weight.grad[~masks["0.weight"]].any())


def test_inference_parameters_are_refused() -> None:
    """Des paramètres nés sous `inference_mode` ne se changent pas dehors ; leur copie, si."""
    with torch.inference_mode():
        model = nn.Linear(2, 2)
    masks = {"weight": torch.tensor([[F, T], [T, F]])}
    for change in (apply_masks, hold_masks, lambda m, k: PrunedWeights(masks=k).apply(m)):
        with pytest.raises(ValueError, match=r"copy\.deepcopy\(model\)"):
            change(model, masks)
    assert bool((model.weight != 0).all())
    assert not pruned_copy(model, masks).weight.is_inference()
    with torch.inference_mode():
        apply_masks(model, masks)
    assert model.weight[0, 0] == 0


def test_values_for_held_weights_are_refused() -> None:
    """Un élagage qui donne une valeur à un poids tenu à zéro se refuse, et rien n'est changé."""
    model = nn.Sequential(nn.Linear(2, 2))
    hold = hold_masks(model, {"0.weight": torch.tensor([[F, T], [T, T]])})
    before = model[0].weight.detach().clone()
    revived = PrunedWeights(
        masks={"0.weight": torch.tensor([[T, T], [F, F]])},
        weights={"0.weight": torch.ones(2, 2)},
    )
    for call in (revived.apply, lambda m: pruned_copy(m, revived)):
        with pytest.raises(ValueError, match=r"0\.weight : reçu une valeur pour 1 poids"):
            call(model)
    assert torch.equal(model[0].weight, before)
    absent = torch.tensor([[F, T], [F, F]])
    PrunedWeights(masks={"0.weight": absent}, weights=revived.weights).apply(model)
    assert torch.equal(model[0].weight, absent.float())
    hold.remove()
    revived.apply(model)
    assert torch.equal(model[0].weight, revived.masks["0.weight"].float())


@pytest.mark.parametrize(
    ("masks", "error", "message"),
    [
        ({}, ValueError, "masques : reçu un dictionnaire vide"),
        (torch.ones(2, 2), TypeError, "masques : reçu Tensor"),
        (
            {"0.weight": torch.ones(2, 2)},
            TypeError,
            r"reçu torch\.float32 ; attendu un tenseur bool",
        ),
        ({"0.weight": [[True]]}, TypeError, "reçu list"),
        ({"0.weight": torch.ones(4, dtype=torch.bool)}, ValueError, r"\(4,\) ; attendu \(2, 2\)"),
        ({"1.weight": torch.ones(2, 2, dtype=torch.bool)}, ValueError, "inconnus du modèle"),
    ],
)
def test_bad_masks(masks, error, message) -> None:
    """Les masques d'un autre modèle se refusent avant de rien changer."""
    model = nn.Sequential(nn.Linear(2, 2))
    before = model[0].weight.detach().clone()
    for call in (check_masks, apply_masks):
        with pytest.raises(error, match=message):
            call(model, masks)
    good = {"0.bias": torch.zeros(2, dtype=torch.bool)}
    if isinstance(masks, dict) and masks:
        with pytest.raises(error, match=message):
            apply_masks(model, good | masks)
        assert bool(model[0].bias.any())
    assert torch.equal(model[0].weight, before)


def test_short_repr() -> None:
    """Un élagage se présente en une ligne, sans ses tenseurs."""
    mask = torch.ones(40, 50, dtype=torch.bool)
    mask.view(-1)[:1333] = False
    assert repr(PrunedWeights(masks={"0.weight": mask})) == (
        "PrunedWeights(2 000 poids, 66,7 % élagués)"
    )
    adjusted = PrunedWeights(masks={"0.weight": mask[:4]}, weights={"0.weight": torch.ones(4, 50)})
    assert repr(adjusted) == "PrunedWeights(200 poids, 100,0 % élagués, ajustés)"
    assert repr(PrunedWeights(masks={})) == "PrunedWeights(0 poids)"


@pytest.mark.parametrize("change", [apply_masks, hold_masks])
def test_an_expanded_parameter_is_refused(change: Callable[..., object]) -> None:
    """Un paramètre dont plusieurs éléments n'ont qu'une place se refuse, et rien n'est changé."""
    model = nn.Linear(3, 2, bias=False)
    model.weight = nn.Parameter(torch.ones(1, 3).expand(2, 3))
    with pytest.raises(ValueError, match=r"étendu \(expand\).* attendu .*contiguous"):
        change(model, {"weight": torch.tensor([[True, False, True]] * 2)})
    assert type(model) is nn.Linear
    assert bool((model.weight == 1).all())


def test_masks_of_another_model_name_a_few() -> None:
    """Les masques d'un autre modèle se refusent en citant quelques noms et leur nombre."""
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(40)))
    masks = {f"fc{i}.weight": torch.ones(2, 2, dtype=torch.bool) for i in range(9)}
    with pytest.raises(ValueError, match="inconnus du modèle") as refused:
        apply_masks(model, masks)
    assert str(refused.value) == (
        "masques : reçu les noms ['fc0.weight', 'fc1.weight', 'fc2.weight'] et 6 autres, inconnus "
        "du modèle ; attendu des noms parmi ['0.weight', '0.bias', '1.weight'] et 77 autres."
    )


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, "['0']"), (4, "['0', '1', '2', '3']"), (5, "['0', '1', '2'] et 2 autres")],
)
def test_few_names_are_all_told(count: int, told: str) -> None:
    """Jusqu'à quatre noms se disent tous ; au-delà, les trois premiers."""
    assert few_names([str(i) for i in range(count)]) == told
