"""Ce qu'une expérience fait vraiment : sur quoi elle apprend, combien, masques tenus ou non, et ce
qu'elle mesure.

Les entraînements et les mesures sont remplacés par un témoin qui les note sans les faire : un
régime de deux cents époques se lit en un instant.
"""

from __future__ import annotations

import copy
import inspect
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from pruning_core.course import models, training
from pruning_core.course.datasets import Dataset, load_digits, load_mnist
from pruning_core.course.words import measures
from pruning_core.course.words import training as word_training
from pruning_core.course.words.corpus import split
from pruning_core.evaluation import Evaluation, evaluate
from pruning_core.held.models import held_masks
from pruning_core.masks.measuring import compute_sparsity
from pruning_core.types import Masks


class Trained(NamedTuple):
    """Un entraînement : son jeu, sa durée (époques ou lots), son ordre et ses réglages."""

    part: str
    length: int
    seed: int
    rate: float
    batch: int
    held: bool
    """Vrai si chaque poids nul d'une matrice est tenu : par `masks`, ou déjà par le modèle."""
    start: nn.Module
    """Le réseau à cet instant."""


class Witness:
    """Ce qui a été appris et mesuré, dans l'ordre."""

    def __init__(self) -> None:
        self.trained: list[Trained] = []
        self.measured: list[str] = []

    def lengths(self) -> Counter[int]:
        """Nombre d'entraînements de chaque durée."""
        return Counter(one.length for one in self.trained)


def witness(monkeypatch: pytest.MonkeyPatch) -> Witness:
    """Met le témoin à la place des entraînements et des mesures, dans tout le cours.

    Les réseaux que le cours dit entraînés ne le sont pas : ce que l'on en fait est le même.
    """
    seen = Witness()
    digits, words = training.train, word_training.train_words

    def note(
        function: Callable[..., Any], part: str, model: nn.Module, given: Any, **options: Any
    ) -> None:
        told = inspect.signature(function).bind(model, given, **options)
        told.apply_defaults()
        asked = told.arguments
        seen.trained.append(
            Trained(
                part=part,
                length=asked.get("epochs", asked.get("steps")),
                seed=asked["seed"],
                rate=asked.get("lr", asked.get("rate")),
                batch=asked.get("batch_size", word_training.BATCH),
                held=_all_zeros_held(model, asked["masks"]),
                start=copy.deepcopy(model),
            )
        )

    def train(model: nn.Module, data: Dataset, **options: Any) -> None:
        note(digits, part_of(data), model, data, **options)

    def train_words(model: nn.Module, steps: int, **options: Any) -> list[float]:
        read = options.get("words") or split().train
        note(words, _words_part(read), model, steps, **options)
        return [0.0] * steps

    def measure(model: nn.Module, data: Dataset, *_: Any) -> Evaluation:
        seen.measured.append(part_of(data))
        return Evaluation(loss=0.0, accuracy=0.0)

    def bits(model: nn.Module, words: Any, *_: Any) -> float:
        seen.measured.append(_words_part(words))
        return 0.0

    everywhere(monkeypatch, models.trained_digits_mlp, models.digits_mlp)
    everywhere(monkeypatch, models.trained_lenet_300_100, models.lenet_300_100)
    everywhere(monkeypatch, digits, train)
    everywhere(monkeypatch, words, train_words)
    everywhere(monkeypatch, evaluate, measure)
    everywhere(monkeypatch, measures.bits_per_letter, bits)
    return seen


def everywhere(monkeypatch: pytest.MonkeyPatch, old: object, new: object) -> None:
    """Remplace une fonction dans chaque module du cours qui l'a importée."""
    for name, module in list(sys.modules.items()):
        if name.startswith("pruning_core.course"):
            for attribute, value in list(vars(module).items()):
                if value is old:
                    monkeypatch.setattr(module, attribute, new)


def part_of(data: tuple[torch.Tensor, torch.Tensor]) -> str:
    """« digits train » : le jeu de ces exemples, ou de ses premiers."""
    x, y = data
    for name, parts in _parts().items():
        for part, known in parts._asdict().items():
            if torch.equal(known.x[: len(x)], x) and torch.equal(known.y[: len(x)], y):
                return f"{name} {part}" + (f"[:{len(x)}]" if len(x) < len(known.x) else "")
    return f"{len(x)} exemples d'ailleurs"


@cache
def _parts() -> dict[str, Any]:
    return {"digits": load_digits(), "mnist": load_mnist()}


def _words_part(words: Any) -> str:
    known = {id(part): name for name, part in split()._asdict().items()}
    return f"words {known.get(id(words), 'autres')}"


def _all_zeros_held(model: nn.Module, masks: Masks | None) -> bool:
    kept = held_masks(model) | (masks or {})
    return all(
        name in kept and not bool((weight == 0)[kept[name]].any())
        for name, weight in model.named_parameters()
        if weight.dim() > 1 and bool((weight == 0).any())
    )


def sparsity(trained: Trained) -> float:
    """Celle du réseau au moment d'apprendre."""
    return compute_sparsity(trained.start)
