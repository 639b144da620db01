"""Exercices de la leçon 8.1.2 : gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.course.exercises.reading import Witness, call, check_tensors, close
from pruning_core.course.exercises.verdict import Hint
from pruning_core.weights.prunable import prunable_parameters

Tensors = dict[str, torch.Tensor]


def snip(function: Any) -> str:
    """Juge une fonction `(model, x, y) -> {nom: |w · ∇L|}`, L étant la perte moyenne."""
    model, x, y = _problem()
    weights = prunable_parameters(model)
    candidates = _candidates(model, weights, x, y)
    witness = Witness(model)
    found = check_tensors(call(function, model, x, y), weights, "score")
    for hint, scores in candidates.items():
        if hint and _same(found, scores):
            raise Hint(hint)
    witness.check()
    if not _same(found, candidates[""]):
        wrong = [name for name in found if not close(found[name], candidates[""][name])]
        raise Hint(f"Les scores ne sont pas ceux de la formule pour {wrong}.")
    if any(score.requires_grad for score in found.values()):
        raise Hint("Les valeurs sont bonnes, mais vos scores gardent le graphe de calcul.")
    return "Un seul passage suffit : le gradient de la perte moyenne, multiplié par le poids."


def _problem() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)
        ).double()
        x = torch.randn(6, 4, dtype=torch.float64)
    return model.eval(), x, torch.arange(6) % 3


def _candidates(
    model: nn.Module, weights: dict[str, nn.Parameter], x: torch.Tensor, y: torch.Tensor
) -> dict[str, Tensors]:
    """Rend les bons scores (indice vide), et ceux de chaque erreur typique."""
    losses = F.cross_entropy(model(x), y, reduction="none")
    each = [torch.autograd.grad(loss, list(weights.values()), retain_graph=True) for loss in losses]
    gradients = dict(zip(weights, map(torch.stack, zip(*each, strict=True)), strict=True))
    signed = {n: w.detach() * gradients[n].mean(0) for n, w in weights.items()}
    return {
        "": {n: s.abs() for n, s in signed.items()},
        "Vos scores ont un signe : prenez la valeur absolue du produit.": signed,
        "Vos scores sont ceux de la formule au signe près.": {n: -s for n, s in signed.items()},
        "Vous rendez le carré du produit (la variante de Taylor), et non sa valeur absolue.": {
            n: s.square() for n, s in signed.items()
        },
        "Il manque le poids : vous rendez |∇L| seul.": {
            n: g.mean(0).abs() for n, g in gradients.items()
        },
        "Il manque le gradient : vous rendez la magnitude.": {
            n: w.detach().abs() for n, w in weights.items()
        },
        "L est la perte moyenne ; la vôtre est une somme sur les exemples.": {
            n: len(x) * s.abs() for n, s in signed.items()
        },
        "Vous prenez la valeur absolue exemple par exemple ; ici, c'est celle du gradient de la "
        "perte moyenne.": {
            n: w.detach().abs() * gradients[n].abs().mean(0) for n, w in weights.items()
        },
    }


def _same(found: Tensors, expected: Tensors) -> bool:
    return all(close(found[name], expected[name]) for name in expected)
