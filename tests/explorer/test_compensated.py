"""Le trajet d'OBS arrondi et écrit en différences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from pruning_core.course.explorer.compensated import on_grid, pack_path
from pruning_core.course.explorer.integers import write_integers
from pruning_core.masks.applying import PrunedWeights
from tests.explorer.explorer_vectors import digits_explorer

IMAGES = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)


def dense() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(2, 2)).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0, -1.0], [0.5, 0.25]]))
        model[0].bias.copy_(torch.tensor([0.0, 0.125]))
    return model


def pruned(weight: list[list[float]], bias: list[float]) -> PrunedWeights:
    values = torch.tensor(weight, dtype=torch.float64)
    return PrunedWeights(
        masks={"0.weight": values != 0},
        weights={"0.weight": values, "0.bias": torch.tensor(bias, dtype=torch.float64)},
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [([], ""), ([0, -1, 1, 15], "ABCe"), ([16, -17], "gBhB"), ([511, -513, 1023], "+fhgB+/B")],
)
def test_integers_are_written_by_hand(values: list[int], text: str) -> None:
    """Signes, retenues et lettres s'écrivent comme la page les lit."""
    assert write_integers(np.array(values, dtype=np.int64)) == text


def test_moves_are_counted_by_hand() -> None:
    """Un déplacement part du réseau précédent ; un poids coupé ne s'écrit plus."""
    path = [pruned([[1.25, 0], [0.5, 0.5]], [0, 0.25]), pruned([[1.5, 0], [0, 0.5]], [0.25, 0.25])]
    packed = pack_path(dense(), ["0.weight"], path, 0.25)
    assert packed["stays"] == write_integers(np.array([2, 0, 1, 2]))
    # premier réseau : +1, 0, +1, biais 0 et 1 − ⌊0,5 + 0,5⌋ = 0 ; second : +1, 0, biais +1 et 0
    assert packed["moves"] == write_integers(np.array([1, 0, 1, 0, 0, 1, 0, 1, 0]))
    assert (packed["step"], packed["count"]) == (0.25, 2)


def test_rounding_keeps_every_prediction() -> None:
    """L'arrondi ne fait changer aucune image de classe."""
    close = pruned([[1.0, 0], [1.0, 0]], [0.0, 2.0**-9])
    (rounded,), step = on_grid(dense(), IMAGES, [close])
    assert step == 2.0**-8  # 2⁻⁹ est au milieu d'une case : il monte, et la seconde classe gagne
    assert rounded.weights["0.bias"].tolist() == [0.0, 2.0**-8]


def test_course_path_is_light() -> None:
    """La grille du trajet du cours est assez grosse pour que sa page reste légère."""
    explorer = digits_explorer()
    assert 2.0**-16 <= explorer._step <= 2.0**-8


def test_refuses_a_path_that_comes_back() -> None:
    """Un poids coupé puis gardé se refuse."""
    path = [pruned([[1, 0], [0, 1]], [0, 0]), pruned([[0, 1], [0, 1]], [0, 0])]
    with pytest.raises(ValueError, match=r"étape 2, un poids de 0\.weight déjà coupé"):
        on_grid(dense(), IMAGES, path)
    broken = pruned([[float("nan"), 0], [0, 1]], [0, 0])
    with pytest.raises(ValueError, match="attendu des poids finis"):
        on_grid(dense(), IMAGES, [broken])
