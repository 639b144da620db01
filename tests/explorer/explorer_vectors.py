"""Les cas d'essai que partagent Python et JavaScript : un réseau, ses scores, ce qu'on en attend.

Lancé avec un chemin, écrit en JSON les données d'un explorateur et, pour chaque méthode, portée
et sparsité, les masques, l'exactitude et la perte que ``pruning_core`` calcule.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch.nn import functional as F

from pruning_core.course.datasets import batches, load_digits
from pruning_core.course.explorer import Explorer, LeNetExplorer
from pruning_core.course.models import trained_digits_mlp
from pruning_core.curvature.diagonals import ggn_diagonal
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.choosing import global_masks
from pruning_core.scores.gradient import gradient_scores
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.obd import obd_salience
from pruning_core.weights.prunable import prunable_parameters

SPARSITIES = (
    0.0, 0.1, 0.2, 0.29, 0.3, 0.4, 0.45, 0.5, 0.6, 0.65,
    0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.98, 0.995, 1.0,
)  # fmt: skip


def _moved_path(model: torch.nn.Module) -> list[SimpleNamespace]:
    """Trajet factice : masques de la magnitude, poids restants déplacés, biais compris."""
    steps = []
    for sparsity in (0.5, 0.8, 0.9, 0.98):
        moved = trained_digits_mlp()
        masks = global_masks(magnitude_scores(model), sparsity)
        with torch.no_grad():
            for parameter in moved.parameters():
                parameter.mul_(1 + sparsity)
        apply_masks(moved, masks)
        weights = {name: p.detach().clone() for name, p in moved.named_parameters()}
        steps.append(SimpleNamespace(weights=weights, masks=masks))
    return steps


@cache
def digits_explorer() -> Explorer:
    """Explorateur du réseau 64-64-32-10, avec toutes les méthodes."""
    model, digits = trained_digits_mlp(), load_digits()
    loader = batches(digits.train)
    weights = {name: p.detach() for name, p in prunable_parameters(model).items()}
    curvature = ggn_diagonal(model, loader, F.cross_entropy)
    scores = {
        "magnitude": magnitude_scores(model),
        "gradient": gradient_scores(model, loader, F.cross_entropy),
        "obd": obd_salience(weights, curvature),
        "obd_inverted": {
            name: w.square() / (2 * (curvature[name] + 1e-10)) for name, w in weights.items()
        },
    }
    return Explorer(model, digits.test.x, digits.test.y, scores, compensated=_moved_path(model))


@cache
def lenet_explorer() -> LeNetExplorer:
    """Explorateur de LeNet-300-100."""
    return LeNetExplorer()


def _case(explorer: Explorer, method: str, scope: str, sparsity: float) -> dict[str, object]:
    result, masks = explorer.evaluate(method, sparsity, scope)
    kept = torch.cat([mask.flatten() for mask in masks.values()]).numpy()
    bits = np.packbits(kept, bitorder="little").tobytes()
    return {
        "method": method,
        "scope": scope,
        "sparsity": sparsity,
        "mask": base64.b64encode(bits).decode(),
        "accuracy": result.accuracy,
        "loss": result.loss,
    }


def write_vectors(path: Path) -> None:
    """Écrit les données de l'explorateur et les mesures attendues."""
    explorer = digits_explorer()
    cases = [
        _case(explorer, method, scope, sparsity)
        for method in explorer.methods
        for scope in ("global", "layerwise")
        for sparsity in SPARSITIES
    ]
    path.write_text(json.dumps({"data": json.loads(explorer._data), "cases": cases}))


def write_lenet_vectors(path: Path) -> None:
    """Écrit ce que ``pruning_core`` mesure de LeNet-300-100, relu du fichier de données."""
    explorer = lenet_explorer()
    cases = [
        _case(explorer, method, scope, sparsity)
        for method in explorer.methods
        for scope in ("global", "layerwise")
        for sparsity in (0.5, 0.9, 0.95)
    ]
    path.write_text(json.dumps({"cases": cases}))
