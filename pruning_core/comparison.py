"""Comparaison des critères à sparsité égale, sur un même modèle."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from pruning_core.chapter import GradientBasedPruning, SecondOrderPruning
from pruning_core.checks import check_sparsity
from pruning_core.evaluation import evaluate
from pruning_core.examples import reusable
from pruning_core.masks.applying import PrunedWeights, apply_masks
from pruning_core.masks.choosing import global_masks, layerwise_masks
from pruning_core.masks.holding import hold_masks
from pruning_core.masks.measuring import compute_sparsity, layer_sparsities, mask_agreement
from pruning_core.obs.neurons import obs_neuron_pruning
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.random import random_scores
from pruning_core.types import Batch, Criterion, Loader, Masks

Pruner = Callable[[nn.Module, Loader, Criterion, float, int], Masks | PrunedWeights]
"""(modèle, données, perte, sparsité, graine) -> masques, ou poids élagués et compensés."""

Finetune = Callable[[nn.Module], object]
"""Affine sur place un modèle dont les masques sont tenus."""

SOURCE_METHODS = ("magnitude", "gradient", "second_order")


def _random(
    model: nn.Module, loader: Loader, criterion: Criterion, sparsity: float, seed: int
) -> Masks:
    return global_masks(random_scores(model, seed=seed), sparsity)


def _magnitude(
    model: nn.Module, loader: Loader, criterion: Criterion, sparsity: float, seed: int
) -> Masks:
    return global_masks(magnitude_scores(model), sparsity)


def _magnitude_layerwise(
    model: nn.Module, loader: Loader, criterion: Criterion, sparsity: float, seed: int
) -> Masks:
    return layerwise_masks(magnitude_scores(model), sparsity)


def _gradient(
    model: nn.Module, loader: Loader, criterion: Criterion, sparsity: float, seed: int
) -> Masks:
    pruner = GradientBasedPruning(model, loader, criterion)
    salience, _ = pruner.compute_gradient_salience(n_batches=50)
    return pruner.prune_by_salience(salience, sparsity)


def _obd(
    model: nn.Module, loader: Loader, criterion: Criterion, sparsity: float, seed: int
) -> Masks:
    salience, _ = SecondOrderPruning().compute_optimal_brain_damage(model, loader, criterion)
    return global_masks(salience, sparsity)


def _obs(
    model: nn.Module, loader: Loader, criterion: Criterion, sparsity: float, seed: int
) -> PrunedWeights:
    return obs_neuron_pruning(model, loader, criterion, sparsity)


METHODS: dict[str, Pruner] = {
    "random": _random,
    "magnitude": _magnitude,
    "magnitude_layerwise": _magnitude_layerwise,
    "gradient": _gradient,
    "second_order": _obd,
    "obs": _obs,
}
"""Les méthodes connues par leur nom ; « second_order » est OBD, comme dans la source."""


def compare_pruning_methods(
    model: nn.Module,
    train_loader: Loader,
    criterion: Criterion,
    sparsity: float = 0.9,
    *,
    methods: Sequence[str] | Mapping[str, Pruner] = SOURCE_METHODS,
    evaluation: tuple[torch.Tensor, torch.Tensor] | None = None,
    finetune: Finetune | None = None,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Élague par chaque méthode à une même sparsité globale, et mesure ce qui en résulte.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; chaque méthode travaille sur une copie.
    train_loader : itérable de (x, y)
        Les données que lisent les critères.
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsity : float
        Sparsité demandée, dans [0, 1].
    methods : suite de noms de `METHODS`, ou dict[str, Pruner]
        Par défaut celles de la source.
    evaluation : (x, y), optionnel
        Données de test d'un classifieur, sur lesquelles mesurer exactitude et perte.
    finetune : fonction (modèle) -> None, optionnel
        Affinage, fait avec les masques tenus ; demande `evaluation`.
    seed : int
        Graine des méthodes qui tirent au sort.

    Returns
    -------
    dict[str, dict]
        Pour chaque méthode : "masks", "sparsity" (réelle), "layer_sparsities" (par couche),
        "agreement" (accord des masques avec chaque autre méthode, dans [0, 1]) et "seconds" (temps
        de l'élagage). Avec `evaluation` : "accuracy_before" et "loss_before", mesurées avant
        affinage ; avec `finetune` : "accuracy_after" et "loss_after".

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte, les poids, la sparsité ou une méthode ne conviennent
        pas, ou si `finetune` est donné sans `evaluation`.
    """
    check_sparsity(sparsity)
    chosen = _named(methods)
    if finetune is not None and evaluation is None:
        raise ValueError("finetune : reçu un affinage sans évaluation ; attendu evaluation=(x, y).")
    loader = reusable(train_loader)
    results: dict[str, dict[str, Any]] = {}
    for name, prune in chosen.items():
        start = time.perf_counter()
        pruned = prune(model, loader, criterion, sparsity, seed)
        seconds = time.perf_counter() - start
        masks = pruned.masks if isinstance(pruned, PrunedWeights) else pruned
        results[name] = {
            "masks": masks,
            "sparsity": compute_sparsity(masks),
            "layer_sparsities": layer_sparsities(masks),
            "seconds": seconds,
        }
        if evaluation is not None:
            results[name] |= _measure(model, pruned, criterion, evaluation, finetune)
    for name, result in results.items():
        result["agreement"] = {
            other: mask_agreement(result["masks"], results[other]["masks"])
            for other in results
            if other != name
        }
    return results


def _named(methods: Sequence[str] | Mapping[str, Pruner]) -> dict[str, Pruner]:
    if isinstance(methods, Mapping):
        return dict(methods)
    names: Iterable[str] = [methods] if isinstance(methods, str) else methods
    unknown = [name for name in names if name not in METHODS]
    if unknown or not methods:
        raise ValueError(f"methods : reçu {methods!r} ; attendu des noms parmi {list(METHODS)}.")
    return {name: METHODS[name] for name in names}


def _measure(
    model: nn.Module,
    pruned: Masks | PrunedWeights,
    criterion: Criterion,
    data: Batch,
    finetune: Finetune | None,
) -> dict[str, float]:
    """Exactitude et perte du modèle élagué, avant et après affinage."""
    twin = copy.deepcopy(model)
    if isinstance(pruned, PrunedWeights):
        pruned.apply(twin)
        masks = pruned.masks
    else:
        apply_masks(twin, pruned)
        masks = pruned
    before = evaluate(twin, data, criterion)
    measures = {"accuracy_before": before.accuracy, "loss_before": before.loss}
    if finetune is not None:
        with hold_masks(twin, masks):
            finetune(twin)
        after = evaluate(twin, data, criterion)
        measures |= {"accuracy_after": after.accuracy, "loss_after": after.loss}
    return measures
