"""La perte d'un lot, vue comme une fonction de la seule sortie du modèle, et ses dérivées."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from pruning_core.passes import sum_dtype
from pruning_core.structures import WAY_OUT, Output, map_tensors, tensors_of
from pruning_core.types import Criterion


def loss_of(criterion: Criterion, output: Output, target: Any) -> torch.Tensor:
    """Perte d'une sortie, que la fonction de perte reçoit comme le modèle la rend.

    Raises
    ------
    TypeError
        Si c'est une classe, si les lots n'ont pas de cible, si la fonction ne lit pas une telle
        sortie, ou si elle ne rend pas un scalaire.
    ValueError
        Si elle échoue sur cette sortie et cette cible.
    """
    if isinstance(criterion, type) or not callable(criterion):
        raise TypeError(
            f"criterion : reçu {criterion!r} ; attendu une fonction (sortie, cible) -> perte, par "
            "exemple nn.CrossEntropyLoss(), avec ses parenthèses."
        )
    if target is None:
        raise TypeError(
            "train_loader : reçu des lots sans cible ; attendu Batches(loader, forward=..., "
            "target=lambda batch: ...), ce que lit la fonction de perte après la sortie."
        )
    try:
        loss = criterion(output.restored(output.values), target)
    except Exception as error:
        raise _unread(output, target, error) from error
    if not isinstance(loss, torch.Tensor) or loss.ndim != 0:
        shape = tuple(loss.shape) if isinstance(loss, torch.Tensor) else type(loss).__name__
        raise TypeError(
            f"criterion : reçu une perte de forme {shape} ; attendu un scalaire, la moyenne "
            "du lot (reduction='mean')."
        )
    return loss


def _unread(output: Output, target: Any, error: Exception) -> Exception:
    """L'erreur française d'une perte qui ne lit pas sa sortie ou sa cible."""
    if output.layout is not None:
        return TypeError(
            f"model : reçu une sortie de type {output.kind}, que la fonction de perte ne lit pas "
            f"({error}) ; attendu un tenseur, ou une perte qui lise toute la sortie. Pour en "
            "choisir une partie : " + WAY_OUT
        )
    read = " et ".join(f"{tuple(t.shape)} ({t.dtype})" for t in tensors_of(target))
    return ValueError(
        f"criterion : reçu une sortie de forme {tuple(output.values.shape)} "
        f"({output.values.dtype}) et une cible de forme {read} ; attendu celles que "
        f"lit la fonction de perte, qui échoue : {error}"
    )


def check_loss(loss: torch.Tensor) -> torch.Tensor:
    """Vérifie qu'une perte est finie et la rend.

    Raises
    ------
    ValueError
        Si elle ne l'est pas.
    """
    if not bool(torch.isfinite(loss)):
        raise ValueError(
            f"criterion : reçu une perte de {loss.item()} ; attendu un nombre fini. Un lot dont "
            "toutes les cibles sont ignorées (ignore_index) n'a pas de perte : ôtez-le."
        )
    return loss


@dataclass(frozen=True)
class BatchLoss:
    """La perte d'un lot, en fonction des valeurs [N, ...] de sa sortie.

    Attributes
    ----------
    criterion : fonction (sortie, cible) -> perte du lot
    output : Output
        La sortie du lot, et comment la ranger de nouveau.
    target : structure de Tensor [N, ...]
    """

    criterion: Criterion
    output: Output
    target: Any

    @property
    def values(self) -> torch.Tensor:
        """Les valeurs de la sortie, [N, ...]."""
        return self.output.values

    def __call__(self, values: torch.Tensor) -> torch.Tensor:
        return loss_of(self.criterion, replace(self.output, values=values), self.target)

    def twice(self) -> BatchLoss:
        """La même, sur le lot pris deux fois."""
        return self.changed(
            torch.cat([self.values, self.values]),
            map_tensors(self.target, lambda tensor: torch.cat([tensor, tensor])),
        )

    def changed(self, values: torch.Tensor | None = None, target: Any = None) -> BatchLoss:
        """La même, avec d'autres valeurs ou une autre cible."""
        output = self.output if values is None else replace(self.output, values=values)
        return BatchLoss(self.criterion, output, self.target if target is None else target)


class Derivatives:
    """Gradient d'une perte par rapport à la sortie, et produits par sa hessienne.

    Raises
    ------
    ValueError
        Si la perte n'est pas finie, ou ne dépend pas de la sortie.

    Attributes
    ----------
    loss : BatchLoss
    value : float
    gradient : Tensor, de la forme de la sortie
    """

    def __init__(self, loss: BatchLoss) -> None:
        self.loss = loss
        with torch.enable_grad():
            self._leaf = loss.values.detach().clone().requires_grad_()
            value = check_loss(loss(self._leaf))
            if not value.requires_grad:
                raise ValueError(
                    "criterion : reçu une perte qui ne dépend pas de la sortie du modèle ; attendu "
                    "une perte que l'on puisse dériver."
                )
            (self._slope,) = torch.autograd.grad(
                value, self._leaf, create_graph=True, materialize_grads=True
            )
        self.value = value.item()
        self.gradient = self._slope.detach()

    @classmethod
    def precise(cls, loss: BatchLoss) -> Derivatives:
        """Les mêmes, en float32 au moins : une demi-précision cacherait une petite courbure."""
        short = loss.values.dtype
        if sum_dtype(loss.values) != short:
            wide = map_tensors(loss.target, lambda t: t.float() if t.dtype == short else t)
            try:
                return cls(loss.changed(loss.values.float(), wide))
            except (ValueError, RuntimeError):
                # La perte a ses propres tenseurs de ce type, des poids de classes par exemple.
                return cls(loss)
        return cls(loss)

    def product(self, vector: torch.Tensor) -> torch.Tensor:
        """Produit de la hessienne par un vecteur de la forme de la sortie.

        Raises
        ------
        ValueError
            Si la perte ne se dérive pas deux fois.
        """
        if not self._slope.requires_grad:
            return torch.zeros_like(self.gradient)
        try:
            (found,) = torch.autograd.grad(
                self._slope, self._leaf, vector, retain_graph=True, materialize_grads=True
            )
        except (RuntimeError, NotImplementedError) as error:
            raise ValueError(
                f"criterion : reçu une perte que torch ne dérive pas deux fois ({error}) ; attendu "
                "une perte deux fois dérivable par rapport à la sortie."
            ) from error
        return found.detach()


def fixed_noise(shape: torch.Size, like: torch.Tensor) -> torch.Tensor:
    """Réels de signes et de tailles quelconques, toujours les mêmes : |u| entre 1/2 et 3/2."""
    generator = torch.Generator().manual_seed(0)
    size = torch.rand(shape, generator=generator) + 0.5
    sign = torch.randint(0, 2, shape, generator=generator) * 2 - 1
    return (size * sign).to(like)


def fixed_factors(shape: torch.Size, like: torch.Tensor) -> torch.Tensor:
    """Puissances de deux de signes quelconques, toujours les mêmes, entre 1/8 et 8.

    Multiplier par elles n'arrondit rien : une perte dont il ne reste presque rien, que l'arrondi
    domine, ne passe pas pour mêler les exemples.
    """
    generator = torch.Generator().manual_seed(1)
    exponent = torch.randint(-3, 4, shape, generator=generator)
    sign = torch.randint(0, 2, shape, generator=generator) * 2 - 1
    return (sign * torch.pow(2.0, exponent)).to(like)


def tolerance_of(tensor: torch.Tensor) -> float:
    """Écart relatif que l'arrondi explique, pour un type."""
    return min(200 * torch.finfo(tensor.dtype).eps, 0.1)


def agree(found: torch.Tensor, expected: torch.Tensor) -> bool:
    """Dit si deux tenseurs sont égaux à l'arrondi près, d'après le plus grand nombre attendu."""
    scale = float(expected.abs().max()) if expected.numel() else 0.0
    return bool(((found - expected).abs() <= tolerance_of(expected) * scale).all())
