"""Élagage par magnitude."""

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity, global_masks, prunable_parameters
from pruning_core.chapter import MagnitudePruning
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.random import random_scores
from tests.core.cases import NAMES, case, same, snapshot


def _model() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[0.1, -4.0], [3.0, -0.2]]))
        model[2].weight.copy_(torch.tensor([[-1.0, 2.0]]))
    return model


def test_scores_table() -> None:
    """Le score est la valeur absolue, détachée du modèle."""
    model = _model()
    scores = magnitude_scores(model)
    assert list(scores) == ["0.weight", "2.weight"]
    assert torch.equal(scores["0.weight"], torch.tensor([[0.1, 4.0], [3.0, 0.2]]))
    scores["0.weight"].zero_()
    assert bool(model[0].weight.all())
    assert not scores["0.weight"].requires_grad


def test_global_and_layerwise_table() -> None:
    """Les deux élagages gardent le même nombre de poids, mais pas les mêmes."""
    pruner = MagnitudePruning(_model())
    masks = pruner.global_magnitude_pruning(0.5)
    assert {k: m.tolist() for k, m in masks.items()} == {
        "0.weight": [[False, True], [True, False]],
        "2.weight": [[False, True]],
    }
    masks = pruner.layerwise_magnitude_pruning({"0.weight": 0.75, "2.weight": 0.0})
    assert {k: m.tolist() for k, m in masks.items()} == {
        "0.weight": [[False, True], [False, False]],
        "2.weight": [[True, True]],
    }


def test_two_calls_do_not_share_a_dictionary() -> None:
    """Chaque appel rend son propre dictionnaire, distinct de celui que garde l'élagueur."""
    pruner = MagnitudePruning(_model())
    first = pruner.global_magnitude_pruning(0.5)
    second = pruner.layerwise_magnitude_pruning(0.0)
    assert compute_sparsity(first) == 0.5
    assert compute_sparsity(second) == 0.0
    assert same(pruner.masks, second)
    first.clear()
    second.clear()
    assert compute_sparsity(pruner.masks) == 0.0


def test_apply() -> None:
    """Les derniers masques s'appliquent ; sans masque, l'appel se refuse."""
    model = _model()
    pruner = MagnitudePruning(model)
    assert pruner.masks == {}
    before = snapshot(model)
    message = (
        r"^apply_masks : reçu un élagueur sans masques ; attendu d'abord un appel à "
        r"global_magnitude_pruning ou layerwise_magnitude_pruning\.$"
    )
    with pytest.raises(ValueError, match=message):
        pruner.apply_masks()
    assert same(before, snapshot(model))
    pruner.global_magnitude_pruning(0.5)
    pruner.apply_masks()
    assert model[0].weight.tolist() == [[0.0, -4.0], [3.0, 0.0]]


def test_ties_and_zero_sparsity() -> None:
    """À égalité le compte est exact, et la sparsité 0 n'élague rien."""
    model = nn.Sequential(nn.Linear(10, 10))
    with torch.no_grad():
        model[0].weight.fill_(0.5)
    pruner = MagnitudePruning(model)
    assert compute_sparsity(pruner.global_magnitude_pruning(0.5)) == 0.5
    assert compute_sparsity(pruner.layerwise_magnitude_pruning(0.5)) == 0.5
    assert compute_sparsity(pruner.global_magnitude_pruning(0.0)) == 0.0


def test_module_names_are_refused() -> None:
    """Des noms de modules au lieu de paramètres se refusent."""
    with pytest.raises(ValueError, match=r"inconnus \['0'\]"):
        MagnitudePruning(_model()).layerwise_magnitude_pruning({"0": 0.9})


def test_chosen_parameters() -> None:
    """Le choix de l'appelant l'emporte sur le choix par défaut."""
    model = _model()
    chosen = prunable_parameters(model, names="2.*")
    assert list(magnitude_scores(model, parameters=chosen)) == ["2.weight"]
    pruner = MagnitudePruning(model, parameters=chosen)
    assert list(pruner.global_magnitude_pruning(0.5)) == ["2.weight"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype) -> None:
    """Le compte est exact en demi-précision."""
    model = nn.Sequential(nn.Linear(10, 10, dtype=dtype))
    assert compute_sparsity(MagnitudePruning(model).global_magnitude_pruning(0.9)) == 0.9


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_bad_weights(value: float) -> None:
    """Un poids NaN ou infini se refuse, avec son nom."""
    model = _model()
    with torch.no_grad():
        model[2].weight[0, 0] = value
    with pytest.raises(ValueError, match=r"poids 2\.weight : reçu NaN ou l'infini"):
        magnitude_scores(model)


def test_random_scores() -> None:
    """Le témoin dépend de la graine seule et ne touche pas au hasard de l'appelant."""
    model = _model()
    state = torch.get_rng_state()
    first = random_scores(model, seed=1)
    assert torch.equal(state, torch.get_rng_state())
    torch.rand(5)
    assert same(first, random_scores(model, seed=1))
    assert not torch.equal(first["0.weight"], random_scores(model, seed=2)["0.weight"])
    assert {k: v.shape for k, v in first.items()} == {
        k: v.shape for k, v in magnitude_scores(model).items()
    }
    with pytest.raises(TypeError, match="seed : reçu 'a'"):
        random_scores(model, seed="a")
    assert random_scores(nn.Linear(2, 2, device="meta"), seed=1)["weight"].is_meta
    chosen = prunable_parameters(model, names="2.*")
    assert list(random_scores(model, seed=1, parameters=chosen)) == ["2.weight"]
    # 2^24 valeurs ne suffiraient pas à départager un grand réseau
    assert first["0.weight"].dtype == torch.float64


def test_random_scores_ignore_the_initial_weights() -> None:
    """À graine égale, le témoin ne garde les grands poids que par hasard : un sur dix."""
    torch.manual_seed(3)
    model = nn.Linear(200, 200, dtype=torch.float64)
    random = global_masks(random_scores(model, seed=3), 0.9)["weight"]
    large = global_masks(magnitude_scores(model), 0.9)["weight"]
    shared = (random & large).sum().item() / random.sum().item()
    assert shared == pytest.approx(0.1, abs=0.02)  # quatre écarts types


@pytest.mark.parametrize("name", NAMES)
def test_every_family(name: str) -> None:
    """Chaque famille de modèles se note et s'élague à la sparsité demandée."""
    found = case(name)
    for scores in (magnitude_scores(found.model), random_scores(found.model, seed=0)):
        assert list(scores) == list(prunable_parameters(found.model))
