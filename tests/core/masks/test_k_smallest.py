"""Trouver les k plus petits, contre un tri complet."""

from collections.abc import Callable

import pytest
import torch

from pruning_core.masks import k_smallest
from pruning_core.masks.k_smallest import prune_smallest

N = 100_000  # assez pour que l'échantillon serve


def _uniform(n: int) -> torch.Tensor:
    return torch.rand(n)


def _sorted(n: int) -> torch.Tensor:
    return torch.arange(n).float()


def _constant(n: int) -> torch.Tensor:
    return torch.full((n,), 0.25)


def _ternary(n: int) -> torch.Tensor:
    return torch.randint(-1, 2, (n,)).double()


def _heavy_tailed(n: int) -> torch.Tensor:
    return torch.randn(n, dtype=torch.float64).pow(9)


def _short(n: int) -> torch.Tensor:
    return torch.rand(n).bfloat16()


def _flagged(n: int) -> torch.Tensor:
    """Comme OBS : −1 pour les poids déjà supprimés."""
    return torch.where(torch.rand(n) < 0.6, -1.0, torch.rand(n))


def _mostly_zero(n: int) -> torch.Tensor:
    return torch.where(torch.rand(n) < 0.9, 0.0, torch.rand(n))


def _outlier(n: int) -> torch.Tensor:
    scores = torch.rand(n)
    scores[0], scores[-1] = 3e38, -3e38
    return scores


KINDS = [
    _uniform,
    _sorted,
    _constant,
    _ternary,
    _heavy_tailed,
    _short,
    _flagged,
    _mostly_zero,
    _outlier,
]


def _layers(flat: torch.Tensor) -> dict[str, torch.Tensor]:
    """Les scores en couches inégales, dont une vide et une de deux dimensions."""
    cut = len(flat) // 5
    return {
        "d": flat[:cut],
        "c": flat[cut:cut],
        "b": flat[cut : 3 * cut].reshape(2, cut),
        "a": flat[3 * cut :],
    }


def _expected(flat: torch.Tensor, k: int) -> torch.Tensor:
    kept = torch.ones(len(flat), dtype=torch.bool)
    kept[torch.sort(flat, stable=True).indices[:k]] = False
    return kept


def _flat(masks: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([mask.reshape(-1) for mask in masks.values()])


@pytest.mark.parametrize("k", [1, 2, N // 10, N // 2, 9 * N // 10, N - N // 100, N - 1])
@pytest.mark.parametrize("kind", KINDS)
def test_large_against_a_stable_sort(kind: Callable[[int], torch.Tensor], k: int) -> None:
    """Sur de grands scores de toutes formes, les masques sont ceux d'un tri stable."""
    flat = kind(N)
    assert torch.equal(_flat(prune_smallest(_layers(flat), k)), _expected(flat, k))


@pytest.mark.parametrize("kind", KINDS)
def test_every_count_of_few_scores(kind: Callable[[int], torch.Tensor]) -> None:
    """Sur peu de scores, sans échantillon, chaque k de zéro à tous est juste."""
    flat = kind(40)
    for k in range(41):
        assert torch.equal(_flat(prune_smallest(_layers(flat), k)), _expected(flat, k))


@pytest.mark.parametrize(
    "bracket",
    [(2.0, 3.0), (-3.0, -2.0), (0.2, 0.3), (0.7, 0.8), (0.5, 0.5), (-1.0, 0.4999), (0.5, 2.0)],
)
def test_unlucky_sample(bracket: tuple[float, float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Un échantillon qui encadre mal ne change pas les masques, seulement le temps."""
    flat = torch.arange(1000).div(1000)[torch.randperm(1000)]
    flat[:50] = 0.5
    monkeypatch.setattr(k_smallest, "_bracket", lambda scores, k: bracket)
    for k in (1, 300, 500, 520, 700, 999):
        assert torch.equal(_flat(prune_smallest(_layers(flat), k)), _expected(flat, k))


def test_unlucky_sample_keeps_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Même recopiés en entier, des scores float64 voisins restent distincts."""
    flat = (1.0 + torch.arange(1000, dtype=torch.float64) * 1e-12)[torch.randperm(1000)]
    monkeypatch.setattr(k_smallest, "_bracket", lambda scores, k: (2.0, 3.0))
    for k in (1, 500, 999):
        assert torch.equal(_flat(prune_smallest(_layers(flat), k)), _expected(flat, k))


def test_ties_that_end_with_a_slice() -> None:
    """Le dernier score à élaguer est le dernier d'une tranche : la suivante reste entière."""
    flat = torch.zeros(3 * 2**17)
    for k in (2**17 - 1, 2**17, 2**17 + 1, 2**18):
        mask = prune_smallest({"a": flat}, k)["a"]
        assert int(torch.count_nonzero(mask[:k])) == 0
        assert bool(mask[k:].all())


def test_a_sample_spares_the_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """L'échantillon évite toujours de recopier les scores en entier."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("copie entière des scores")

    monkeypatch.setattr(k_smallest, "_copy", refuse)
    for kind in (_uniform, _sorted, _constant, _ternary, _heavy_tailed, _short, _mostly_zero):
        flat = kind(N)
        for k in (N // 10, N // 2, 9 * N // 10):
            prune_smallest(_layers(flat), k)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_bracket_is_tight(share: float) -> None:
    """L'intervalle encadre le seuil et contient moins d'un score sur vingt."""
    flat = _uniform(N)
    low, high = k_smallest._bracket(_layers(flat), int(share * N))
    assert low < share < high
    assert int(((flat > low) & (flat < high)).sum()) < 0.05 * N


def test_every_layer_is_sampled() -> None:
    """L'échantillon est celui des scores à plat, couche après couche."""
    flat = _sorted(N)
    sample = k_smallest._sample(_layers(flat), N)
    generator = torch.Generator().manual_seed(0)
    places = torch.randint(N, (len(sample),), generator=generator).sort().values
    assert sample.tolist() == places.tolist()


@pytest.mark.parametrize("k", [0, 3])
def test_masks_are_on_the_device_of_their_scores(k: int) -> None:
    """Les masques sont sur l'appareil de leurs scores."""
    masks = prune_smallest({"a": torch.empty(3, device="meta")}, k)
    assert masks["a"].is_meta
    assert masks["a"].dtype == torch.bool


def test_the_sample_leaves_the_global_generator() -> None:
    """Choisir des poids ne tire rien du hasard de l'appelant."""
    state = torch.get_rng_state()
    prune_smallest(_layers(_sorted(N)), N // 2)
    assert torch.equal(state, torch.get_rng_state())
