"""Le score tiré au hasard, témoin auquel comparer tout critère."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from pruning_core.checks import check_count
from pruning_core.types import Scores
from pruning_core.weights.prunable import resolve_parameters

_RANDOM_SCORES = 811  # distingue ce tirage des autres usages d'une même graine


def random_scores(
    model: nn.Module, *, seed: int, parameters: Mapping[str, nn.Parameter] | None = None
) -> Scores:
    """Score tiré au hasard dans [0, 1[ : le témoin auquel comparer tout critère.

    Le tirage ne dépend que de `seed` ; le générateur global de torch n'est pas touché. Il est
    indépendant des poids initiaux d'un réseau créé avec la même graine.

    Raises
    ------
    TypeError, ValueError
        Si `seed` n'est pas un entier positif ou nul.
    """
    generator = torch.Generator().manual_seed(_own_stream(check_count(seed, "seed")))
    chosen = resolve_parameters(model, parameters)
    return {
        name: torch.rand(p.shape, generator=generator, dtype=torch.float64).to(p.device)
        for name, p in chosen.items()
    }


def _own_stream(seed: int) -> int:
    """Une graine propre à ce tirage : torch.manual_seed(seed) a pu tirer les poids du modèle."""
    return int(np.random.SeedSequence([seed, _RANDOM_SCORES]).generate_state(1)[0])
