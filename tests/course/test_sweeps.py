"""Les tableaux des leçons disent ce que l'on a mesuré, réseau par réseau."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from pruning_core import global_masks, magnitude_scores
from pruning_core.course.datasets import Dataset
from pruning_core.course.models import mlp
from pruning_core.course.sweeps import accuracy_sweep, lead_table, spread


def problem() -> tuple[list[nn.Sequential], Dataset]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        x = torch.randn(40, 6, dtype=torch.float64)
    return [mlp((6, 5, 3), seed=seed) for seed in range(2)], Dataset(x, torch.arange(40) % 3)


def test_sweep_measures_each_network_with_its_own_scores() -> None:
    """Chaque case est l'exactitude du réseau dont les poids mal notés sont mis à zéro."""
    networks, data = problem()
    scores = [magnitude_scores(network) for network in networks]
    found = accuracy_sweep(networks, scores, [0.0, 0.6], data, select=global_masks)
    for row, network in enumerate(networks):
        weights = [network[0].weight.detach().clone(), network[2].weight.detach().clone()]
        limit = torch.cat([w.abs().flatten() for w in weights]).sort().values[27]  # 0,6 · 45
        for column, cut in enumerate((0.0, float(limit))):
            first, last = (w * (w.abs() >= cut) for w in weights)
            hidden = torch.relu(data.x @ first.T + network[0].bias)
            guess = (hidden @ last.T + network[2].bias).argmax(dim=1)
            assert found[row, column] == pytest.approx((guess == data.y).double().mean().item())


def test_sweep_refuses_networks_without_scores() -> None:
    """Des scores qui manquent se refusent."""
    networks, data = problem()
    with pytest.raises(ValueError, match="reçu 0 pour 2 réseaux"):
        accuracy_sweep(networks, [], [0.5], data, select=global_masks)


def test_lead_is_given_in_points_with_its_wins() -> None:
    """L'avance est une moyenne de points, avec son écart type et le compte des victoires."""
    table = lead_table([[0.1, 0.0], [-0.3, 0.0]], [0.5, 0.9], who="a", against="b")
    assert table.to_numpy().tolist() == [["−10,0", "20,0", "1 sur 2"], ["0,0", "0,0", "0 sur 2"]]
    assert list(table.columns) == ["a − b (points)", "écart type", "a en tête"]
    assert list(table.index) == ["50\u00a0%", "90\u00a0%"]


def test_lead_of_a_wrong_width_is_refused() -> None:
    """Une colonne de trop se refuse."""
    with pytest.raises(ValueError, match=r"reçu la forme \[1, 2\] ; attendu \[réseaux, 1\]"):
        lead_table(np.zeros((1, 2)), [0.5], who="a", against="b")


def test_spread_is_mean_then_deviation() -> None:
    """La moyenne en pour cent, l'écart type en points."""
    assert spread([0.9, 1.0]) == "95,0\u00a0% ± 5,0"
