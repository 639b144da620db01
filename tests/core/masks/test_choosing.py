"""Des scores aux masques."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from pruning_core.masks.choosing import (
    count_pruned,
    global_masks,
    layerwise_masks,
    rowwise_masks,
)
from tests.core.cases import Conv1D

T, F = True, False


@pytest.mark.parametrize(
    ("n", "sparsity", "k"),
    [
        (100, 0.29, 29),  # 0.29 * 100 = 28.999999999999996
        (100, 0.145, 15),  # 14.499999999999998 en flottants
        (5, 0.25, 1),  # 1,25
        (2, 0.25, 1),  # 0,5 : vers le haut, non vers le pair
        (6, 0.25, 2),  # 1,5
        (10, 0.25, 3),  # 2,5 : round() donnerait 2
        (3, 0.0, 0),
        (3, 1.0, 3),
        (3, 1, 3),
        (0, 0.5, 0),
        (10**17 + 1, 1.0, 10**17 + 1),  # hors des entiers exacts d'un flottant
        (100, np.float32(0.9), 90),
    ],
)
def test_count_pruned(n: int, sparsity: float, k: int) -> None:
    """Le compte est l'arrondi exact de n·s, demi vers le haut, à toute taille."""
    assert count_pruned(n, sparsity) == k


TABLES = [
    # scores, sparsité, masques attendus
    ({"a": [1.0, 2.0, 3.0, 4.0]}, 0.5, {"a": [F, F, T, T]}),
    ({"a": [4.0, 1.0], "b": [3.0, 2.0]}, 0.5, {"a": [T, F], "b": [T, F]}),
    # toutes égales : les premiers rangs partent, dans l'ordre du dictionnaire
    ({"b": [7.0, 7.0], "a": [7.0, 7.0]}, 0.75, {"b": [F, F], "a": [F, T]}),
    # égalités au seuil
    ({"a": [1.0, 0.0, 1.0, 0.0, 1.0]}, 0.6, {"a": [F, F, T, F, T]}),
    ({"a": [0.0, -0.0, 0.0, 5.0]}, 0.5, {"a": [F, F, T, T]}),
    ({"a": [3.0, 1.0, 2.0]}, 0.0, {"a": [T, T, T]}),
    ({"a": [3.0, 1.0, 2.0]}, 1.0, {"a": [F, F, F]}),
    # les scores négatifs sont permis : seul l'ordre compte
    ({"a": [-1.0, -3.0, 2.0]}, 1 / 3, {"a": [T, F, T]}),
    # k = 1 quand n = 5 et s = 0,25 : un quantile interpolé en élague 2
    ({"a": [5.0, 4.0, 3.0, 2.0, 1.0]}, 0.25, {"a": [T, T, T, T, F]}),
]


@pytest.mark.parametrize(("scores", "sparsity", "expected"), TABLES)
def test_global_table(scores, sparsity, expected) -> None:
    """À la main : le compte est exact, et le rang tranche les égalités."""
    masks = global_masks({k: torch.tensor(v) for k, v in scores.items()}, sparsity)
    assert {name: mask.tolist() for name, mask in masks.items()} == expected
    assert all(mask.dtype == torch.bool for mask in masks.values())


def test_layerwise_table() -> None:
    """Une sparsité par couche, chacune avec son propre seuil et ses propres égalités."""
    scores = {"a": torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "b": torch.tensor([9.0, 9.0, 9.0])}
    masks = layerwise_masks(scores, 0.5)
    assert masks["a"].tolist() == [[F, F], [T, T]]
    assert masks["b"].tolist() == [F, F, T]
    masks = layerwise_masks(scores, {"b": 1 / 3, "a": 0.25})
    assert masks["a"].tolist() == [[F, T], [T, T]]
    assert masks["b"].tolist() == [F, T, T]


def test_shared_memory_between_masks() -> None:
    """Deux appels rendent des tenseurs distincts, et laissent les scores."""
    scores = {"a": torch.tensor([1.0, 2.0])}
    first, second = global_masks(scores, 0.5), global_masks(scores, 0.5)
    first["a"][:] = True
    assert second["a"].tolist() == [F, T]
    assert scores["a"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtypes(dtype: torch.dtype) -> None:
    """Dans chaque type flottant, le compte est exact et le seuil sépare."""
    values = torch.arange(257).to(dtype)
    mask = global_masks({"a": values}, 0.5)["a"]
    assert (~mask).sum() == 129
    assert values[~mask].max() <= values[mask].min()


def test_mixed_dtypes_are_compared_exactly() -> None:
    """Des scores float32 et float64 se comparent sans arrondi."""
    low = torch.tensor([1.0 + 2**-40], dtype=torch.float64)
    scores = {"a": torch.tensor([1.0]), "b": low}
    masks = global_masks(scores, 0.5)
    assert (masks["a"].item(), masks["b"].item()) == (False, True)
    scores = {"a": torch.tensor([-1.0]), "b": -low}
    masks = global_masks(scores, 0.5)
    assert (masks["a"].item(), masks["b"].item()) == (True, False)


def test_every_count_of_a_large_unsorted_array() -> None:
    """Sur un grand tableau mélangé, chaque k donne les k plus petits."""
    n = 3000
    score = torch.randperm(n, generator=torch.Generator().manual_seed(0)).float()
    for k in range(n + 1):
        mask = global_masks({"a": score}, k / n)["a"]
        assert torch.equal(mask, score >= k)


def test_beyond_two_to_the_24() -> None:
    """Le compte reste exact au-delà de 2^24 scores."""
    n = 2**24 + 3
    mask = global_masks({"a": torch.arange(n, dtype=torch.int32).float()}, 0.75)["a"]
    assert n - int(mask.sum()) == count_pruned(n, 0.75)


def test_ties_across_slices_and_layers() -> None:
    """Les égalités se comptent d'une tranche et d'une couche à l'autre."""
    scores = {"a": torch.zeros(2**20 + 5), "b": torch.zeros(3), "c": torch.zeros(4)}
    n = 2**20 + 12
    masks = global_masks(scores, (2**20 + 6) / n)
    assert not bool(masks["a"].any())
    assert masks["b"].tolist() == [F, T, T]
    masks = global_masks(scores, (2**20 + 3) / n)
    assert masks["a"][2**20 :].tolist() == [F, F, F, T, T]
    assert not bool(masks["a"][: 2**20].any())
    assert bool(masks["b"].all() and masks["c"].all())


def test_empty_layer() -> None:
    """Une couche sans poids est permise, et ne gêne pas les autres."""
    scores = {"a": torch.zeros(0, 3), "b": torch.tensor([2.0, 1.0])}
    masks = global_masks(scores, 0.5)
    assert masks["a"].shape == (0, 3)
    assert masks["b"].tolist() == [T, F]


def test_non_contiguous_scores() -> None:
    """Le rang à plat est celui des indices, non celui de la mémoire."""
    score = torch.tensor([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]]).T
    assert global_masks({"a": score}, 0.5)["a"].tolist() == [[F, F, F], [T, T, T]]


def test_min_kept_table() -> None:
    """Le plancher garde les meilleurs poids de chaque couche ; une plus petite reste entière."""
    scores = {"a": torch.tensor([0.1, 0.3, 0.2]), "b": torch.tensor([1.0, 2.0, 3.0])}
    assert global_masks(scores, 0.5)["a"].tolist() == [F, F, F]
    masks = global_masks(scores, 0.5, min_kept=1)
    assert masks["a"].tolist() == [F, T, F]
    assert masks["b"].tolist() == [F, T, T]
    # une couche plus petite que le plancher reste entière
    scores = {"a": torch.tensor([0.0]), "b": torch.tensor([1.0, 2.0, 3.0])}
    masks = global_masks(scores, 0.25, min_kept=2)
    assert (masks["a"].tolist(), masks["b"].tolist()) == ([T], [F, T, T])
    # une part s'arrondit au poids supérieur, sans erreur d'arrondi : 0,07 de 100 font 7 poids
    scores = {"a": torch.arange(100.0), "b": 100 + torch.arange(100.0), "c": torch.zeros(1)}
    masks = global_masks(scores, 0.5, min_kept=0.07)
    assert [int(mask.sum()) for mask in masks.values()] == [7, 92, 1]
    assert bool(global_masks(scores, 0.0, min_kept=1.0)["a"].all())


def test_min_kept_impossible() -> None:
    """Un plancher qui empêche la sparsité demandée se refuse."""
    scores = {"a": torch.ones(2), "b": torch.ones(2)}
    assert sum(int(m.sum()) for m in global_masks(scores, 0.5, min_kept=1).values()) == 2
    with pytest.raises(ValueError, match="3 poids à élaguer ; attendu au plus 2"):
        global_masks(scores, 0.75, min_kept=1)


@pytest.mark.parametrize("sparsity", [0.1, 0.5, 0.93])
def test_against_torch_prune(sparsity: float) -> None:
    """Sans égalités, mêmes masques que torch.nn.utils.prune."""
    model = nn.Sequential(nn.Linear(9, 7), nn.Linear(7, 5))
    scores = {f"{i}.weight": model[i].weight.detach().abs() for i in (0, 1)}
    mine = global_masks(scores, sparsity)
    prune.global_unstructured(
        [(model[0], "weight"), (model[1], "weight")], prune.L1Unstructured, amount=sparsity
    )
    for i in (0, 1):
        assert torch.equal(mine[f"{i}.weight"], model[i].weight_mask.bool())


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-0.1, ValueError),
        (1.1, ValueError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        ("0.5", TypeError),
        (None, TypeError),
        (True, TypeError),
    ],
)
def test_bad_sparsity(value, error) -> None:
    """Une sparsité hors de [0, 1] n'est ni rognée ni interprétée."""
    scores = {"a": torch.ones(3)}
    for call in (global_masks, layerwise_masks):
        with pytest.raises(error, match="sparsité : reçu"):
            call(scores, value)
    with pytest.raises(error, match="sparsité de a : reçu"):
        layerwise_masks(scores, {"a": value})


@pytest.mark.parametrize(
    ("scores", "error", "message"),
    [
        ({}, ValueError, "scores : reçu un dictionnaire vide"),
        ([torch.ones(2)], TypeError, "scores : reçu list"),
        ({"a": torch.tensor([1.0, math.nan])}, ValueError, r"scores\['a'\] : reçu NaN"),
        ({"a": torch.tensor([1.0, math.inf])}, ValueError, "reçu NaN ou l'infini"),
        ({"a": torch.tensor([-math.inf, 1.0])}, ValueError, "reçu NaN ou l'infini"),
        ({"a": torch.tensor([1, 2])}, TypeError, r"torch\.int64"),
        ({"a": [1.0, 2.0]}, TypeError, "reçu list ; attendu un tenseur"),
        ({"a": torch.ones(2, device="meta")}, ValueError, "meta"),
    ],
)
def test_bad_scores(scores, error, message) -> None:
    """Des scores NaN, infinis, entiers ou sans valeurs se refusent, couche nommée."""
    for call in (global_masks, layerwise_masks):
        with pytest.raises(error, match=message):
            call(scores, 0.5)


def test_bad_layer_names() -> None:
    """Les noms inconnus et les noms manquants se refusent, en les citant."""
    scores = {"a": torch.ones(2), "b": torch.ones(2)}
    with pytest.raises(
        ValueError, match=r"^sparsité par couche : .* \['c'\], noms manquants \['b'\]"
    ):
        layerwise_masks(scores, {"a": 0.5, "c": 0.5})
    with pytest.raises(ValueError, match=r"noms manquants \['b'\]"):
        layerwise_masks(scores, {"a": 0.5})


@pytest.mark.parametrize(("n", "error"), [(-1, ValueError), (1.5, TypeError), (True, TypeError)])
def test_bad_count(n, error) -> None:
    """Un nombre de poids négatif ou fractionnaire se refuse."""
    with pytest.raises(error, match="n : reçu"):
        count_pruned(n, 0.5)
    with pytest.raises(error, match="min_kept : reçu"):
        global_masks({"a": torch.ones(2)}, 0.5, min_kept=n)
    with pytest.raises(TypeError, match="min_kept : reçu nan"):
        global_masks({"a": torch.ones(2)}, 0.5, min_kept=math.nan)


@pytest.mark.parametrize("sparsity", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_rows_are_pruned_as_layers_of_their_own(sparsity: float) -> None:
    """Chaque ligne perd exactement ses k plus petits scores, égalités comprises."""
    score = torch.randint(0, 4, (5, 3, 2, 2)).double()
    mask = rowwise_masks({"a": score}, sparsity)["a"]
    assert mask.shape == score.shape
    for row, found in zip(score, mask, strict=True):
        assert torch.equal(layerwise_masks({"r": row}, sparsity)["r"], found)


def test_bad_rows() -> None:
    """Un score sans lignes, ou une sparsité hors de [0, 1], se refuse."""
    with pytest.raises(ValueError, match=r"scores\['b'\] : reçu la forme \(3,\)"):
        rowwise_masks({"b": torch.ones(3)}, 0.5)
    with pytest.raises(ValueError, match=r"sparsité : reçu 1\.5"):
        rowwise_masks({"a": torch.ones(2, 2)}, 1.5)


def test_rowwise_rows_of_the_model() -> None:
    """Avec le modèle, une ligne est un neurone de sortie, même si les entrées sont d'abord."""
    model = nn.Sequential(nn.ConvTranspose1d(4, 6, 2, groups=2), Conv1D(5, 4), nn.Linear(4, 3))
    scores = {name: torch.rand_like(p) for name, p in model.named_parameters() if p.ndim > 1}
    masks = rowwise_masks(scores, 0.5, model=model)
    kept = masks["0.weight"].unflatten(0, (2, 2)).sum((1, 3)).flatten()
    assert kept.tolist() == [2] * 6
    assert masks["1.weight"].sum(0).tolist() == [2] * 5
    assert masks["2.weight"].sum(1).tolist() == [2] * 3
    assert rowwise_masks(scores, 0.5)["1.weight"].sum(1).tolist() == [2] * 4
    with pytest.raises(ValueError, match="comme dans le modèle"):
        rowwise_masks({"2.weight": torch.ones(4, 3)}, 0.5, model=model)
