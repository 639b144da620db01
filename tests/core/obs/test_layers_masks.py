"""OBS par couche, avec des masques déjà en vigueur."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from pruning_core import count_pruned, obs_layer_pruning
from pruning_core.masks.holding import hold_masks
from pruning_core.obs.one_layer import Order

REAL = torch.float64


class Twice(nn.Module):
    """Une couche, puis une autre appelée deux fois."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.loop = nn.Linear(4, 5), nn.Linear(5, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.loop(torch.tanh(self.loop(torch.tanh(self.first(x)))))


def test_masks_in_force() -> None:
    """Un poids absent, par masque donné ou tenu, le reste et ne compense rien."""
    torch.manual_seed(0)
    model, loader = Twice().to(REAL), [(x, x) for x in torch.randn(50, 4, dtype=REAL).split(30)]
    absent = {"first.weight": torch.rand(5, 4) < 0.4, "loop.weight": torch.rand(5, 5) < 0.3}
    masks = {name: ~gone for name, gone in absent.items()}
    given = obs_layer_pruning(model, loader, 0.6, masks=masks)
    holding = copy.deepcopy(model)
    hold_masks(holding, masks)
    held = obs_layer_pruning(holding, loader, 0.6)
    for name, gone in absent.items():
        assert not bool(given.masks[name][gone].any())
        assert int((~given.masks[name]).sum()) == count_pruned(gone.numel(), 0.6)
    for name, value in given.weights.items():
        assert torch.equal(value, held.weights[name])
    # La première couche est au minimum sur son masque, à partir du modèle sans les absents.
    x = torch.cat([x for x, _ in loader])
    rows = torch.cat([x, torch.ones(len(x), 1, dtype=REAL)], 1)
    gram = 2 * rows.T @ rows / len(rows)
    gram += 1e-2 * gram.diagonal().mean() * torch.eye(5, dtype=REAL)
    start = torch.cat([model.first.weight * masks["first.weight"], model.first.bias[:, None]], 1)
    end = torch.cat([given.weights["first.weight"], given.weights["first.bias"][:, None]], 1)
    stay = torch.cat([given.masks["first.weight"], torch.ones(5, 1, dtype=torch.bool)], 1)
    slope = (end - start.detach()) @ gram
    assert float(slope[stay].abs().max()) < 1e-12
    with pytest.raises(ValueError, match="un poids absent ne renaît pas"):
        obs_layer_pruning(model, loader, 0.1, masks=masks)


@pytest.mark.parametrize("order", ["joint", "left_to_right"])
def test_absent_weights_do_not_return_on_correlated_inputs(order: Order) -> None:
    """Un poids absent dont l'entrée en double une autre ne revient pas, et le compte est exact."""
    for seed in range(5):
        torch.manual_seed(seed)
        x = torch.randn(60, 3, dtype=REAL) @ torch.randn(3, 12, dtype=REAL)
        x += 0.1 * torch.randn(60, 12, dtype=REAL)
        model = nn.Sequential(nn.Linear(12, 8, dtype=REAL))
        present = {"0.weight": torch.rand(8, 12) > 0.4}
        found = obs_layer_pruning(model, [(x, x)], 0.5, masks=present, order=order)
        assert not bool((found.masks["0.weight"] & ~present["0.weight"]).any())
        assert int(found.masks["0.weight"].sum()) == 48
