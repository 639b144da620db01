"""Comparaison des méthodes."""

import copy

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity, layer_sparsities, mask_agreement
from pruning_core.comparison import compare_pruning_methods
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import apply_masks
from pruning_core.methods import METHODS
from tests.core.cases import NAMES, case, same, snapshot

# Celles qui comparent tous les poids ensemble : la sparsité demandée y est exacte.
GLOBAL = ["random", "magnitude", "gradient", "obd", "second_order", "obs", "obs_one_step"]


def test_source_signature_and_keys() -> None:
    """La signature et les clefs de la source, et des sparsités réelles."""
    found = case("mlp")
    results = compare_pruning_methods(found.model, found.loader, found.criterion, 0.5)
    assert list(results) == ["magnitude", "gradient", "second_order"]
    for result in results.values():
        assert result["sparsity"] == compute_sparsity(result["masks"]) == 0.5
        assert result["layer_sparsities"] == layer_sparsities(result["masks"])
        assert result["seconds"] >= 0
        assert "accuracy_before" not in result
    default = compare_pruning_methods(found.model, found.loader, found.criterion)
    assert default["magnitude"]["sparsity"] == 29 / 32


def test_agreement() -> None:
    """L'accord se mesure entre les méthodes deux à deux."""
    found = case("mlp")
    results = compare_pruning_methods(
        found.model, found.loader, found.criterion, 0.5, methods=["magnitude", "random"]
    )
    expected = mask_agreement(results["magnitude"]["masks"], results["random"]["masks"])
    assert results["magnitude"]["agreement"] == {"random": expected}
    assert results["random"]["agreement"] == {"magnitude": expected}
    assert 0.0 < expected < 1.0


def _finetune(model: nn.Module) -> None:
    found = case("mlp")
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for _ in range(30):
        optimizer.zero_grad()
        found.criterion(model(found.x), found.y).backward()
        optimizer.step()


def test_measures_before_and_after() -> None:
    """Chaque méthode se mesure sur une copie élaguée, avant et après affinage."""
    found = case("mlp")
    before = snapshot(found.model)
    seen = []

    def finetune(model: nn.Module) -> None:
        _finetune(model)
        seen.append(compute_sparsity(model))

    results = compare_pruning_methods(
        found.model,
        found.loader,
        found.criterion,
        0.5,
        methods=GLOBAL,
        evaluation=(found.x, found.y),
        finetune=finetune,
    )
    assert same(before, snapshot(found.model))
    assert seen == [0.5] * len(GLOBAL)
    for result in results.values():
        assert result["loss_after"] < result["loss_before"]
        assert 0.0 <= result["accuracy_before"] <= result["accuracy_after"] <= 1.0
    twin = copy.deepcopy(found.model)
    apply_masks(twin, results["second_order"]["masks"])
    expected = found.criterion(twin.eval()(found.x), found.y).item()
    assert results["second_order"]["loss_before"] == pytest.approx(expected)
    masks = results["obs"]["masks"]
    apply_masks(twin := copy.deepcopy(found.model), masks)
    assert results["obs"]["loss_before"] != pytest.approx(
        found.criterion(twin(found.x), found.y).item()
    )


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("mlp_mse", "mlp_bce")])
def test_every_family(name: str) -> None:
    """Chaque méthode tient la sparsité demandée sur chaque famille."""
    found = case(name)
    results = compare_pruning_methods(
        found.model, iter(found.loader), found.criterion, 0.5, methods=GLOBAL
    )
    assert len({result["sparsity"] for result in results.values()}) == 1


def test_own_method_and_seed() -> None:
    """Une méthode de l'appelant se compare aux autres ; la graine change le témoin."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion, 0.5
    mine = {
        "rien": lambda model, loader, criterion, sparsity, seed: METHODS["random"].prune(
            model, loader, criterion, 0.0, seed
        )
    }
    assert compare_pruning_methods(*arguments, methods=mine)["rien"]["sparsity"] == 0.0
    first, second = (
        compare_pruning_methods(*arguments, methods=["random"], seed=seed)["random"]["masks"]
        for seed in (0, 1)
    )
    assert not same(first, second)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sparsity": 2.0}, ValueError, r"sparsité : reçu 2\.0"),
        ({"methods": ["fisher"]}, ValueError, r"reçu \['fisher'\] ; attendu des noms parmi"),
        ({"methods": []}, ValueError, "attendu des noms parmi"),
        ({"finetune": _finetune}, ValueError, "affinage sans évaluation"),
        ({"train_loader": []}, ValueError, "sans aucun lot"),
    ],
)
def test_bad_arguments(options, error, message) -> None:
    """Une méthode inconnue ou un affinage sans mesure se disent avant tout calcul."""
    found = case("mlp")
    arguments = {"model": found.model, "train_loader": found.loader, "criterion": found.criterion}
    with pytest.raises(error, match=message):
        compare_pruning_methods(**(arguments | options))


def test_evaluate_is_the_course_one() -> None:
    """L'exactitude mesurée est celle de `evaluate`, en mode évaluation."""
    found = case("cnn")
    found.model.train()
    results = compare_pruning_methods(
        found.model,
        found.loader,
        found.criterion,
        0.0,
        methods=["magnitude"],
        evaluation=(found.x, found.y),
    )
    from pruning_core.course.datasets import Dataset

    expected = evaluate(found.model, Dataset(found.x, found.y))
    assert results["magnitude"]["accuracy_before"] == expected.accuracy
    assert found.model.training
