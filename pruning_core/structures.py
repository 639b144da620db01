"""Des tenseurs rangés en structure : couple, liste, dictionnaire, les uns dans les autres."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

WAY_OUT = (
    "Batches(loader, forward=lambda model, batch: ..., target=lambda batch: ...) dit comment le "
    "modèle lit un lot."
)
"""Ce que proposent les refus quand les données n'ont pas la forme (x, y), ou la sortie d'autre."""


def map_leaves(structure: Any, change: Callable[[Any], Any]) -> Any:
    """Structure de même forme, dont chaque feuille est changée.

    Un `Mapping` de toute sorte devient un dictionnaire.

    Raises
    ------
    TypeError
        Si elle contient une `PackedSequence`, qui ne se coupe pas par exemple.
    """
    if isinstance(structure, PackedSequence):
        raise TypeError(
            "lot : reçu une PackedSequence ; attendu des séquences complétées et leurs longueurs, "
            "à réunir par pack_padded_sequence dans le modèle ou dans `forward`. " + WAY_OUT
        )
    if isinstance(structure, Mapping):
        return {key: map_leaves(value, change) for key, value in structure.items()}
    if isinstance(structure, (tuple, list)):
        values = [map_leaves(value, change) for value in structure]
        if isinstance(structure, list):
            return values
        return type(structure)(*values) if hasattr(structure, "_fields") else tuple(values)
    return change(structure)


def map_tensors(structure: Any, change: Callable[[torch.Tensor], Any]) -> Any:
    """La même, en ne changeant que les tenseurs ; voir `map_leaves`."""
    return map_leaves(structure, lambda leaf: change(leaf) if _is_tensor(leaf) else leaf)


def tensors_of(structure: Any) -> list[torch.Tensor]:
    """Tous les tenseurs d'une structure, dans l'ordre."""
    found: list[torch.Tensor] = []
    map_tensors(structure, found.append)
    return found


def _is_tensor(leaf: object) -> bool:
    return isinstance(leaf, torch.Tensor)


@dataclass(frozen=True)
class _Leaf:
    shape: torch.Size

    def of(self, columns: torch.Tensor) -> torch.Tensor:
        return columns.reshape(-1, *self.shape)


@dataclass(frozen=True)
class Output:
    """Ce que rend le modèle pour un lot : un tenseur, une ligne par exemple.

    Attributes
    ----------
    values : Tensor [N, ...]
        La sortie elle-même si c'est un tenseur ; sinon tous ses tenseurs, à plat : [N, D], dans le
        type commun où torch les met.
    layout : structure, ou None
        Comment ranger de nouveau les colonnes de `values` ; None pour un seul tenseur.
    """

    values: torch.Tensor
    layout: Any = None

    @classmethod
    def of(cls, result: Any, count: int) -> Output:
        """Met à plat ce que rend un modèle pour `count` exemples.

        Raises
        ------
        TypeError
            Si ce n'est ni un tenseur flottant, ni une structure ordinaire de tels tenseurs.
        ValueError
            Si un tenseur n'a pas une ligne par exemple.
        """
        if isinstance(result, torch.Tensor):
            return cls(_check_rows(result, count))
        plain = type(result) in (dict, OrderedDict, list) or isinstance(result, tuple)
        tensors = tensors_of(result) if plain else []
        if not tensors:
            raise TypeError(
                f"model : reçu une sortie de type {type(result).__name__} ; attendu un tenseur, un "
                "couple, une liste ou un dictionnaire de tenseurs. Choisissez-les par `forward` : "
                + WAY_OUT
            )
        flat = [_check_rows(tensor, count).reshape(count, -1) for tensor in tensors]
        layout = map_tensors(result, lambda tensor: _Leaf(tensor.shape[1:]))
        return cls(torch.cat(flat, 1), layout)

    @property
    def kind(self) -> str:
        """Le type de ce que rend le modèle."""
        return "Tensor" if self.layout is None else type(self.layout).__name__

    def detached(self) -> Output:
        """La même, hors du graphe d'autograd."""
        return replace(self, values=self.values.detach())

    def restored(self, values: torch.Tensor) -> Any:
        """Valeurs [n, ...] rangées comme le modèle les rend ; n peut différer de N."""
        if self.layout is None:
            return values
        columns = iter(values.split(self._widths(), 1))
        return map_leaves(
            self.layout, lambda leaf: leaf.of(next(columns)) if isinstance(leaf, _Leaf) else leaf
        )

    def _widths(self) -> list[int]:
        widths: list[int] = []
        map_leaves(
            self.layout,
            lambda leaf: widths.append(leaf.shape.numel()) if isinstance(leaf, _Leaf) else None,
        )
        return widths


def _check_rows(tensor: torch.Tensor, count: int) -> torch.Tensor:
    if not tensor.is_floating_point():
        raise TypeError(
            f"model : reçu une sortie de type {tensor.dtype} ; attendu un tenseur à virgule "
            "flottante. Choisissez-le par `forward` : " + WAY_OUT
        )
    if tensor.ndim == 0 or len(tensor) != count:
        raise ValueError(
            f"model : reçu une sortie de forme {tuple(tensor.shape)} pour {count} exemples ; "
            "attendu une ligne par exemple (première dimension). Sinon : " + WAY_OUT
        )
    return tensor
