"""Les poids dits figés ont tous un gradient exactement nul, et la cause qu'on leur donne."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.course.idle import NEVER_ON, NO_WAY_OUT, READS_ZERO, idle_weights


def network() -> tuple[nn.Sequential, torch.Tensor, torch.Tensor]:
    """Une entrée toujours nulle, un neurone éteint, un neurone dont la seule sortie y mène."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = (nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
        model = nn.Sequential(*layers).double()
        x = torch.rand(30, 4, dtype=torch.float64)
    x[:, 2] = 0
    with torch.no_grad():
        for layer in (model[0], model[2]):
            layer.bias.fill_(5.0)  # tous les neurones s'allument...
        model[0].bias[1] = -50.0  # ... sauf celui-ci,
        model[2].bias[0] = -50.0  # et celui-là,
        model[2].weight[1:, 3] = 0  # le seul qui lise encore le neurone 3.
    return model, x, torch.arange(30) % 3


def test_idle_weights_are_those_without_any_gradient() -> None:
    """Les poids figés sont exactement ceux dont chaque exemple rend un gradient nul."""
    model, x, y = network()
    causes = idle_weights(model, x)
    for name, weight in model.named_parameters():
        if "weight" not in name:
            continue
        moved = torch.zeros_like(weight, dtype=torch.bool)
        for i in range(len(x)):
            (gradient,) = torch.autograd.grad(
                F.cross_entropy(model(x[i : i + 1]), y[i : i + 1]), weight
            )
            moved |= gradient != 0
        idle = torch.stack([masks[name] for masks in causes.values()])
        assert (idle.sum(dim=0) <= 1).all()
        assert torch.equal(idle.any(dim=0), ~moved), name


def test_each_cause_is_the_one_built_in() -> None:
    """Chaque cause a les poids qu'on lui a préparés."""
    model, x, _ = network()
    causes = idle_weights(model, x)
    assert causes[READS_ZERO]["0.weight"].nonzero()[:, 1].unique().tolist() == [2]
    assert causes[READS_ZERO]["2.weight"].nonzero()[:, 1].unique().tolist() == [1]
    assert causes[NEVER_ON]["0.weight"].nonzero()[:, 0].unique().tolist() == [1]
    assert causes[NEVER_ON]["2.weight"].nonzero()[:, 0].unique().tolist() == [0]
    assert causes[NO_WAY_OUT]["0.weight"].nonzero()[:, 0].unique().tolist() == [3]
    assert not any(causes[NO_WAY_OUT][name].any() for name in ("2.weight", "4.weight"))
    assert causes[READS_ZERO]["4.weight"].nonzero()[:, 1].unique().tolist() == [0]
