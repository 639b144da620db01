"""Comparaison des critères à sparsité égale, sur un même modèle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch import nn

from pruning_core.checks import check_sparsity
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import PrunedWeights, pruned_copy
from pruning_core.masks.holding import hold_masks
from pruning_core.masks.measuring import compute_sparsity, layer_sparsities, mask_agreement
from pruning_core.methods import METHODS, Pruner
from pruning_core.passes import reusable
from pruning_core.types import Criterion, Loader

Finetune = Callable[[nn.Module], object]
"""Affine sur place un modèle dont les masques sont tenus."""

CHAPTER_METHODS = ("magnitude", "gradient", "second_order")
"""Celles que compare le chapitre, qui nomme ainsi OBD."""


def compare_pruning_methods(
    model: nn.Module,
    train_loader: Loader,
    criterion: Criterion,
    sparsity: float = 0.9,
    *,
    methods: Sequence[str] | Mapping[str, Pruner] = CHAPTER_METHODS,
    evaluation: tuple[Any, Any] | Loader | None = None,
    finetune: Finetune | None = None,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Élague par chaque méthode à une même sparsité globale, et mesure ce qui en résulte.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; chaque méthode travaille sur une copie.
    train_loader : itérable de (x, y), ou Batches
        Les données que lisent les critères.
    criterion : fonction (sortie, y) -> perte moyenne du lot
    sparsity : float
        Sparsité demandée, dans [0, 1].
    methods : suite de str, ou dict[str, Pruner]
        Des noms de ``pruning_core.methods.METHODS``, ou vos propres méthodes par leur nom. Par
        défaut celles du chapitre ; "second_order" y est OBD.
    evaluation : (x, y), itérable de (x, y), ou Batches, optionnel
        Données de test d'un classifieur, sur lesquelles mesurer exactitude et perte ; voir
        `evaluate`.
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
    measured = evaluation if evaluation is None else reusable(evaluation)
    results: dict[str, dict[str, Any]] = {}
    for name, prune in chosen.items():
        start = time.perf_counter()
        pruned = PrunedWeights.of(prune(model, loader, criterion, sparsity, seed))
        seconds = time.perf_counter() - start
        results[name] = {
            "masks": pruned.masks,
            "sparsity": compute_sparsity(pruned.masks),
            "layer_sparsities": layer_sparsities(pruned.masks),
            "seconds": seconds,
        }
        if measured is not None:
            results[name] |= _measure(model, pruned, criterion, measured, finetune)
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
    known = {name: method.prune for name, method in METHODS.items() if method.prune is not None}
    known["second_order"] = known["obd"]
    if not methods or any(name not in known for name in names):
        raise ValueError(f"methods : reçu {methods!r} ; attendu des noms parmi {list(known)}.")
    return {name: known[name] for name in names}


def _measure(
    model: nn.Module,
    pruned: PrunedWeights,
    criterion: Criterion,
    data: tuple[Any, Any] | Loader,
    finetune: Finetune | None,
) -> dict[str, float]:
    """Exactitude et perte du modèle élagué, avant et après affinage."""
    twin = pruned_copy(model, pruned)
    before = evaluate(twin, data, criterion)
    measures = {"accuracy_before": before.accuracy, "loss_before": before.loss}
    if finetune is not None:
        with hold_masks(twin, pruned.masks):
            finetune(twin)
        after = evaluate(twin, data, criterion)
        measures |= {"accuracy_after": after.accuracy, "loss_after": after.loss}
    return measures
