"""Tenir des masques dans plusieurs processus."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn, optim
from torch.nn.parallel import DistributedDataParallel

from pruning_core.masks.holding import hold_masks
from tests.core.masks.masked_problem import (
    MaskedProblem,
    X,
    Y,
    check_same_training,
    masks_of,
    network,
)


def _train_in_parallel(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/rendez-vous", rank=rank, world_size=2
    )
    held = network()
    hold_masks(held, masks_of(held))
    model = DistributedDataParallel(held)
    optimizer = optim.Adam(model.parameters(), 0.02)
    for _ in range(20):
        optimizer.zero_grad()
        (model(X[rank::2]) - Y[rank::2]).square().mean().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
    torch.save(held.state_dict(), f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes(tmp_path: Path) -> None:
    """DistributedDataParallel entraîne le problème masqué, le même dans les deux processus."""
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_train_in_parallel, args=(r, str(tmp_path))) for r in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    held = network()
    masks = masks_of(held)
    problem = MaskedProblem(held, masks)
    optimizer = optim.Adam(problem.parameters(), 0.02)
    for _ in range(20):
        optimizer.zero_grad()
        (problem(X) - Y).square().mean().backward()
        nn.utils.clip_grad_norm_(problem.parameters(), 0.1)
        optimizer.step()
    for rank in range(2):
        held.load_state_dict(torch.load(tmp_path / f"{rank}.pt", weights_only=True))
        check_same_training(held, masks, problem)
