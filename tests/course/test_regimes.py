"""Ce que fait chaque expérience : sur quoi elle apprend, combien, masques tenus, et ce qu'elle
mesure."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import pytest
import torch
from torch import nn

from pruning_core.course import models
from pruning_core.course.datasets import load_digits
from pruning_core.course.experiments import (
    agreement,
    beliefs,
    han,
    lottery,
    mnist,
    prediction,
    retraining,
    whole_matrix,
)
from pruning_core.course.experiments.methods import COMPARED, pruning
from pruning_core.course.models import DIGITS_EPOCHS, digits_mlp
from pruning_core.masks.applying import PrunedWeights
from pruning_core.masks.choosing import global_masks
from pruning_core.methods import METHODS
from pruning_core.scores.magnitude import magnitude_scores
from tests.course.witness import Witness, part_of, sparsity


@pytest.mark.parametrize("regime", retraining.REGIMES)
@pytest.mark.parametrize("method", ["magnitude", "obs"])
def test_retraining(seen: Witness, regime: str, method: str) -> None:
    """Chaque protocole dépense les époques de son nom, sur l'entraînement, masques tenus."""
    retraining.run([3], sparsities=[0.95], methods=[method], regimes=[regime])
    epochs = 0 if regime == "none" else int(regime.removeprefix("gradual ").split()[0])
    steps = {15: 13, 70: 20, 200: 20}[epochs] if regime.startswith("gradual") else 1
    assert sum(one.length for one in seen.trained) == epochs
    assert len(seen.trained) == steps
    for one in seen.trained:
        assert (one.part, one.seed, one.rate, one.batch) == ("digits train", 3, 1e-3, 64)
        assert one.held
    reached = [sparsity(one) for one in seen.trained]
    assert reached == sorted(reached)
    assert reached[-1] == pytest.approx(0.95, abs=1e-3)
    assert seen.measured == ["digits test"] * 2  # le réseau dense, puis l'élagué


@pytest.mark.parametrize("method", ["random", "magnitude", "obd"])
def test_mnist(seen: Witness, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Cinq époques pour toutes ; onze, d'un coup et peu à peu, pour celles qui se comparent."""
    _read_as_magnitude(monkeypatch)
    mnist.run([2], sparsities=[0.95], methods=[method], gradual=[0.95])
    compared = method in ("magnitude", "obd", "obs")
    once = {0: 1, 5: 1, **({11: 1} if compared else {})}
    steps = {1: 9, 2: 1} if compared else {}
    assert seen.lengths() == Counter(once) + Counter(steps)
    for one in seen.trained:
        assert (one.part, one.seed, one.rate, one.batch) == ("mnist train", 2, 1e-3, 64)
        assert one.held
    assert seen.measured == ["mnist test"] * (1 + len(once) + compared)


def test_mnist_obs_reads_1500_images(seen: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """OBS lit les 1 500 premières images d'entraînement, d'un coup comme peu à peu."""
    read = _read_as_magnitude(monkeypatch)
    steps: list[int] = []

    def path(model: nn.Module, loader: Any, criterion: Any, stages: Any) -> list[PrunedWeights]:
        read.append(("path", [part_of(batch) for batch in loader]))
        steps.append(len(stages))
        return [PrunedWeights.of(global_masks(magnitude_scores(model), s)) for s in stages]

    monkeypatch.setattr(mnist, "obs_neuron_path", path)
    mnist.run([0], sparsities=[0.95], methods=["obs"], gradual=[0.95])
    assert {tuple(parts) for _, parts in read} == {("mnist train[:1500]",)}
    assert Counter(name for name, _ in read) == {"path": 1, "obs_one_step": 10}
    assert steps == [15]


def test_han(seen: Witness) -> None:
    """Cinq étapes de trois époques, masques tenus ; le témoin dense apprend autant, sans masque."""
    han.run([1])
    assert {(one.part, one.seed, one.rate, one.batch) for one in seen.trained} == {
        ("mnist train", 1, 1e-3, 64)
    }
    *steps, dense = seen.trained
    assert [one.length for one in steps] == [3] * 5
    assert all(one.held for one in steps)
    assert sparsity(steps[-1]) == pytest.approx(0.92, abs=1e-4)
    assert (dense.length, sparsity(dense)) == (15, 0.0)
    assert seen.measured == ["mnist test"] * 4


def test_lottery(seen: Witness) -> None:
    """À chaque tour, chaque bras apprend autant ; les témoins partent d'où ils le disent."""
    lottery.run([1], rounds=2, controlled=[2])
    assert seen.lengths() == {DIGITS_EPOCHS: 6}
    for one in seen.trained:
        assert (one.part, one.seed, one.rate, one.batch) == ("digits train", 1, 1e-3, 64)
        assert one.held
    assert [round(sparsity(one), 2) for one in seen.trained] == [0.0, 0.2, *[0.36] * 4]
    winner, again, shuffled, both = seen.trained[2:]
    assert [_starts_as(one.start, 1) for one in (winner, again, shuffled, both)] == [
        *(True, False),
        *(True, False),
    ]
    assert _same_zeros(winner.start, again.start)
    assert _same_zeros(shuffled.start, both.start)
    assert not _same_zeros(winner.start, shuffled.start)
    assert set(seen.measured) == {"digits test", "digits train"}


def _starts_as(model: nn.Module, seed: int) -> bool:
    """Les poids gardés sont ceux du réseau de cette graine avant d'avoir appris."""
    start = dict(digits_mlp(seed).named_parameters())
    return all(torch.equal(p, start[name] * (p != 0)) for name, p in model.named_parameters())


def _same_zeros(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    return all(torch.equal(one == 0, two == 0) for one, two in pairs)


def test_prediction(seen: Witness) -> None:
    """Les hausses de perte se lisent sur l'entraînement, où la courbure est calculée."""
    prediction.run([1], sparsities=[0.5])
    assert (seen.trained, set(seen.measured)) == ([], {"digits train"})


def test_beliefs(seen: Witness) -> None:
    """Rien n'apprend, sauf le réseau dont on regarde le masque, d'un pas, sans le tenir."""
    beliefs.run([0])
    (step,) = seen.trained
    assert (step.part, step.length, step.batch, step.held) == ("digits train", 1, 1077, False)
    assert set(seen.measured) == {"digits test"}


@pytest.mark.parametrize("run", [agreement.run, agreement.run_layers])
def test_agreement(seen: Witness, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    """Les masques comparés sont ceux de l'entraînement ; rien n'est affiné."""
    read = _read_as_magnitude(monkeypatch)
    run([0], sparsities=[0.5])
    assert (seen.trained, seen.measured) == ([], [])
    assert {name for name, _ in read} == set(agreement.COMPARED)


def test_whole_matrix(seen: Witness) -> None:
    """Trois élagages en un pas, mesurés sur le test."""
    whole_matrix.run([0], prunings=["magnitude", "by_neuron"])
    assert (seen.trained, seen.measured) == ([], ["digits test"] * 2)


def test_what_methods_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Le gradient lit tous les lots de 64, dans l'ordre ; les autres, tout d'un coup."""
    data = load_digits().train
    sizes: dict[str, list[int]] = {}

    def noted(name: str) -> Any:
        def prune(model: nn.Module, loader: Any, *_: Any) -> Any:
            sizes[name] = [len(x) for x, _ in loader]
            assert torch.equal(torch.cat([x for x, _ in loader]), data.x)
            return global_masks(magnitude_scores(model), 0.5)

        return prune

    for name in COMPARED:
        monkeypatch.setitem(METHODS, name, METHODS[name]._replace(prune=noted(name)))
        pruning(name, data, seed=0)(digits_mlp(0), 0.5)
    assert sizes.pop("gradient") == [64] * 16 + [53]
    assert set(map(tuple, sizes.values())) == {(1077,)}
    assert set(sizes) == set(COMPARED) - {"gradient"}


@pytest.mark.parametrize(
    ("train", "part", "epochs"),
    [
        (models._train_digits_mlp, "digits train", 80),
        (models._train_lenet, "mnist train", 15),
    ],
)
def test_the_networks_of_the_course(seen: Witness, train: Any, part: str, epochs: int) -> None:
    """Les réseaux entraînés du cours n'ont vu que l'entraînement."""
    inspect.unwrap(train)(2)
    (one,) = seen.trained
    assert (one.part, one.length, one.seed) == (part, epochs, 2)
    assert sparsity(one) == 0.0


def _read_as_magnitude(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Chaque méthode garde ce que garde la magnitude, et l'on note les lots qu'on lui donne."""
    read: list[tuple[str, list[str]]] = []
    magnitude = METHODS["magnitude"].prune
    assert magnitude is not None

    def reader(name: str) -> Any:
        def prune(model: nn.Module, loader: Any, criterion: Any, s: float, seed: int) -> Any:
            read.append((name, [part_of(batch) for batch in loader]))
            return magnitude(model, loader, criterion, s, seed)

        return prune

    for name, method in METHODS.items():
        if method.prune is not None:
            monkeypatch.setitem(METHODS, name, method._replace(prune=reader(name)))
    return read
