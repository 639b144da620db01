"""Le tableau de comparaison, en parallèle."""

import joblib
import pandas as pd
import pytest
import torch
from torch import nn

from pruning_core.course.comparison_table import comparison_table
from tests.core.cases import case, same, snapshot


def _finetune(model: nn.Module) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(0.5)


def _table(**options) -> pd.DataFrame:
    first, second = case("mlp"), case("mlp")
    with torch.no_grad():
        second.model[0].weight.mul_(2.0)
    arguments = {
        "sparsities": [0.5, 0.75],
        "methods": ["random", "magnitude"],
        "evaluation": (first.x, first.y),
    }
    models = {0: first.model, 3: second.model}
    before = [snapshot(model) for model in models.values()]
    table = comparison_table(models, first.loader, first.criterion, **(arguments | options))
    assert all(same(b, snapshot(m)) for b, m in zip(before, models.values(), strict=True))
    return table


def test_tidy_table() -> None:
    """Une ligne par graine, sparsité et méthode, aux colonnes nommées."""
    table = _table(finetune=_finetune)
    keys = list(table[["seed", "asked", "method"]].itertuples(index=False, name=None))
    assert keys == [
        (seed, asked, method)
        for seed in (0, 3)
        for asked in (0.5, 0.75)
        for method in ("random", "magnitude")
    ]
    assert list(table.columns) == [
        "seed",
        "asked",
        "method",
        "sparsity",
        "seconds",
        "accuracy_before",
        "loss_before",
        "accuracy_after",
        "loss_after",
        "agreement:magnitude",
        "sparsity:0.weight",
        "sparsity:2.weight",
        "agreement:random",
    ]
    assert (table["sparsity"] == table["asked"]).all()
    assert (table["loss_before"] != table["loss_after"]).all()
    assert table.loc[table["method"] == "random", "agreement:random"].isna().all()


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_backends(backend: str) -> None:
    """Le même tableau, quel que soit le moteur de joblib."""
    alone = _table().drop(columns="seconds")
    with joblib.parallel_config(backend=backend, n_jobs=2):
        together = _table().drop(columns="seconds")
    pd.testing.assert_frame_equal(alone, together)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sparsities": []}, ValueError, "suite vide"),
        ({"sparsities": [1.5]}, ValueError, r"reçu 1\.5"),
        ({"methods": ["absente"]}, ValueError, "attendu des noms parmi"),
    ],
)
def test_bad_arguments(options, error, message) -> None:
    """Une grille impossible se refuse."""
    with pytest.raises(error, match=message):
        _table(**options)


def test_no_model() -> None:
    """Sans modèle, la comparaison se refuse."""
    with pytest.raises(ValueError, match="models : reçu un dictionnaire vide"):
        comparison_table({}, [], nn.MSELoss(), sparsities=[0.5], evaluation=(None, None))
