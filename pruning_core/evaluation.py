"""Mesurer l'exactitude et la perte d'un classifieur.

La perte dit comment lire la sortie : sur quelle dimension sont les classes, quelles cibles elle
ignore, où est le seuil d'une sortie unique. On l'interroge par quelques valeurs et un gradient, et
l'on refuse ce qu'elle ne dit pas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.batches import is_couple
from pruning_core.curvature.batch_loss import BatchLoss, Derivatives, check_loss, loss_of
from pruning_core.curvature.loss_checks import check_criterion, is_torch_cross_entropy
from pruning_core.differentiable import without_autocast
from pruning_core.passes import read_batches
from pruning_core.types import Criterion, Loader


@dataclass(frozen=True)
class Evaluation:
    """Mesures d'un modèle sur un jeu de données.

    Attributes
    ----------
    accuracy : float
        Exactitude, entre 0 et 1 : part des cibles bien classées, parmi celles que la perte
        n'ignore pas.
    loss : float
        Perte moyenne, chaque lot compté pour ses exemples (entropie croisée : en nats).
    """

    accuracy: float
    loss: float


def evaluate(
    model: nn.Module,
    data: tuple[Any, Any] | Loader,
    criterion: Criterion = F.cross_entropy,
) -> Evaluation:
    """Mesure l'exactitude et la perte d'un classifieur, sans rien changer du modèle.

    Parameters
    ----------
    model : nn.Module
        Réseau dont la sortie donne un score par classe, [N, C], [N, C, ...] ou [N, ..., C], ou
        un seul score pour deux classes, [N] ou [N, 1].
    data : (x, y), itérable de (x, y), ou Batches
        Jeu d'évaluation, porté sur le périphérique du modèle. Les cibles sont des classes, une par
        exemple ou par position, ou des classes « une parmi C » (*one-hot*) de la forme de la
        sortie ; 0 et 1, ou −1 et 1, pour un seul score.
    criterion : fonction (sortie, y) -> perte moyenne du lot
        Pour un seul score, la classe 1 est celle des scores positifs, si la perte ne les borne pas
        (`BCEWithLogitsLoss`), ou des scores au-dessus de 1/2, si elle y lit des probabilités
        (`BCELoss`, ou une erreur quadratique).

    Returns
    -------
    Evaluation
        Exactitude et perte moyenne.

    Raises
    ------
    TypeError, ValueError
        Si les données sont vides ou ne conviennent pas, si la perte n'est pas une moyenne sur le
        lot, ou si elle ne dit pas comment classer.
    """
    losses: list[tuple[float, int]] = []
    hits: list[torch.Tensor] = []
    scored: list[BatchLoss] = []  # un seul score par exemple : toutes les cibles disent le seuil
    with _evaluating(model):
        for batch in read_batches(_loader(data), model):
            output = batch.output(model)
            loss = BatchLoss(criterion, output, batch.target)
            losses.append((check_loss(loss_of(criterion, output, batch.target)).item(), len(batch)))
            if criterion is not F.cross_entropy:  # elle refuse d'elle-même ce qui est vérifié ici
                check_criterion(Derivatives(loss), separable=False)
            if _has_one_score(loss):
                scored.append(loss.changed(loss.values.clone()))  # et non une vue
            else:
                hits.append(_hits(loss))
        hits += _binary_hits(scored)
    counted = sum(map(len, hits))
    if not counted:
        raise ValueError(
            "evaluation : reçu des données dont la perte ignore toutes les cibles ; attendu une "
            "au moins."
        )
    total = sum(count for _, count in losses)
    mean = sum(value * (count / total) for value, count in losses)
    return Evaluation(accuracy=sum(int(one.sum()) for one in hits) / counted, loss=mean)


def _loader(data: Any) -> Loader:
    """Un couple (x, y) est un seul lot."""
    if not is_couple(data) or is_couple(data[0]):
        loader: Loader = data
        return loader
    if isinstance(data[0], torch.Tensor) and len(data[0]) == 0:
        raise ValueError("jeu d'évaluation vide : reçu 0 exemple ; attendu 1 ou plus")
    return [tuple(data)]


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Mode évaluation, sans gradient ni `autocast` ; les modes des modules sont rendus."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.inference_mode(False), torch.no_grad(), without_autocast(model):
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def _has_one_score(loss: BatchLoss) -> bool:
    """Dit si la sortie est un seul score par exemple.

    Raises
    ------
    TypeError
        Si la sortie ou la cible n'est pas un tenseur.
    """
    output, target = loss.output, loss.target
    if output.layout is not None or not isinstance(target, torch.Tensor):
        raise TypeError(
            f"evaluation : reçu une sortie de type {output.kind} et une cible de type "
            f"{type(target).__name__} ; attendu un tenseur chacune. Choisissez par `forward` et "
            "`target` ce qui est classé : Batches(loader, forward=..., target=...)."
        )
    return output.values[0].numel() == 1 and target[0].numel() == 1


def _hits(loss: BatchLoss) -> torch.Tensor:
    """Pour chaque cible que la perte lit, dit si elle est bien classée : [K]."""
    classes, axis = _classes(loss)
    counted = _slope_at_origin(loss).ne(0).any(axis)
    if not is_torch_cross_entropy(loss):
        _check_in_place(loss, classes, axis, counted)
    return (loss.values.argmax(axis) == classes)[counted]


def _check_in_place(
    loss: BatchLoss, classes: torch.Tensor, axis: int, counted: torch.Tensor
) -> None:
    """Vérifie que changer une cible de classe ne pousse que ces deux classes, à sa place.

    Le lot est pris deux fois, les secondes cibles étant d'une classe plus loin : les deux moitiés
    ont le même dénominateur, et le reste de la pente (classes lissées, poids inégaux) s'y annule.
    """
    count = loss.values.shape[axis]
    after = torch.where(counted, (classes + 1) % count, classes)
    target = loss.target
    target = target.roll(1, 1) if target.is_floating_point() else after.to(target.dtype)
    zeros = torch.zeros_like(loss.values)
    both = loss.changed(torch.cat([zeros, zeros]), torch.cat([loss.target, target]))
    slopes = Derivatives(both).gradient.movedim(axis, -1)
    gap = (slopes[: len(zeros)] - slopes[len(zeros) :])[counted]
    limit = 1e3 * torch.finfo(slopes.dtype).eps * slopes.abs().max()
    here, there = (gap.gather(-1, c[counted].unsqueeze(-1)) for c in (classes, after))
    lowest, highest = gap.amin(-1, keepdim=True), gap.amax(-1, keepdim=True)
    if not bool(
        ((here <= lowest + limit) & (there >= highest - limit) & (there - here > limit)).all()
    ):
        raise ValueError(
            "evaluation : reçu une perte qui ne lit pas chaque cible à sa place (suite décalée, "
            "classes changées) ; attendu la cible de chaque sortie. Alignez-les par `forward` et "
            "`target` : Batches(loader, forward=..., target=...)."
        )


def _classes(loss: BatchLoss) -> tuple[torch.Tensor, int]:
    """Les classes que disent les cibles, et la dimension de la sortie qui porte leurs scores."""
    values, target = loss.values, loss.target
    if target.is_floating_point():
        if target.shape == values.shape and values.ndim > 1:
            one = (target.sum(1) == 1) & ((target == 0) | (target == 1)).all(1)
            if bool(one.all()):
                return target.argmax(1), 1
        raise _unclassified(
            loss, "des classes entières, ou « une parmi C » (des 0 et un seul 1), de même forme"
        )
    axes = [
        axis
        for axis in sorted({1, values.ndim - 1})
        if values.ndim > 1 and values.shape[:axis] + values.shape[axis + 1 :] == target.shape
    ]
    if len(axes) == 2:
        slope = _slope_at_origin(loss)
        limit = 1e3 * torch.finfo(slope.dtype).eps * slope.abs().max()
        axes = [axis for axis in axes if bool((slope.sum(axis).abs() <= limit).all())]
    if len(axes) != 1 or values.shape[axes[0]] < 2:
        raise _unclassified(loss, "un score par classe, [N, C] contre [N], ou par position")
    return target.long(), axes[0]


def _slope_at_origin(loss: BatchLoss) -> torch.Tensor:
    """Pente de la perte en des scores tous nuls : elle vaut 0 aux cibles ignorées, elles seules."""
    return Derivatives(loss.changed(torch.zeros_like(loss.values))).gradient


def _binary_hits(losses: Sequence[BatchLoss]) -> list[torch.Tensor]:
    """Un seul score par exemple, comparé au seuil que disent la perte et toutes les cibles.

    Un lot où toutes valent 1 ne dit pas si l'autre classe est 0 ou −1 : le tri des exemples ne doit
    rien changer.
    """
    found = {label for loss in losses for label in loss.target.unique().tolist()}
    signed = found <= {-1, 1} and -1 in found
    if not (signed or found <= {0, 1}):
        raise _unclassified(losses[0], "deux classes, 0 et 1, ou −1 et 1")
    return [
        (loss.values > (0.0 if signed else _threshold(loss))).flatten()
        == (loss.target > 0).flatten()
        for loss in losses
    ]


def _threshold(loss: BatchLoss) -> float:
    """Le score où les deux classes coûtent autant, 0 ou 1/2 ; 0 si une classe a son poids."""

    def cost(score: float, label: int) -> float:
        probe = loss.changed(target=torch.full_like(loss.target, label))
        try:
            return float(probe(torch.full_like(loss.values, score)))
        except ValueError:  # BCELoss ne lit que des probabilités
            return float("nan")

    if cost(0.25, 1) != cost(0.75, 1):
        for threshold in (0.0, 0.5):
            if abs(cost(threshold, 1) - cost(threshold, 0)) <= 1e-6 * abs(cost(threshold, 1)):
                return threshold
        if cost(2.0, 1) < cost(1.0, 1):
            return 0.0
    raise _unclassified(
        loss, "une perte pour un seul score, BCEWithLogitsLoss par exemple, où 0 sépare les classes"
    )


def _unclassified(loss: BatchLoss, expected: str) -> ValueError:
    values, target = loss.values, loss.target
    return ValueError(
        f"evaluation : reçu une sortie de forme {tuple(values.shape)} et une cible de forme "
        f"{tuple(target.shape)} ({target.dtype}) ; attendu {expected}."
    )
