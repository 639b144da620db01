"""Scores sommés sur les processus d'un groupe torch.distributed."""

import multiprocessing
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from pruning_core import (
    GradientBasedPruning,
    SecondOrderPruning,
    empirical_fisher_diagonal,
    empirical_fisher_matrix,
    ggn_diagonal,
    ggn_matrix,
    ggn_neuron_blocks,
    global_masks,
    gradient_scores,
    hessian_diagonal,
    hessian_matrix,
    obs_block_pruning,
    obs_layer_pruning,
    obs_neuron_pruning,
)
from tests.core.cases import Batch, case

FAMILIES = ("mlp", "cnn")


def _measures(
    model: nn.Module, loader: list[Batch], criterion: nn.Module
) -> dict[str, dict[str, torch.Tensor]]:
    """Tout ce qui se somme : courbures, scores, et les poids élagués qui en découlent."""
    arguments = model, loader, criterion
    results = {
        "batch": GradientBasedPruning(*arguments).compute_gradient_salience()[0],
        "per_sample": gradient_scores(*arguments, variant="per_sample"),
        "snip": gradient_scores(*arguments, variant="snip"),
        "ggn": ggn_diagonal(*arguments),
        "fisher": empirical_fisher_diagonal(*arguments),
        "hessian": hessian_diagonal(*arguments),
        "blocks": ggn_neuron_blocks(*arguments),
        "ggn_matrix": {"": ggn_matrix(*arguments)},
        "fisher_matrix": {"": empirical_fisher_matrix(*arguments)},
        "hessian_matrix": {"": hessian_matrix(*arguments)},
        "obs": SecondOrderPruning().compute_optimal_brain_surgeon(*arguments),
    }
    results["masks"] = global_masks(results["ggn"], 0.6)
    for name, pruned in (
        ("neuron", obs_neuron_pruning(*arguments, 0.6, steps=3)),
        ("block", obs_block_pruning(*arguments, 0.6, steps=2, block_size=16)),
        ("layer", obs_layer_pruning(model, loader, 0.6, steps=2)),
    ):
        results[name] = pruned.weights
        results[f"{name}_masks"] = pruned.masks
    return results


def _batches(name: str) -> list[Batch]:
    found = case(name)
    return [(found.x[i : i + 1], found.y[i : i + 1]) for i in range(len(found.x))]


def _work(rank: int, size: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/rendez-vous", rank=rank, world_size=size
    )
    results = {}
    for name in FAMILIES:
        found = case(name)
        results[name] = _measures(found.model, _batches(name)[rank::size], found.criterion)
    torch.save(results, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_same_as_one_process(tmp_path: Path) -> None:
    """Tous les processus ont les mêmes scores et masques, ceux d'un seul processus."""
    size = 3  # sept exemples : les parts sont inégales
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(r, size, str(tmp_path))) for r in range(size)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    everyone = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(size)]
    for name in FAMILIES:
        found = case(name)
        alone = _measures(found.model, _batches(name), found.criterion)
        for measure, expected in alone.items():
            for key, value in expected.items():
                first = everyone[0][name][measure][key]
                assert all(torch.equal(first, other[name][measure][key]) for other in everyone)
                if value.dtype == torch.bool:
                    assert torch.equal(first, value)
                else:
                    scale = float(value.abs().max())
                    torch.testing.assert_close(first, value, rtol=1e-7, atol=1e-9 * scale)
