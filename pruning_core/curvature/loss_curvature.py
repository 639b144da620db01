"""Lire la courbure d'une perte quelconque en la sortie, sans connaître sa formule.

Une perte n'est jugée que d'après les produits H u de sa hessienne. Un produit par un vecteur u sans
structure suffit à reconnaître une forme : si H u = a (p ⊙ u − p pᵀu) à chaque position, H est
celle d'un softmax, qu'on l'écrive `nn.CrossEntropyLoss`, `F.cross_entropy` ou autrement, avec des
poids de classes, des cibles ignorées ou lissées. Toutes les écritures d'une même perte donnent
ainsi les mêmes nombres.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from pruning_core.curvature.batch_loss import (
    BatchLoss,
    Derivatives,
    agree,
    fixed_factors,
    fixed_noise,
    tolerance_of,
)
from pruning_core.curvature.output_roots import (
    BlockRoots,
    OutputPositions,
    OutputRoots,
    SoftmaxRoots,
)
from pruning_core.passes import sum_dtype


def output_roots(here: Derivatives) -> OutputRoots:
    """Racines de N ∂²L/∂f_i² pour chaque exemple i d'un lot de N, dont la perte est séparable.

    Coût : quelques produits par la hessienne de la perte seule ; C de plus pour une forme
    inconnue de C sorties par position.

    Raises
    ------
    ValueError
        Si la perte n'est pas convexe par rapport à la sortie, ou y est linéaire partout.
    """
    found = _softmax(here) or _blocks(here)
    if found.flat() and not _curved_elsewhere(here.loss):
        raise ValueError(
            "criterion : reçu une perte linéaire par rapport à la sortie du modèle (comme "
            "NLLLoss après log_softmax) ; attendu une perte dont la GGN n'est pas nulle, par "
            "exemple CrossEntropyLoss sur les scores avant softmax."
        )
    return found


def _class_axes(here: Derivatives) -> list[int]:
    """Dimensions qui peuvent porter les classes : [N, C], [N, C, ...] ou [N, ..., C]."""
    ndim = here.gradient.ndim
    return list(dict.fromkeys([ndim - 1, 1])) if ndim > 1 else []


def _softmax(here: Derivatives) -> SoftmaxRoots | None:
    """La forme d'un softmax, si c'en est une.

    Le poids a d'une position ne dépend pas de la sortie : on le lit en une sortie nulle, où il est
    le mieux connu (p = 1/C), puis on vérifie H u en la sortie du modèle.
    """
    values = here.loss.values
    try:
        origin = Derivatives(here.loss.changed(torch.zeros_like(values)))
        noise = fixed_noise(values.shape, values)
        at_origin, product = origin.product(noise), here.product(noise)
    except ValueError:
        return None
    for axis in _class_axes(here):
        positions = OutputPositions(values.shape, axis)
        u = positions.split(noise)
        if u.shape[-1] < 2:
            continue
        even = torch.full_like(u, 1 / u.shape[-1])
        expected = _softmax_product(even, u)
        weights = (positions.split(at_origin) * expected).sum(-1) / expected.square().sum(-1)
        chances = positions.split(values.to(sum_dtype(values))).softmax(-1)
        read = ((positions.split(at_origin), even), (positions.split(product), chances))
        slack = tolerance_of(weights) * weights.max()
        if bool((weights >= -slack).all()) and all(
            _matches(h, weights, _softmax_product(p.to(u), u)) for h, p in read
        ):
            return SoftmaxRoots(
                positions, (weights.clamp(min=0) * len(values)).to(chances), chances
            )
    return None


def _softmax_product(chances: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    return chances * (u - (chances * u).sum(-1, keepdim=True))


def _matches(found: torch.Tensor, weights: torch.Tensor, unit: torch.Tensor) -> bool:
    """Égalité à chaque position, d'après le poids de cette position."""
    tolerance = tolerance_of(found)
    limit = tolerance * (weights + torch.finfo(found.dtype).eps * weights.max()).unsqueeze(-1)
    return bool(((found - weights.unsqueeze(-1) * unit).abs() <= limit).all())


def _blocks(here: Derivatives) -> BlockRoots:
    """Un bloc par position, pour le découpage le plus fin que la perte permette."""
    for positions in _cuts(here):
        if _separates(here, positions):
            return BlockRoots(positions, _block_roots(here, positions))
    raise AssertionError("l'exemple entier est séparable : `check_criterion` l'a vérifié")


def _cuts(here: Derivatives) -> Iterator[OutputPositions]:
    shape = here.gradient.shape
    yield OutputPositions(shape, alone=True)
    if len(shape) > 2:
        yield from (OutputPositions(shape, axis) for axis in _class_axes(here))
    yield OutputPositions(shape)


def _separates(here: Derivatives, positions: OutputPositions) -> bool:
    """Multiplier u par s_p à chaque position y multiplie H u par s_p."""
    noise = positions.split(fixed_noise(here.gradient.shape, here.gradient))
    factors = fixed_factors(noise.shape[:2], noise).unsqueeze(-1)
    product = positions.split(here.product(positions.joined(noise)))
    return agree(
        positions.split(here.product(positions.joined(factors * noise))), factors * product
    )


def _block_roots(here: Derivatives, positions: OutputPositions) -> torch.Tensor:
    like = positions.split(here.gradient)
    columns = []
    for c in range(like.shape[-1]):
        unit = torch.zeros_like(like)
        unit[..., c] = 1.0
        columns.append(positions.split(here.product(positions.joined(unit))))
    matrices = torch.stack(columns, -1).to(sum_dtype(like)) * len(like)
    values, directions = torch.linalg.eigh((matrices + matrices.mT) / 2)
    limit = 1e3 * torch.finfo(here.gradient.dtype).eps * float(values.abs().max())
    if bool((values < -limit).any()):
        raise ValueError(
            f"criterion : reçu une perte de courbure {float(values.min()):.3g} par rapport à "
            "la sortie ; attendu une perte convexe par rapport à la sortie."
        )
    return directions * values.clamp(min=0).sqrt().unsqueeze(-2)


def _curved_elsewhere(loss: BatchLoss) -> bool:
    """Dit si une perte plate en la sortie est courbe ailleurs (Huber, loin de sa cible)."""
    values = loss.values.detach()
    probes = [values.roll(1, 0), 0.9 * values, 1e-3 * values]
    target = loss.target
    if isinstance(target, torch.Tensor) and target.numel() == values.numel():
        probes.append(target.to(values).reshape(values.shape))
    noise = fixed_noise(values.shape, values)
    for probe in probes:
        try:
            product = Derivatives(loss.changed(probe)).product(noise)
        except ValueError:
            continue
        if bool(product.any()):
            return True
    return False
