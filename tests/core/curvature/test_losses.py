"""La courbure de la perte par rapport à la sortie."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.curvature.losses import curvature_vectors
from pruning_core.structures import Output

OUTPUT = torch.randn(4, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
CLASSES = torch.tensor([0, 2, 1, 2])
REALS = torch.rand(4, 3, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def _exact(criterion, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    rows = []
    for i in range(len(output)):
        rows.append(
            torch.autograd.functional.hessian(
                lambda o, i=i: criterion(o.reshape(1, *output.shape[1:]), y[i : i + 1]),
                output[i].reshape(-1),
            )
        )
    return torch.stack(rows)


def _vectors(criterion, output: torch.Tensor, y: torch.Tensor) -> list[torch.Tensor]:
    return list(curvature_vectors(criterion)(Output(output), y))


def _from_vectors(criterion, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    roots = torch.stack([v.flatten(1) for v in _vectors(criterion, output, y)], -1)
    return roots @ roots.transpose(1, 2)


@pytest.mark.parametrize(
    ("criterion", "y"),
    [
        (nn.CrossEntropyLoss(), CLASSES),
        (F.cross_entropy, CLASSES),
        (nn.CrossEntropyLoss(label_smoothing=0.2), CLASSES),
        (nn.CrossEntropyLoss(), REALS / REALS.sum(1, keepdim=True)),
        (nn.MSELoss(), REALS),
        (F.mse_loss, REALS),
        (nn.BCEWithLogitsLoss(), REALS),
        (nn.HuberLoss(), REALS),
        (lambda o, t: (o - t).pow(4).mean(), REALS),
    ],
)
def test_every_loss(criterion, y) -> None:
    """Les vecteurs redonnent la hessienne de chaque perte en sa sortie, facteurs compris."""
    torch.testing.assert_close(
        _from_vectors(criterion, OUTPUT, y), _exact(criterion, OUTPUT, y), rtol=1e-10, atol=1e-14
    )


def test_positions() -> None:
    """Avec une sortie par position, la perte d'un exemple est une moyenne sur ses positions."""
    output = torch.randn(2, 3, 2, 2, generator=torch.Generator().manual_seed(5)).double()
    y = torch.tensor([[[0, 1], [2, 0]], [[1, 1], [0, 2]]])
    for criterion in (nn.CrossEntropyLoss(),):
        torch.testing.assert_close(
            _from_vectors(criterion, output, y),
            _exact(criterion, output, y),
            rtol=1e-10,
            atol=1e-14,
        )
    target = torch.zeros_like(output)
    torch.testing.assert_close(
        _from_vectors(nn.MSELoss(), output, target), _exact(nn.MSELoss(), output, target)
    )


def test_hand_table() -> None:
    """Deux classes équiprobables : diag(p) − p pᵀ = [[1/4, −1/4], [−1/4, 1/4]]."""
    output = torch.zeros(1, 2, dtype=torch.float64)
    matrix = _from_vectors(nn.CrossEntropyLoss(), output, torch.tensor([1]))
    expected = torch.tensor([[[0.25, -0.25], [-0.25, 0.25]]], dtype=torch.float64)
    torch.testing.assert_close(matrix, expected, rtol=1e-15, atol=0)


def test_linear_loss() -> None:
    """Une perte linéaire en sa sortie (NLLLoss), dont la GGN est nulle, se refuse."""
    with pytest.raises(ValueError, match="perte linéaire"):
        _vectors(nn.NLLLoss(), OUTPUT.log_softmax(1), CLASSES)


def test_concave_loss() -> None:
    """Une perte non convexe, sans racine réelle, se refuse."""
    with pytest.raises(ValueError, match="attendu une perte convexe"):
        _vectors(lambda o, y: -(o.square().mean()), OUTPUT, REALS)
