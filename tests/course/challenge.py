"""Des fichiers du défi, justes ou retouchés comme le ferait un tricheur."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from torch import nn

from pruning_core import global_masks, magnitude_scores, pruned_copy
from pruning_core.course.models import trained_digits_mlp


def network(kept: int) -> nn.Module:
    """Le réseau du cours, élagué par magnitude à ce nombre de poids."""
    model = trained_digits_mlp(seed=0)
    return pruned_copy(model, global_masks(magnitude_scores(model), 1 - kept / 6464))


def rewrite(path: Path, **changes: np.ndarray) -> None:
    """Réécrit un fichier du défi à la main, comme le ferait un tricheur."""
    with np.load(path) as content:
        arrays = {key: content[key] for key in content.files}
    with path.open("wb") as file:
        np.savez_compressed(file, **{**arrays, **changes})


def claim(validation: float) -> np.ndarray:
    return np.array(json.dumps({"nom": "Ada", "validation": validation}))
