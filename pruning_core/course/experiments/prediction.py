"""Jusqu'où la hausse de perte prévue par la courbure est-elle juste ?

Réseau 64-64-32-10 entraîné du cours, perte moyenne sur le jeu d'entraînement. OBD prévoit
½ Σ H_ii w_i² sur les poids supprimés (LeCun, Denker et Solla, 1989, dont la prévision tient
jusqu'à 30 % environ). OBS par neurone, en une étape, prévoit ½ δᵀ H δ, avec la même GGN par blocs
que celle qui l'ajuste.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import torch
from torch import nn
from torch.autograd.functional import jvp
from torch.func import functional_call

from pruning_core.course.datasets import Dataset, load_digits
from pruning_core.course.experiments.methods import CRITERION
from pruning_core.course.models import trained_digits_mlp
from pruning_core.curvature.neurons import ggn_neuron_blocks
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import Pruned, PrunedWeights, pruned_copy
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.neurons import obs_neuron_pruning
from pruning_core.scores.obd import obd_scores

SEEDS = range(5)
SPARSITIES = tuple(round(0.05 * step, 2) for step in range(1, 20))
SETTINGS = {"model": "64-64-32-10", "sparsities": list(SPARSITIES), "loss": "entraînement"}


def run(seeds: Sequence[int] = SEEDS, *, sparsities: Sequence[float] = SPARSITIES) -> pd.DataFrame:
    """Une ligne par graine, sparsité et méthode ("obd" ou "obs").

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked", "method", puis des hausses de la perte d'entraînement, en nats :
        "predicted" (ce que prévoit la méthode), "linear" (gᵀδ, négligé : est-on à un minimum ?),
        "quadratic" (½ δᵀ G δ avec la GGN entière : ce que coûte de n'en prendre que la diagonale
        ou les blocs) et "real" (ce que coûte de s'arrêter au second ordre).
    """
    data = load_digits().train
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        dense = trained_digits_mlp(seed)
        before = evaluate(dense, data).loss
        scores = obd_scores(dense, [data], CRITERION)
        blocks = ggn_neuron_blocks(dense, [data], CRITERION)
        for sparsity in sparsities:
            masks = global_masks(scores, sparsity)
            removed = sum(score[~masks[name]].sum().item() for name, score in scores.items())
            surgery = obs_neuron_pruning(dense, [data], CRITERION, sparsity, steps=1)
            found: dict[str, tuple[float, Pruned]] = {
                "obd": (removed, masks),
                "obs": (block_rise(dense, surgery, blocks), surgery),
            }
            for method, (predicted, pruned) in found.items():
                after = pruned_copy(dense, pruned)
                linear, quadratic = taylor_terms(dense, after, data)
                rows.append(
                    {
                        "seed": seed,
                        "asked": sparsity,
                        "method": method,
                        "predicted": predicted,
                        "linear": linear,
                        "quadratic": quadratic,
                        "real": evaluate(after, data).loss - before,
                    }
                )
    return pd.DataFrame(rows)


def taylor_terms(before: nn.Module, after: nn.Module, data: Dataset) -> tuple[float, float]:
    """Les deux premiers termes de Taylor du passage d'un réseau à un autre : gᵀδ et ½ δᵀ G δ.

    G est la GGN entière de l'entropie croisée, sans la former : J_i δ s'obtient par une double
    rétropropagation, puis δᵀ G δ = (1/N) Σ_i (J_i δ)ᵀ (diag(p_i) − p_i p_iᵀ) (J_i δ).
    """
    weights = {name: p.detach() for name, p in before.named_parameters()}
    change = {name: p.detach() - weights[name] for name, p in after.named_parameters()}

    def forward(*values: torch.Tensor) -> torch.Tensor:
        return functional_call(before, dict(zip(weights, values, strict=True)), (data.x,))

    output, moved = jvp(forward, tuple(weights.values()), tuple(change.values()))
    p = output.softmax(1)
    slopes = p - nn.functional.one_hot(data.y, p.shape[1])
    curved = (p * moved.square()).sum(1) - (p * moved).sum(1).square()
    return (slopes * moved).sum(1).mean().item(), 0.5 * curved.mean().item()


def block_rise(model: nn.Module, result: PrunedWeights, blocks: dict[str, torch.Tensor]) -> float:
    """½ Σ_r δ_rᵀ H_r δ_r, sur les lignes de chaque poids et leur biais (couches linéaires)."""
    before = dict(model.named_parameters())
    total = 0.0
    for name, curvature in blocks.items():
        bias = name.replace("weight", "bias")
        change = torch.cat(
            [
                result.weights[name] - before[name].detach(),
                (result.weights[bias] - before[bias].detach()).unsqueeze(1),
            ],
            1,
        )
        total += 0.5 * torch.einsum("ri,rij,rj->", change, curvature, change).item()
    return total
