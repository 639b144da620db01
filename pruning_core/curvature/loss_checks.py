"""Ce que l'on demande d'une fonction de perte, vérifié sur chaque lot et chaque exemple.

Rien n'est supposé d'après un échantillon : des dérivées de la perte seule, sans le modèle,
suffisent à tout un lot à la fois.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.curvature.batch_loss import (
    BatchLoss,
    Derivatives,
    agree,
    fixed_factors,
    fixed_noise,
)
from pruning_core.structures import map_tensors, tensors_of


def check_criterion(here: Derivatives, *, separable: bool) -> None:
    """Vérifie qu'une perte est une moyenne, dont chaque exemple ne lit que sa propre cible.

    Parameters
    ----------
    here : Derivatives
        Celles de la perte du lot, en la sortie du modèle.
    separable : bool
        Vrai pour vérifier aussi que la part de chaque exemple ne dépend que de sa sortie :
        ∂²L/∂f_i∂f_j = 0 dès que i ≠ j.

    Raises
    ------
    ValueError
        Si ce n'est pas le cas.
    """
    if is_torch_cross_entropy(here.loss):
        return
    _check_mean(here, second_order=separable)
    _check_own_target(here)
    if separable:
        _check_separable(here)


def is_torch_cross_entropy(loss: BatchLoss) -> bool:
    """Dit si c'est l'entropie croisée de torch, elle-même, et une moyenne par construction.

    La plus employée n'attend pas qu'on la vérifie.
    """
    criterion = loss.criterion
    if loss.values.ndim < 2:  # elle prendrait les exemples pour les classes d'un seul
        return False
    return criterion is F.cross_entropy or (
        type(criterion) is nn.CrossEntropyLoss and criterion.reduction == "mean"
    )


def _check_mean(here: Derivatives, *, second_order: bool) -> None:
    """Un lot pris deux fois a la même perte : chaque copie en porte la moitié."""
    twice = Derivatives(here.loss.twice())
    pairs = [(twice.gradient, here.gradient)]
    if second_order:
        noise = fixed_noise(here.gradient.shape, here.gradient)
        pairs.append((twice.product(torch.cat([noise, noise])), here.product(noise)))
    if not all(agree(2 * both, torch.cat([one, one])) for both, one in pairs):
        raise ValueError(
            f"criterion : reçu une perte de {here.value:.6g} pour un lot et de {twice.value:.6g} "
            "pour ce lot pris deux fois ; attendu une moyenne, la même (reduction='mean')."
        )


def _check_own_target(here: Derivatives) -> None:
    """Chaque exemple ne lit que sa cible : une sortie [N] contre une cible [N, 1] les lit toutes.

    Échanger des cibles ne change pas le dénominateur. Celles de quelques exemples ne doivent donc
    rien changer aux autres ; et si les échanger deux à deux ne change rien alors qu'une même cible
    pour les deux change plus que ce dénominateur, la perte n'en lit que la moyenne.
    """
    loss, count = here.loss, len(here.gradient)
    rows = torch.arange(count)
    even = rows[::2]
    some = rows.clone()
    some[even] = even.roll(1)
    moved = _gradient(loss, _reordered(loss.target, some))
    if moved is not None and not agree(moved[1::2], here.gradient[1::2]):
        raise _mispaired(loss)
    pairs = fixed_noise(torch.Size([count]), torch.zeros(1)).argsort()
    one, other = pairs[: count // 2], pairs[count // 2 : count // 2 * 2]
    swapped, alike = rows.clone(), rows.clone()
    swapped[one], swapped[other] = other, one
    alike[other] = one
    moved = _gradient(loss, _reordered(loss.target, swapped))
    if moved is not None and agree(moved, here.gradient):
        same = _gradient(loss, _reordered(loss.target, alike))
        if same is not None and not _proportional(same, here.gradient):
            raise _mispaired(loss)


def _proportional(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Dit si deux gradients ne diffèrent que d'un facteur positif."""
    return agree(one * other.norm(), other * one.norm())


def _reordered(target: Any, order: torch.Tensor) -> Any:
    return map_tensors(target, lambda tensor: tensor[order.to(tensor.device)])


def _gradient(loss: BatchLoss, target: Any) -> torch.Tensor | None:
    """Gradient pour une autre cible ; None si la perte n'y est pas finie."""
    try:
        return Derivatives(loss.changed(target=target)).gradient
    except ValueError:
        return None


def _mispaired(loss: BatchLoss) -> ValueError:
    read = " et ".join(str(tuple(tensor.shape)) for tensor in tensors_of(loss.target))
    return ValueError(
        f"criterion : reçu une sortie de forme {tuple(loss.values.shape)} et une cible de forme "
        f"{read}, où un exemple lit la cible des autres ; attendu une perte par exemple (et non sa "
        "racine sur le lot), et deux formes qui se répondent, par exemple output.squeeze(-1) ou "
        "y.unsqueeze(-1)."
    )


def _check_separable(here: Derivatives) -> None:
    """Multiplier la ligne i d'un vecteur par s_i multiplie par s_i celle de son produit."""
    noise = fixed_noise(here.gradient.shape, here.gradient)
    if not scales_by_row(here, noise):
        raise ValueError(
            "criterion : reçu une perte où la part d'un exemple dépend de la sortie des autres "
            "(par paires, contrastive, sur tout le lot) ; attendu une perte par exemple, dont "
            "seul le dénominateur soit commun."
        )


def scales_by_row(here: Derivatives, noise: torch.Tensor) -> bool:
    """Dit si les lignes d'un produit H u suivent celles de u, chacune pour soi."""
    shape = torch.Size([len(noise)] + [1] * (noise.ndim - 1))
    factors = fixed_factors(shape, noise)
    return agree(here.product(factors * noise), factors * here.product(noise))
