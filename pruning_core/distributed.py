"""Additionner ce que calculent les processus d'un groupe `torch.distributed`."""

from __future__ import annotations

import torch
import torch.distributed as dist


def sum_over_processes(tensors: dict[str, torch.Tensor], count: int) -> int:
    """Ajoute sur place les tenseurs de tous les processus d'un groupe `torch.distributed`.

    Sans groupe initialisé, ne fait rien. Tous les processus reçoivent les mêmes bits.

    Returns
    -------
    int
        Le nombre total d'exemples (ou de lots) derrière ces sommes.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return count
    # Avec NCCL, tout doit être sur le périphérique des tenseurs.
    device = next((tensor.device for tensor in tensors.values()), torch.device("cpu"))
    total = torch.tensor(count, dtype=torch.int64, device=device)
    dist.all_reduce(total)
    for name in sorted(tensors):
        dist.all_reduce(tensors[name])
        # La somme peut dépendre du processus au dernier bit près : le premier fait foi.
        dist.broadcast(tensors[name], src=0)
    return int(total)
