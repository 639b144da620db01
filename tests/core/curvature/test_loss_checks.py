"""Les pertes que l'on refuse, sur n'importe quel lot et n'importe quel exemple."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import (
    empirical_fisher_diagonal,
    ggn_diagonal,
    gradient_scores,
    hessian_diagonal,
    obd_scores,
    obs_neuron_pruning,
)
from pruning_core.curvature.batch_loss import BatchLoss, Derivatives
from pruning_core.curvature.loss_checks import check_criterion
from pruning_core.structures import Output

MEASURES: dict[str, Callable] = {
    "batch": gradient_scores,
    "per_sample": lambda m, d, c: gradient_scores(m, d, c, variant="per_sample"),
    "fisher": empirical_fisher_diagonal,
    "ggn": ggn_diagonal,
    "hessian": hessian_diagonal,
    "obd": obd_scores,
    "obs": lambda m, d, c: obs_neuron_pruning(m, d, c, 0.5, steps=1),
}
BY_EXAMPLE = ("per_sample", "fisher", "ggn", "obd", "obs")


def _model(outputs: int, squeezed: bool = False) -> nn.Module:
    torch.manual_seed(0)
    layers = [nn.Linear(3, outputs)] + ([nn.Flatten(0)] if squeezed else [])
    return nn.Sequential(*layers).double()


def _loader(y: torch.Tensor, first: int = 9) -> list[tuple[torch.Tensor, torch.Tensor]]:
    x = torch.randn(len(y), 3, dtype=torch.float64)
    return list(zip(x.split(first), y.split(first), strict=True))


REALS = torch.linspace(-1, 1, 12, dtype=torch.float64)

BROADCASTS = {
    "mse": nn.MSELoss(),
    "mse_lambda": lambda o, y: (o - y).square().mean(),
    "huber": nn.HuberLoss(),
    "smooth_l1": F.smooth_l1_loss,
    "poisson": nn.PoissonNLLLoss(),
    "bce": nn.BCEWithLogitsLoss(),
    "weighted": lambda o, y: (y.exp() * (o - y).square()).mean() / y.exp().mean(),
}


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("squeezed", [True, False])
@pytest.mark.parametrize("loss", BROADCASTS)
@pytest.mark.parametrize("measure", MEASURES)
def test_broadcasting_is_refused(measure: str, loss: str, squeezed: bool) -> None:
    """Une sortie [N] contre une cible [N, 1], ou l'inverse, se refuse quelle que soit la perte."""
    y = REALS.abs()[:, None] if squeezed else REALS.abs()
    with pytest.raises(ValueError, match=r"reçu une sortie de forme .* cible de forme "):
        MEASURES[measure](_model(1, squeezed), _loader(y), BROADCASTS[loss])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_broadcasting_in_small_batches(count: int) -> None:
    """Un seul exemple ne peut se mêler à d'autres ; dès deux, la diffusion se voit."""
    loader = [(torch.randn(count, 3, dtype=torch.float64), REALS[:count, None])]
    loss = BROADCASTS["mse_lambda"]
    if count == 1:
        assert ggn_diagonal(_model(1, squeezed=True), loader, loss)
        return
    with pytest.raises(ValueError, match=r"lit la cible des autres .*squeeze\(-1\)"):
        ggn_diagonal(_model(1, squeezed=True), loader, loss)


def _hinge(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Une marge, moyennée selon des poids par classe : nulle là où la marge suffit."""
    weight = 1 + y[:, 0]
    return (weight * (1 - (2 * y[:, 0] - 1) * output[:, 0]).relu()).sum() / weight.sum()


FLAT = {
    "l1": (nn.L1Loss(), lambda: torch.rand(9, 2).double()),
    "hinge": (_hinge, lambda: torch.randint(0, 2, (9, 1)).double()),
}


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("loss", FLAT)
def test_flat_slopes_are_not_taken_for_broadcasting(loss: str, seed: int) -> None:
    """Une pente qui ne dit que le signe d'un écart ne lit pas la cible des autres."""
    criterion, targets = FLAT[loss]
    torch.manual_seed(seed)
    y = targets()
    output = torch.rand(y.shape, dtype=torch.float64) * 4 - 2
    check_criterion(Derivatives(BatchLoss(criterion, Output(output), y)), separable=True)


def _late(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Une moyenne par exemple, mais dont les deux derniers du lot s'influencent."""
    pair = (output[-1] * output[-2]).sum() if len(output) > 2 else output.sum() * 0
    return (output - y).square().mean() + 0.01 * pair / len(output)


COUPLED = {
    "contrastive": lambda o, y: (o @ o.T).logsumexp(1).mean(),
    "batch_statistics": lambda o, y: (o - o.mean(0)).square().mean(),
    "two_late_rows": _late,
}


@pytest.mark.parametrize("loss", COUPLED)
@pytest.mark.parametrize("measure", BY_EXAMPLE)
def test_examples_that_depend_on_each_other(measure: str, loss: str) -> None:
    """Une perte où les sorties de deux exemples se mêlent, même tard dans le lot, se refuse."""
    y = torch.rand(12, 2, dtype=torch.float64)
    with pytest.raises(ValueError, match="attendu une"):
        MEASURES[measure](_model(2), _loader(y), COUPLED[loss])


class _Summed(nn.CrossEntropyLoss):
    """Une fille de l'entropie croisée qui n'est plus une moyenne, quoi qu'en dise `reduction`."""

    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return super().forward(input, target) * len(target)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("criterion", "y"),
    [
        (nn.MSELoss(reduction="sum"), torch.rand(12, 2, dtype=torch.float64)),
        (_Summed(), torch.arange(12) % 2),
        (nn.CrossEntropyLoss(reduction="sum"), torch.arange(12) % 2),
        (lambda o, y: F.cross_entropy(o, y, reduction="none").sum() / 8, torch.arange(12) % 2),
    ],
)
def test_a_sum_is_refused(measure: str, criterion: Callable, y: torch.Tensor) -> None:
    """Une perte qui n'est pas une moyenne se refuse, quelle que soit la taille des lots."""
    for size in (1, 8, 12):
        with pytest.raises(ValueError, match=r"pour ce lot pris deux fois .*reduction='mean'"):
            MEASURES[measure](_model(2), _loader(y, size), criterion)


def test_a_sum_is_seen_where_its_slope_vanishes() -> None:
    """Au minimum d'une erreur quadratique, la somme se distingue encore de la moyenne."""
    y = torch.zeros(4, 2, dtype=torch.float64)
    for reduction, refused in (("sum", True), ("mean", False)):
        here = Derivatives(BatchLoss(nn.MSELoss(reduction=reduction), Output(y.clone()), y))
        if refused:
            with pytest.raises(ValueError, match="pris deux fois"):
                check_criterion(here, separable=True)
        else:
            check_criterion(here, separable=True)


@pytest.mark.parametrize("measure", ["ggn", "obd", "obs"])
@pytest.mark.parametrize(
    ("criterion", "y", "message"),
    [
        (nn.NLLLoss(), torch.arange(12) % 2, "linéaire"),
        (nn.L1Loss(), torch.rand(12, 2, dtype=torch.float64), "linéaire"),
        (lambda o, y: -o.square().mean(), torch.arange(12) % 2, "convexe"),
        (lambda o, y: (o.sigmoid() - y).square().mean(), torch.rand(12, 2) + 2, "convexe"),
    ],
)
def test_no_curvature(measure: str, criterion: Callable, y: torch.Tensor, message: str) -> None:
    """Une perte linéaire partout, ou non convexe, n'a pas de racines."""
    with pytest.raises(ValueError, match=message):
        MEASURES[measure](_model(2), _loader(y), criterion)


@pytest.mark.parametrize("measure", MEASURES)
def test_all_targets_ignored(measure: str) -> None:
    """Un lot dont toutes les cibles sont ignorées n'a pas de perte, et se refuse en le disant."""
    y = torch.zeros(12, dtype=torch.long)
    y[9:] = -100
    with pytest.raises(ValueError, match=r"perte de nan .*ignore_index"):
        MEASURES[measure](_model(2), _loader(y), nn.CrossEntropyLoss())


def _ctc(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Une perte de suites que torch ne dérive qu'une fois."""
    chances = output.reshape(len(output), 3, 4).log_softmax(-1).transpose(0, 1)
    lengths = torch.full((len(output),), 3), torch.full((len(output),), 2)
    return F.ctc_loss(chances, y, *lengths)


def test_a_loss_derived_only_once() -> None:
    """Une perte sans dérivée seconde donne un gradient par lot, mais pas de courbure."""
    loader = _loader(torch.tensor([[1, 2]] * 6 + [[3, 1]] * 6), 12)
    model = _model(12)
    (slope,) = torch.autograd.grad(_ctc(model(loader[0][0]), loader[0][1]), [model[0].weight])
    expected = (model[0].weight * slope).abs().detach()
    torch.testing.assert_close(gradient_scores(model, loader, _ctc)["0.weight"], expected)
    for measure in ("ggn", "per_sample"):
        with pytest.raises(ValueError, match="ne dérive pas deux fois"):
            MEASURES[measure](model, loader, _ctc)


def test_a_loss_without_the_output() -> None:
    """Une perte qui ne dépend pas de la sortie se refuse."""
    with pytest.raises(ValueError, match="ne dépend pas de la sortie"):
        ggn_diagonal(_model(2), _loader(REALS), lambda o, y: y.mean())


def test_a_loss_that_fails() -> None:
    """L'erreur anglaise d'une perte devient un refus qui dit les formes et les types reçus."""
    with pytest.raises(ValueError, match=r"\(9, 2\) \(torch.float64\) .* \(9,\) \(torch.float64\)"):
        ggn_diagonal(_model(2), _loader(REALS), nn.CrossEntropyLoss())


def test_nearly_zero_loss_is_not_refused_for_its_rounding() -> None:
    """En float32, un réseau qui ne se trompe plus garde une entropie croisée que l'on sait lire."""
    torch.manual_seed(0)
    output = torch.randn(1000, 10)
    y = output.argmax(1)
    output[torch.arange(1000), y] += 8 + 10 * torch.rand(1000)
    loss = BatchLoss(nn.CrossEntropyLoss(), Output(output), y)
    check_criterion(Derivatives(loss), separable=True)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("criterion", [nn.CrossEntropyLoss(), F.cross_entropy])
def test_cross_entropy_of_one_column_is_refused(measure: str, criterion: Callable) -> None:
    """Une sortie [N] et une cible réelle [N] seraient les N classes d'un seul exemple."""
    with pytest.raises(ValueError, match=r"attendu une moyenne"):
        MEASURES[measure](_model(1, squeezed=True), _loader(REALS), criterion)
