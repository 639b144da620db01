"""Exercices de la leçon 8.1.1 : magnitude."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from pruning_core.checks import check_sparsity
from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.reading import Witness, call, check_tensors
from pruning_core.course.exercises.verdict import Hint
from pruning_core.course.formatting import number as write
from pruning_core.course.formatting import percent
from pruning_core.course.models import trained_digits_mlp
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import pruned_copy
from pruning_core.masks.choosing import count_pruned, global_masks, layerwise_masks
from pruning_core.masks.measuring import compute_sparsity
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.types import Masks
from pruning_core.weights.prunable import prunable_parameters

_BUDGET = 0.8


def uniform_by_layer(function: Any) -> str:
    """Juge une fonction `(model, sparsity) -> masques`, la même sparsité à chaque couche."""
    for sparsity in (0.3, 0.5, 0.0, 1.0):
        model = _network_with_ties()
        weights = {n: w.detach() for n, w in prunable_parameters(model).items()}
        witness = Witness(model)
        masks = check_tensors(call(function, model, sparsity), weights, "masque")
        witness.check()
        for name, mask in masks.items():
            if mask.dtype != torch.bool:
                raise Hint(
                    f"{name} : reçu un masque de type {mask.dtype} ; attendu des booléens, vrais "
                    "pour les poids gardés."
                )
        _check_layers(masks, weights, sparsity)
    return (
        "Chaque couche perd exactement son compte, égalités comprises, et le modèle n'a pas bougé."
    )


def _network_with_ties() -> nn.Module:
    """Construit deux couches d'échelles différentes, dont beaucoup de poids sont à égalité."""
    with torch.random.fork_rng(devices=[]):
        model = nn.Sequential(
            nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)
        ).double()
    for layer, scale in ((model[0], 0.1), (model[3], 1.0)):
        assert isinstance(layer, nn.Linear)
        n = layer.weight.numel()
        # 7 est premier avec 20 et 15 : les rangs sont mêlés, et les égalités éparpillées.
        ranks = (7 * torch.arange(n)) % n
        signs = 1 - 2 * (torch.arange(n) % 3 == 0).long()
        values = scale * (1 + (ranks + 2).div(5, rounding_mode="floor")) * signs
        with torch.no_grad():
            layer.weight.copy_(values.reshape(layer.weight.shape))
    return model.eval()


def _check_layers(masks: Masks, weights: Mapping[str, torch.Tensor], sparsity: float) -> None:
    scores = {name: weight.abs() for name, weight in weights.items()}
    expected = layerwise_masks(scores, sparsity)
    if _same(masks, expected):
        return
    if _same(masks, {name: ~mask for name, mask in expected.items()}):
        raise Hint("Votre masque est à l'envers : vrai doit dire « gardé ».")
    if _same(masks, layerwise_masks(weights, sparsity)):
        raise Hint("Vous comparez les poids avec leur signe ; le score est leur valeur absolue.")
    if _same(masks, global_masks(scores, sparsity)):
        raise Hint(
            "C'est une sélection globale : toutes les couches y sont classées ensemble, et ne "
            "perdent pas la même part."
        )
    for name, mask in masks.items():
        _check_layer(name, mask, expected[name], scores[name], sparsity)


def _same(masks: Mapping[str, torch.Tensor], others: Mapping[str, torch.Tensor]) -> bool:
    return all(torch.equal(masks[name].cpu(), others[name]) for name in others)


def _check_layer(
    name: str, mask: torch.Tensor, expected: torch.Tensor, score: torch.Tensor, sparsity: float
) -> None:
    removed, wanted = int((~mask).sum()), int((~expected).sum())
    where = f"{name}, à {percent(sparsity, 0)}"
    if removed != wanted:
        if abs(removed - wanted) > 1 and _is_threshold(mask, score):
            raise Hint(
                f"{where} : vous retirez {removed} poids au lieu de {wanted}. Un seuil ne compte "
                "pas les poids : à égalité, il les retire tous ou n'en retire aucun."
            )
        if abs(removed - wanted) == 1:
            raise Hint(
                f"{where} : vous retirez {removed} poids au lieu de {wanted}. À un près : regardez "
                "l'arrondi de k."
            )
        raise Hint(f"{where} : vous retirez {removed} poids au lieu de {wanted}.")
    if torch.equal(mask, expected):
        return
    kept, ordered = score[mask].sort().values, score.flatten().sort().values
    if torch.equal(kept, ordered[removed:]):
        raise Hint(
            f"{where} : le compte est bon, mais à score égal c'est le plus petit indice qui part "
            "le premier. Un tri peut être stable."
        )
    if torch.equal(kept, ordered[: len(kept)]):
        raise Hint(f"{where} : vous retirez les plus grandes magnitudes, celles qu'il faut garder.")
    raise Hint(f"{where} : le compte est bon, mais ce ne sont pas les plus petites magnitudes.")


def _is_threshold(mask: torch.Tensor, score: torch.Tensor) -> bool:
    kept, removed = score[mask], score[~mask]
    return bool(len(kept) and len(removed) and removed.max() < kept.min())


def budget(answer: Any) -> str:
    """Juge des sparsités par couche : battre la magnitude globale, à sparsité totale égale.

    Le réseau est celui du cours, déjà entraîné dans la leçon, et la mesure se fait sur le jeu de
    validation.
    """
    model = trained_digits_mlp(seed=0)
    scores = magnitude_scores(model)
    masks = layerwise_masks(scores, _layer_sparsities(answer, list(scores)))
    n = sum(mask.numel() for mask in masks.values())
    removed = n - sum(int(mask.sum()) for mask in masks.values())
    # Le même arrondi que la sélection : 80 % dans chaque couche doit atteindre 80 % en tout.
    wanted = count_pruned(n, _BUDGET)
    if removed < wanted:
        raise Hint(
            f"Vous retirez {write(removed)} poids sur {write(n)} ; il en faut au moins "
            f"{write(wanted)}, soit {percent(_BUDGET, 0)}. Une grande couche compte plus qu'une "
            "petite."
        )
    total = compute_sparsity(masks)
    images = load_digits().validation
    yours, reference = (
        evaluate(pruned_copy(model, chosen), images).accuracy
        for chosen in (masks, global_masks(scores, total))
    )
    measure = (
        f"À {percent(total)} de sparsité totale, exactitude de {percent(yours)} sur la validation, "
        f"contre {percent(reference)} pour la magnitude globale."
    )
    if yours > reference:
        return f"{measure} Le jeu de test dira si ce réglage tient ailleurs."
    raise Hint(
        f"{measure} Quelle couche supporte le moins d'être élaguée, et laquelle, grande, peut "
        "payer pour elle ?"
    )


def _layer_sparsities(answer: Any, names: list[str]) -> dict[str, float]:
    if not isinstance(answer, Mapping):
        raise Hint(
            f"Reçu un objet de type {type(answer).__name__} ; attendu un dictionnaire nom du "
            "poids -> sparsité."
        )
    unknown = [name for name in answer if name not in names]
    if unknown:
        raise Hint(f"Noms inconnus : {unknown}. Les poids élagables sont {names}.")
    missing = [name for name in names if name not in answer]
    if missing:
        raise Hint(f"Il manque une sparsité pour {missing}.")
    try:
        return {name: check_sparsity(answer[name], what=name) for name in names}
    except (TypeError, ValueError) as error:
        raise Hint(str(error)) from error
