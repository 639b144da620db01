"""Exercices de la leçon 8.1.3, OBD."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.reading import call, check_tensor, close
from pruning_core.course.exercises.verdict import Hint
from pruning_core.course.formatting import percent
from pruning_core.course.models import trained_digits_mlp
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import pruned_copy
from pruning_core.masks.choosing import global_masks
from pruning_core.masks.measuring import compute_sparsity
from pruning_core.scores.obd import obd_scores
from pruning_core.weights.prunable import prunable_parameters

SPARSITY, STEPS = 0.9, 5
"""Où l'on essaie le chemin d'un lecteur."""


def saliences(function: Any) -> str:
    """Juge une fonction `(w, gradients) -> saillances d'OBD`, courbure : la Fisher empirique."""
    for count, size in ((4, 3), (3, 5)):
        rows = torch.arange(1.0, count * size + 1, dtype=torch.float64)
        w, gradients = torch.cos(2 * rows[:size]), torch.sin(rows * rows).reshape(count, size)
        given = w.clone(), gradients.clone()
        found = call(function, *given)
        if not all(map(torch.equal, given, (w, gradients))):
            raise Hint("Votre fonction modifie ce qu'elle reçoit : travaillez sur des copies.")
        _check_saliences(found, w, gradients)
    return "Le carré de chaque exemple d'abord, la moyenne ensuite."


def _check_saliences(found: Any, w: torch.Tensor, gradients: torch.Tensor) -> None:
    check_tensor(found, w.shape)
    fisher = gradients.square().mean(0)
    right = 0.5 * fisher * w**2
    if close(found, right):
        return
    mistakes = {
        "C'est le carré du gradient moyen, comme dans le chapitre : prenez le carré de chaque "
        "exemple, puis la moyenne.": 0.5 * gradients.mean(0) ** 2 * w**2,
        "Vous divisez par la courbure : la saillance la multiplie.": w**2 / (2 * fisher),
        "Il manque le facteur ½.": 2 * right,
        "Vous sommez les exemples ; attendu leur moyenne.": len(gradients) * right,
        "Le poids entre au carré : un signe ne change pas un coût.": 0.5 * fisher * w,
        "C'est la courbure seule : il manque le carré du poids.": 0.5 * fisher,
    }
    for hint, wrong in mistakes.items():
        if close(found, wrong):
            raise Hint(hint)
    raise Hint("Ce ne sont pas les saillances : écrivez ½ H w², où H est la moyenne des carrés.")


def path(function: Any) -> str:
    """Juge une fonction `(réseau, sparsité, pas) -> réseau élagué`, la courbure recalculée."""
    data, criterion = load_digits(), nn.CrossEntropyLoss()
    model = trained_digits_mlp(0)
    jump = pruned_copy(model, global_masks(obd_scores(model, [data.train], criterion), SPARSITY))
    given = trained_digits_mlp(0)
    found = call(function, given, SPARSITY, STEPS)
    if not isinstance(found, nn.Module):
        raise Hint(
            f"Votre fonction rend un objet de type {type(found).__name__} ; attendu un réseau."
        )
    if not _same_weights(given, model):
        raise Hint("Votre fonction modifie le réseau reçu : `pruned_copy` en rend un autre.")
    asked, reached = SPARSITY, compute_sparsity(found)
    if abs(reached - asked) > 1e-3:
        raise Hint(
            f"Le réseau rendu est élagué à {percent(reached)} ; attendu {percent(asked)}. La "
            "sparsité demandée est celle de la fin, poids déjà retirés compris."
        )
    if _same_weights(found, jump):
        raise Hint(
            "C'est le réseau d'un seul pas : recalculez les saillances sur le réseau déjà élagué."
        )
    before, after = (evaluate(net, data.validation).accuracy for net in (jump, found))
    if after <= before:
        raise Hint(
            f"À {percent(asked, 0)}, {percent(after)} sur la validation, contre {percent(before)} "
            "en un seul pas : le chemin devrait gagner. Le réseau du pas précédent sert-il ?"
        )
    return (
        f"À {percent(asked, 0)} en {STEPS} pas, {percent(after)} sur la validation, contre "
        f"{percent(before)} en un seul."
    )


def _same_weights(one: nn.Module, two: nn.Module) -> bool:
    pairs = zip(prunable_parameters(one).values(), prunable_parameters(two).values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)
