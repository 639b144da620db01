"""Exercices de la leçon 8.1.3 : OBD et OBS."""

from __future__ import annotations

from typing import Any

import torch

from pruning_core.course.exercises.reading import call, check_tensor, close
from pruning_core.course.exercises.verdict import Hint
from pruning_core.course.formatting import number


def _problem(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rend des poids et une hessienne définie positive, sans zéro ni symétrie."""
    rows = torch.arange(1.0, size + 1, dtype=torch.float64)
    factor = torch.sin(rows[:, None] * rows + rows)
    return torch.cos(2 * rows), factor @ factor.T + torch.diag(rows / 4)


def obs_step(function: Any) -> str:
    """Juge une fonction `(w, H, q) -> nouveaux poids`, un pas d'OBS."""
    for size in (4, 6):
        for q in range(size):
            w, hessian = _problem(size)
            given, curvature = w.clone(), hessian.clone()
            found = call(function, given, curvature, q)
            _check_untouched({"w": (given, w), "H": (curvature, hessian)})
            _check_step(found, w, hessian, q)
    return "Le poids retiré tombe à zéro, et tous les autres reprennent ce qu'ils peuvent."


def _check_untouched(pairs: dict[str, tuple[torch.Tensor, torch.Tensor]]) -> None:
    for name, (given, before) in pairs.items():
        if given.shape != before.shape or not torch.equal(given, before):
            raise Hint(f"Votre fonction modifie {name} : travaillez sur une copie.")


def _check_step(found: Any, w: torch.Tensor, hessian: torch.Tensor, q: int) -> None:
    check_tensor(found, w.shape)
    inverse = torch.linalg.inv(hessian)
    column, pivot = inverse[:, q], inverse[q, q]
    correction = w[q] / pivot * column
    alone = torch.arange(len(w)) == q
    if close(found[~alone], (w - correction)[~alone]):
        left = float(found[q])
        if abs(left) < 1e-9:
            return
        raise Hint(
            "Les autres poids sont bons, mais le poids retiré n'est pas à zéro : il vaut "
            f"{number(left, 9)}."
        )
    mistakes = {
        "Seul le poids retiré change : il manque la compensation des autres.": w.where(~alone, 0.0),
        "La correction a le mauvais signe.": w + correction,
        "Vous rendez le déplacement δw, et non les nouveaux poids.": -correction,
        "La correction se lit dans l'inverse de H ; vous utilisez H.": w
        - w[q] / hessian[q, q] * hessian[:, q],
        "Vous divisez par H_qq ; le dénominateur est pris dans l'inverse de H.": w
        - w[q] / hessian[q, q] * column,
        "Il manque le facteur w_q : la correction dépend du poids retiré.": w - column / pivot,
        "Il manque la division : le poids retiré n'arrive pas à zéro.": w - w[q] * column,
    }
    for hint, wrong in mistakes.items():
        if close(found, wrong) or close(found, wrong.where(~alone, 0.0)):
            raise Hint(hint)
    raise Hint(f"Les nouveaux poids ne sont pas ceux de la formule (q = {q}).")


def remove(function: Any) -> str:
    """Juge une fonction `(inverse, q) -> inverse de H sans la ligne ni la colonne q`."""
    for size in (3, 5):
        for q in range(size):
            inverse = torch.linalg.inv(_problem(size)[1])
            given = inverse.clone()
            found = call(function, given, q)
            _check_untouched({"l'inverse": (given, inverse)})
            _check_removed(found, inverse, q)
    return (
        "Une correction de rang un met l'inverse à jour, sans rien réinverser : c'est le prix "
        "d'un produit, et non d'une inversion."
    )


def _check_removed(found: Any, inverse: torch.Tensor, q: int) -> None:
    kept = torch.arange(len(inverse)) != q
    column = inverse[:, q]
    outer = torch.outer(column, column)
    downdated = inverse - outer / inverse[q, q]
    if isinstance(found, torch.Tensor) and close(found, downdated):
        raise Hint(
            "La mise à jour est bonne ; il reste à ôter la ligne et la colonne q, désormais nulles."
        )
    check_tensor(found, downdated[kept][:, kept].shape)
    if close(found, downdated[kept][:, kept]):
        return
    mistakes = {
        "Ôter la ligne et la colonne q de l'inverse ne suffit pas : l'inverse d'un bloc n'est pas "
        "le bloc de l'inverse.": inverse,
        "La correction de rang un a le mauvais signe.": inverse + outer / inverse[q, q],
        "Il manque la division de la correction par le terme diagonal.": inverse - outer,
    }
    for hint, wrong in mistakes.items():
        if close(found, wrong[kept][:, kept]):
            raise Hint(hint)
    raise Hint(f"Ce n'est pas l'inverse de H réduite (q = {q}) : multipliez les deux pour le voir.")
