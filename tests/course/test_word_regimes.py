"""Ce que font les expériences sur les mots, et sur les plus petits réseaux."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from pruning_core.course.experiments import (
    monks,
    tiny_networks,
    words,
    words_2_4,
    words_distillation,
    words_sparsegpt,
    words_training,
    xor,
)
from pruning_core.course.words.corpus import calibration, split
from pruning_core.course.words.inventing import invent
from pruning_core.course.words.measures import known_share
from tests.course.witness import Witness, everywhere


def test_words_regimes(seen: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deux cents lots des mots d'entraînement, masques tenus ; les bits, sur les mots de test."""
    drawn = _draws(monkeypatch)
    words.run([1], sparsities=[0.9], methods=["wanda", "layer_obs"], retrained=["wanda"])
    (one,) = seen.trained
    assert (one.part, one.length, one.seed, one.rate) == ("words train", 200, 1, 1e-3)
    assert one.batch == 256
    assert one.held
    assert set(seen.measured) == {"words test"}
    assert set(drawn) == {(1000, 1)}


@pytest.mark.parametrize(
    ("run", "options"),
    [
        (words_2_4.run, {"methods": ["wanda"]}),
        (words_sparsegpt.run, {"sparsities": [0.5], "blocks": [8]}),
        (words_distillation.run, {"stages": [0.3]}),
    ],
)
def test_words_without_retraining(
    seen: Witness, monkeypatch: pytest.MonkeyPatch, run: Any, options: dict[str, Any]
) -> None:
    """Le même calibrage de mille mots, et les mots de test."""
    drawn = _draws(monkeypatch)
    run([1], **options)
    assert (seen.trained, set(seen.measured), set(drawn)) == ([], {"words test"}, {(1000, 1)})


def _draws(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Note les calibrages demandés, n'en tire que vingt mots, et n'invente rien."""
    drawn: list[tuple[int, int]] = []

    def few(count: int, seed: int) -> Any:
        drawn.append((count, seed))
        return calibration(20, seed)

    everywhere(monkeypatch, calibration, few)
    everywhere(monkeypatch, invent, lambda model, count, seed: [str(count), str(seed)])
    everywhere(monkeypatch, known_share, lambda found: float(found == ["400", "1"]))
    return drawn


def test_calibration_is_drawn_from_the_training_words() -> None:
    """Les mots de calibrage ont tous servi à apprendre."""
    drawn = calibration(1000, 3)
    assert len(set(drawn)) == 1000
    assert set(drawn) <= set(split().train)


def test_words_training(seen: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Le modèle livré a lu douze mille lots des mots d'entraînement."""
    monkeypatch.setattr(words_training.pretrained, "save_word_model", lambda model, path: None)
    words_training.run()
    (one,) = seen.trained
    assert (one.part, one.length, one.seed, one.rate) == ("words train", 12_000, 0, 4e-3)


@pytest.mark.parametrize(
    ("module", "train", "again"),
    [
        (xor, [("adam", 2000, 0.03), ("newton", 40)], [("adam", 2000, 0.03), ("newton", 40)]),
        (monks, [("adam", 3000, 0.03), ("newton", 30)], [("adam", 200, 0.01)]),
    ],
)
def test_tiny_networks(
    monkeypatch: pytest.MonkeyPatch, module: Any, train: list[Any], again: list[Any]
) -> None:
    """Adam puis Newton avant d'élaguer ; après, ce que dit l'expérience, sur l'entraînement."""
    done: list[tuple[Any, ...]] = []
    sizes: set[int] = set()

    def adam(weights: Any, problem: Any, kept: Any, *, steps: int, lr: float) -> Any:
        done.append(("adam", steps, lr))
        sizes.add(len(problem.x))
        return weights * kept

    def newton(weights: Any, problem: Any, kept: Any, *, steps: int) -> Any:
        done.append(("newton", steps))
        sizes.add(len(problem.x))
        return weights * kept

    everywhere(monkeypatch, tiny_networks.adam, adam)
    everywhere(monkeypatch, tiny_networks.newton, newton)
    if module is xor:
        problem = xor.xor_problem()
        weights = xor.solve_xor(range(3), problem)
        xor.minimise(weights, problem, torch.ones_like(weights, dtype=torch.bool))
    else:
        variants = [monks.Variant("magnitude", retrained=True)]
        monks.run([0], cases=[(3, 1e-3)], variants=variants)
    assert done[: len(train)] == train
    rest = done[len(train) :]
    assert rest
    assert rest == again * (len(rest) // len(again))
    assert sizes == {4 if module is xor else 122}
