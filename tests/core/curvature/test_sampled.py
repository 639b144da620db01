"""La Fisher échantillonnée : sans biais, semée, au prix de ses tirages."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import (
    SampledFisher,
    SecondOrderPruning,
    ggn_diagonal,
    ggn_matrix,
    obd_scores,
    obs_block_pruning,
    prunable_parameters,
    sampled_fisher_diagonal,
    sampled_fisher_matrix,
)
from pruning_core.curvature.by_name import matrix_named, vectors_named
from pruning_core.curvature.flattening import flatten
from pruning_core.curvature.losses import checked_roots
from pruning_core.curvature.output_roots import OutputRoots
from pruning_core.structures import Output
from tests.core.cases import case, same
from tests.core.trained_losses import LOSSES, by_word, setting

CONVEX = ["weights", "soft_weights_smoothing", "words", "bce_weighted"]


def _gap(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


@pytest.mark.parametrize("draw", ["signs", "targets"])
@pytest.mark.parametrize("name", CONVEX)
def test_the_mean_of_many_draws_is_the_ggn(name: str, draw: str) -> None:
    """L'écart à la GGN exacte décroît comme l'inverse de la racine du nombre de tirages."""
    model, loader, criterion = setting(name)
    exact = ggn_matrix(model, loader, criterion)
    gaps = {}
    for samples, seeds in ((16, 8), (256, 2)):
        found = [
            sampled_fisher_matrix(model, loader, criterion, samples=samples, seed=seed, draw=draw)
            for seed in range(seeds)
        ]
        gaps[samples] = sum(_gap(one, exact) for one in found) / seeds
    assert 0 < gaps[16] < 0.7
    assert 2.2 < gaps[16] / gaps[256] < 7  # quatre, au hasard près


@pytest.mark.parametrize("name", LOSSES)
def test_the_draws_of_every_loss(name: str) -> None:
    """Toute perte que la GGN accepte se tire, et sa diagonale estimée est proche de l'exacte."""
    model, loader, criterion = setting(name)
    exact = flatten(ggn_diagonal(model, loader, criterion))
    found = flatten(sampled_fisher_diagonal(model, loader, criterion, samples=200))
    assert _gap(found, exact) < 0.2


@pytest.mark.parametrize("name", ["mse_vector", "poisson_column", "coupled_outputs"])
def test_a_single_root_is_exact(name: str) -> None:
    """Avec un seul vecteur par exemple, son signe ne change rien : un tirage donne la GGN."""
    model, loader, criterion = setting(name)
    exact = ggn_matrix(model, loader, criterion)
    torch.testing.assert_close(sampled_fisher_matrix(model, loader, criterion), exact)


def _roots(name: str) -> tuple[OutputRoots, torch.Tensor]:
    """Racines du deuxième lot d'une perte, et leur courbure [N, D, D]."""
    model, loader, criterion = setting(name)
    x, y = loader[1]
    roots = checked_roots(criterion, Output(model(x).detach()), y)
    flat = [vector.flatten(1) for vector in roots.vectors()]
    return roots, sum(v[:, :, None] * v[:, None, :] for v in flat)


def test_all_targets_weighted_by_their_chances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Toutes les cibles, chacune comptée pour sa probabilité, donnent exactement la courbure."""
    roots, exact = _roots("words")
    total = torch.zeros_like(exact)
    for targets in product(range(3), repeat=3):  # une par position
        drawn = torch.tensor(targets * len(exact))[:, None]
        monkeypatch.setattr(torch, "multinomial", lambda *_, drawn=drawn, **__: drawn)
        vector = roots.draw(torch.Generator(), "targets").flatten(1)
        chances = roots.probabilities[:, range(3), list(targets)].prod(1)
        total += chances[:, None, None] * vector[:, :, None] * vector[:, None, :]
    torch.testing.assert_close(total, exact, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["weights", "bce_weighted", "soft"])
def test_all_signs(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """La moyenne sur tous les signes donne exactement la courbure."""
    roots, exact = _roots(name)
    count, outputs = exact.shape[:2]
    total = torch.zeros_like(exact)
    for signs in product((0, 1), repeat=outputs):
        monkeypatch.setattr(
            torch,
            "randint",
            lambda low, high, shape, signs=signs, **_: (
                torch.tensor(signs).expand(count, outputs).reshape(shape)
            ),
        )
        vector = roots.draw(torch.Generator(), "signs").flatten(1)
        total += vector[:, :, None] * vector[:, None, :] / 2**outputs
    torch.testing.assert_close(total, exact, rtol=1e-12, atol=1e-15)


def test_signs_stay_closer_than_targets() -> None:
    """Quand le modèle est sûr de lui, les signes restent bien plus près que les cibles tirées."""
    sure = Output(torch.tensor([[6.0, 0.0, 0.0]], dtype=torch.float64).expand(500, 3))
    roots = checked_roots(F.cross_entropy, sure, torch.zeros(500, dtype=torch.long))
    exact = sum(v.T @ v for v in roots.vectors())

    def gap(draw: str) -> float:
        drawn = [roots.draw(torch.Generator().manual_seed(seed), draw) for seed in range(8)]
        return sum(_gap(v.T @ v, exact) for v in drawn) / len(drawn)

    assert gap("signs") < gap("targets") / 3


@pytest.mark.parametrize("classes", [3, 300])
@pytest.mark.parametrize("samples", [1, 4])
def test_the_cost_does_not_depend_on_the_outputs(classes: int, samples: int) -> None:
    """Un tirage fait un vecteur, donc une rétropropagation, pour toutes les sorties."""
    torch.manual_seed(0)
    output, y = torch.randn(5, 7, classes), torch.randint(0, classes, (5, 7))
    derived = []

    def loss(values: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        derived.append(values.shape)
        return by_word(values, target)

    vectors = SampledFisher(samples).vectors(loss)(Output(output), y)
    assert len(list(vectors)) == samples
    assert len(derived) < 10


def test_a_seed_gives_the_same_numbers() -> None:
    """Même graine, mêmes nombres ; une autre, d'autres. Le hasard global ne bouge pas."""
    found = case("rnn")
    arguments = found.model, found.loader, found.criterion
    state = torch.get_rng_state()
    first = sampled_fisher_diagonal(*arguments, samples=2, seed=3)
    torch.manual_seed(17)
    assert same(first, sampled_fisher_diagonal(*arguments, samples=2, seed=3))
    assert not same(first, sampled_fisher_diagonal(*arguments, samples=2, seed=4))
    torch.set_rng_state(state)
    sampled_fisher_diagonal(*arguments)
    assert torch.equal(state, torch.get_rng_state())


def test_batches_draw_one_after_another() -> None:
    """Deux lots égaux tirent des cibles différentes : leurs écarts ne s'ajoutent pas."""
    found = case("mlp")
    batch = (found.x, found.y)
    once, twice = (
        sampled_fisher_diagonal(found.model, [batch] * count, found.criterion) for count in (1, 2)
    )
    assert not same(once, twice)


def test_spellings_draw_alike() -> None:
    """Toutes les écritures d'une même perte tirent les mêmes cibles."""
    model, loader, _ = setting("words")
    first, second = (
        sampled_fisher_diagonal(model, loader, loss, samples=3)
        for loss in (by_word, lambda o, y: F.cross_entropy(o.transpose(1, 2), y))
    )
    torch.testing.assert_close(first, second, rtol=1e-10, atol=1e-15)


def test_wherever_a_curvature_is_chosen() -> None:
    """OBD, OBS par blocs et les classes du chapitre prennent la Fisher échantillonnée."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    sampled = SampledFisher(samples=2, seed=5)
    chosen = prunable_parameters(found.model)
    diagonal = sampled_fisher_diagonal(*arguments, samples=2, seed=5)
    scores = obd_scores(*arguments, curvature=sampled)
    expected = {n: 0.5 * diagonal[n] * p.detach().square() for n, p in chosen.items()}
    assert same(scores, expected)
    chapter = SecondOrderPruning()
    assert same(scores, chapter.compute_optimal_brain_damage(*arguments, curvature=sampled)[0])
    named = obd_scores(*arguments, curvature="sampled_fisher")
    assert same(named, obd_scores(*arguments, curvature=SampledFisher()))
    assert not same(named, scores)
    masks = [
        obs_block_pruning(*arguments, 0.5, steps=2, curvature=curvature).masks
        for curvature in ("sampled_fisher", SampledFisher(), SampledFisher(samples=500), "ggn")
    ]
    assert same(masks[0], masks[1])
    agreement = [(flatten(m) == flatten(masks[3])).double().mean() for m in (masks[0], masks[2])]
    assert agreement[0] <= agreement[1]
    surgeon = chapter.compute_optimal_brain_surgeon(*arguments, curvature=sampled)
    assert list(surgeon) == list(chosen)
    matrix = matrix_named(sampled)(*arguments)
    assert torch.equal(matrix, sampled_fisher_matrix(*arguments, samples=2, seed=5))


@pytest.mark.parametrize(
    ("samples", "seed", "error"), [(0, 0, ValueError), (1.5, 0, TypeError), (1, -1, ValueError)]
)
def test_bad_settings(samples: object, seed: object, error: type[Exception]) -> None:
    """Un nombre de tirages nul, une graine négative se refusent."""
    with pytest.raises(error, match=r"(samples|seed) : reçu"):
        SampledFisher(samples, seed)
    with pytest.raises(ValueError, match="draw : reçu 'normal'"):
        SampledFisher(draw="normal")


@pytest.mark.parametrize("curvature", ["fisher", None, 3, SampledFisher])
def test_unknown_curvature(curvature: object) -> None:
    """Une courbure inconnue se refuse en citant les autres."""
    found = case("mlp")
    with pytest.raises(ValueError, match=r"curvature : reçu .*'sampled_fisher'.*SampledFisher\("):
        obd_scores(found.model, found.loader, found.criterion, curvature=curvature)


def test_the_hessian_has_no_vectors() -> None:
    """La hessienne n'est pas une somme de carrés : OBS par blocs la refuse."""
    with pytest.raises(ValueError, match="reçu 'hessian'"):
        vectors_named("hessian", nn.CrossEntropyLoss())
