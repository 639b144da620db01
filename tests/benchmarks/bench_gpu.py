"""Sur un GPU : choisir parmi 100 millions de scores, et OBS par couche."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from pruning_core import global_masks, obs_layer_pruning, prunable_parameters
from tests.benchmarks.networks import gpt2

SPARSITY = 0.5
WIDTH = 256


def available() -> bool:
    """Dit si torch voit un GPU ici."""
    return torch.cuda.is_available()


def run(work: str, device: str, size: int) -> dict[str, Any]:
    """Mesure un travail sur un périphérique, après un essai à blanc.

    Parameters
    ----------
    work : {"sélection", "OBS par couche"}
    device : str
    size : int
        Nombre de scores, ou de blocs de la forme de GPT-2.

    Returns
    -------
    dict
        `seconds`, montre en main, et `peak_bytes`, la mémoire prise sur le GPU (None ailleurs).
    """
    task = {"sélection": _selection, "OBS par couche": _layer_obs}[work](device, size)
    task()
    _wait(device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated() if device == "cuda" else 0
    start = time.perf_counter()
    task()
    _wait(device)
    seconds = time.perf_counter() - start
    peak = torch.cuda.max_memory_allocated() - before if device == "cuda" else None
    return {"seconds": seconds, "peak_bytes": peak}


def _selection(device: str, size: int) -> Callable[[], object]:
    generator = torch.Generator(device).manual_seed(0)
    scores = {"poids": torch.rand(size, generator=generator, device=device)}
    return lambda: global_masks(scores, SPARSITY)


def _layer_obs(device: str, size: int) -> Callable[[], object]:
    subject = gpt2(size, width=WIDTH, sequences=64)
    model = subject.model.to(device)
    parameters = prunable_parameters(model, names="transformer.h.*")
    return lambda: obs_layer_pruning(model, subject.batches, SPARSITY, parameters=parameters)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
