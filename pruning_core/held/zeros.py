"""Les zéros d'un poids élagué : où ils sont, et comment les imposer vite à un tenseur."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import torch

_INTEGERS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


class Zeros:
    """Les places élaguées d'un poids.

    Sur le processeur, `masked_fill_` n'est pas vectorisé : on y efface par un « et » bit à bit, dix
    fois plus rapide, avec un masque d'entiers de la taille du poids. Il donne +0 lui aussi, de NaN
    comme de −1, ce que ne fait pas une multiplication.

    Attributes
    ----------
    where : Tensor
        Booléen, de la forme du poids (vrai = élagué).
    """

    def __init__(self, where: torch.Tensor) -> None:
        self.where = where
        self._kept_bits: torch.Tensor | None = None

    @classmethod
    def union(cls, several: Iterable[Zeros]) -> Zeros:
        """Les places élaguées par l'un ou l'autre ; lui-même s'il est seul."""
        first, *others = several
        where = first.where
        for other in others:
            where = where | other.where.to(where.device)
        return cls(where) if others else first

    def follow(self, parameter: torch.Tensor) -> None:
        """Se met sur le périphérique d'un paramètre, et à sa taille."""
        if parameter.is_meta:
            return
        with torch.inference_mode(False):
            self.where = self.where.to(parameter.device)
            self._kept_bits = _kept_bits(self.where, parameter)

    def impose(self, tensor: torch.Tensor) -> None:
        """Annule sur place ce qui est élagué, sans qu'autograd y voie un changement.

        Les zéros n'y remplacent que ce qui n'aurait pas dû y être : une rétropropagation en
        attente, qui a lu des zéros, reste juste.
        """
        data = tensor.data
        bits = self._bits_for(data)
        if bits is not None:
            data.view(bits.dtype).bitwise_and_(bits)
        else:
            data.masked_fill_(self.where.to(data.device), 0.0)

    def masked(self, tensor: torch.Tensor) -> torch.Tensor:
        """Le tenseur, nul là où c'est élagué ; autograd et les graphes le voient."""
        where = self.where
        if where.device != tensor.device:
            where = where.to(tensor.device)
        return tensor.masked_fill(where, 0.0)

    def masked_gradient(self, gradient: torch.Tensor) -> torch.Tensor:
        """Le gradient, nul là où c'est élagué ; creux s'il l'est (celui d'un plongement)."""
        if gradient.is_sparse:
            return self._masked_sparse(gradient)
        bits = None if gradient.requires_grad else self._bits_for(gradient)
        if bits is not None:
            # vmap (is_grads_batched) ne sait pas relire des flottants en entiers.
            with suppress(RuntimeError):
                return gradient.view(bits.dtype).bitwise_and(bits).view(gradient.dtype)
        return self.masked(gradient)

    def _masked_sparse(self, gradient: torch.Tensor) -> torch.Tensor:
        gradient = gradient.coalesce()
        indices = gradient.indices()
        values = gradient.values().masked_fill(self.where[tuple(indices)], 0.0)
        return torch.sparse_coo_tensor(
            indices, values, gradient.shape, check_invariants=False, is_coalesced=True
        )

    def _bits_for(self, tensor: torch.Tensor) -> torch.Tensor | None:
        """Le masque d'entiers, s'il convient à un tenseur."""
        bits = self._kept_bits
        fits = (
            bits is not None
            and type(tensor) is torch.Tensor
            and tensor.is_floating_point()
            and tensor.device == bits.device
            and tensor.element_size() == bits.element_size()
        )
        return bits if fits else None

    def __getstate__(self) -> dict[str, Any]:
        # Le masque d'entiers se refait : il n'alourdit ni les copies ni les fichiers.
        return {"where": self.where, "_kept_bits": None}


def _kept_bits(where: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor | None:
    """Tous les bits à 1 là où l'on garde, à 0 ailleurs ; rien hors du processeur."""
    integer = _INTEGERS.get(parameter.element_size())
    if parameter.device.type != "cpu" or integer is None:
        return None
    return torch.zeros_like(parameter.data, dtype=integer).masked_fill_(~where, -1)
