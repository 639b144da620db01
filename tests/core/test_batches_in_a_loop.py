"""Les lots dans une boucle à soi : ce que le modèle rend, ce que la perte lit."""

import pytest
import torch

from pruning_core.batches import Batches
from tests.core.cases import case


def test_a_training_loop_reads_batches_the_same_way() -> None:
    """`forward` et `target` rendent la sortie et la cible que lit la bibliothèque, lot par lot."""
    found = case("mlp")
    batches = Batches(
        [{"x": x, "y": (y, "nom")} for x, y in found.loader],
        forward=lambda model, batch: model(batch["x"]),
        target=lambda batch: batch["y"][0],
    )
    for item, (x, y) in zip(batches, found.loader, strict=True):
        read = batches.batch(item, torch.device("cpu"))
        assert torch.equal(batches.forward(found.model, item), found.model(x))
        assert torch.equal(read.result(found.model), found.model(x))
        assert torch.equal(batches.target(item), y) and torch.equal(read.target, y)


def test_couples_are_read_without_saying_how() -> None:
    """Sans `forward`, un lot est un couple (x, y), et rien d'autre."""
    found = case("mlp")
    batches, (x, y) = Batches(found.loader), found.loader[0]
    assert torch.equal(batches.forward(found.model, (x, y)), found.model(x))
    assert torch.equal(batches.target((x, y)), y)
    for read in (lambda item: batches.forward(found.model, item), batches.target):
        with pytest.raises(TypeError, match="attendu un couple"):
            read({"x": x})


def test_a_target_may_be_missing() -> None:
    """Avec `forward` seul, la cible est le second d'un couple ; sinon, il n'y en a pas."""
    found = case("mlp")
    batches, (x, y) = Batches([], forward=lambda model, batch: model(batch[0])), found.loader[0]
    assert torch.equal(batches.target((x, y)), y)
    assert batches.target((x, y, y)) is None
