"""Le choix et l'ajustement des poids d'une couche, toutes ses lignes ensemble."""

from __future__ import annotations

import pytest
import torch

from pruning_core import compensate, count_pruned
from pruning_core.masks.k_smallest import prune_smallest
from pruning_core.obs import adjusting, choosing
from pruning_core.obs.adjusting import adjust_rows
from pruning_core.obs.algebra import inverse_curvature, obs_scores
from pruning_core.obs.choosing import SharedCurvature, choose_kept

REAL = torch.float64


def _problem(rows: int, columns: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    x = torch.randn(4 * columns, columns, dtype=REAL) @ torch.randn(columns, columns, dtype=REAL)
    curvature = 2 * x.T @ x / len(x)
    curvature.diagonal().add_(1e-2 * float(curvature.diagonal().mean()))
    return torch.randn(rows, columns, dtype=REAL), curvature


def _error(change: torch.Tensor, curvature: torch.Tensor) -> float:
    return float((change @ curvature * change).sum())


def _whole(curvature: torch.Tensor, rows: int) -> list[SharedCurvature]:
    return [SharedCurvature(slice(0, rows), slice(0, len(curvature)), curvature)]


@pytest.mark.parametrize("elements", [1, 2**22])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.8, 1.0])
def test_exact_adjustment(share: float, elements: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Le minimum exact, par le système de KKT entier, quel que soit le nombre de gardés."""
    monkeypatch.setattr(adjusting, "_GROUP_ELEMENTS", elements)
    values, curvature = _problem(9, 12)
    kept = torch.rand(9, 12) < share
    found = adjust_rows(values, curvature, kept)
    for row in range(9):
        pinned = torch.eye(12, dtype=REAL)[~kept[row]]
        system = torch.cat(
            [
                torch.cat([curvature, pinned.T], 1),
                torch.cat([pinned, torch.zeros(len(pinned), len(pinned), dtype=REAL)], 1),
            ]
        )
        right = torch.cat([torch.zeros(12, dtype=REAL), -pinned @ values[row]])
        change = torch.linalg.solve(system, right)[:12]
        torch.testing.assert_close(found[row], values[row] + change, rtol=1e-9, atol=1e-9)
    assert not bool(found[~kept].any())
    torch.testing.assert_close(found, compensate(values, curvature.expand(9, 12, 12), kept))


def test_only_rows_that_change_are_solved() -> None:
    """Une ligne qui ne perd que des poids déjà nuls garde ses valeurs au bit près."""
    values, curvature = _problem(3, 5)
    kept = torch.ones(3, 5, dtype=torch.bool)
    kept[1, 2], values[1, 2] = False, 0.0
    assert torch.equal(adjust_rows(values, curvature, kept), values)


@pytest.mark.parametrize("sparsity", [0.5, 0.8, 0.95])
def test_better_than_one_step_of_obs(sparsity: float) -> None:
    """Le choix laisse moins d'erreur que les scores d'OBS d'un seul pas, en float32 aussi."""
    pruned = count_pruned(24 * 32, sparsity)
    for seed in range(4):
        values, curvature = _problem(24, 32, seed)

        def select(scores: torch.Tensor, pruned: int = pruned) -> torch.Tensor:
            return prune_smallest({"": scores}, pruned)[""]

        one_step = select(obs_scores(values, inverse_curvature(curvature)))
        errors = [_error(adjust_rows(values, curvature, one_step) - values, curvature)]
        for small in (2**25, 0):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(choosing, "_SMALL_COST", small)
                kept = choose_kept(values, _whole(curvature, 24), select, 15)
            assert int((~kept).sum()) == pruned
            errors.append(_error(adjust_rows(values, curvature, kept) - values, curvature))
        assert max(errors[1:]) < 0.9 * errors[0]


def test_the_scale_of_an_input_does_not_matter() -> None:
    """Multiplier une entrée par 1000 et ses poids par 1/1000 ne change pas le choix."""
    values, curvature = _problem(8, 10)
    scale = torch.logspace(-3, 3, 10, dtype=REAL)
    results = [
        choose_kept(v, _whole(c, 8), lambda s: prune_smallest({"": s}, 40)[""], 15)
        for v, c in ((values, curvature), (values / scale, curvature * scale * scale[:, None]))
    ]
    assert torch.equal(*results)
