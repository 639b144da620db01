"""Les lignes d'un poids : une par neurone de sortie, quelle que soit la couche qui le range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import torch
from torch import nn

from pruning_core.weights.users import users_of

TRANSPOSED_CONVOLUTIONS = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)

_MATRIX_LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED_CONVOLUTIONS)


@dataclass(frozen=True)
class RowLayout:
    """Comment un poids se range en lignes [R, C], une par neurone de sortie, et se remet en place.

    Attributes
    ----------
    shape : torch.Size
        Forme du poids.
    groups : int
        Nombre de groupes d'une convolution transposée ; ses lignes se suivent groupe par groupe.
    inputs_first : bool
        Faux pour [sorties, entrées, ...], comme `nn.Linear` et les convolutions ; vrai pour
        [entrées, sorties / groupes, ...], comme les convolutions transposées et la `Conv1D` de
        transformers.
    """

    shape: torch.Size
    groups: int = 1
    inputs_first: bool = False

    @property
    def count(self) -> int:
        """Nombre R de lignes."""
        if self.inputs_first:
            return self.groups * self.shape[1]
        return self.shape[0] if self.shape else 1

    @property
    def width(self) -> int:
        """Nombre C de colonnes ; pour une convolution, rangées par (entrée, place du noyau)."""
        if self.inputs_first:
            return self.shape[0] // self.groups * prod(self.shape[2:])
        return prod(self.shape[1:])

    def to_rows(self, weights: torch.Tensor) -> torch.Tensor:
        """Range des poids en lignes : [..., *shape] -> [..., R, C]."""
        batch = weights.shape[: weights.ndim - len(self.shape)]
        if self.inputs_first:
            # [G, I/G, O/G, noyau] -> [G, O/G, I/G, noyau]
            inputs, outputs, *kernel = self.shape
            blocks = (self.groups, inputs // self.groups, outputs, prod(kernel))
            weights = weights.reshape(*batch, *blocks).transpose(-3, -2)
        return weights.reshape(*batch, self.count, self.width)

    def from_rows(self, rows: torch.Tensor) -> torch.Tensor:
        """Remet des lignes à leurs places : [..., R, C] -> [..., *shape]."""
        batch = rows.shape[:-2]
        if self.inputs_first:
            inputs, outputs, *kernel = self.shape
            blocks = (self.groups, outputs, inputs // self.groups, prod(kernel))
            rows = rows.reshape(*batch, *blocks).transpose(-3, -2)
        return rows.reshape((*batch, *self.shape))


def row_layout(model: nn.Module, name: str) -> RowLayout:
    """Disposition en lignes d'un paramètre du modèle.

    Hors des couches qui rangent leurs entrées d'abord (convolutions transposées, `Conv1D` de
    transformers), une ligne est ce que porte un indice de la première dimension.

    Raises
    ------
    ValueError
        Si des couches qui partagent ce poids ne le rangent pas de la même façon.
    """
    parameter = dict(model.named_parameters(remove_duplicate=False))[name]
    layout = common_layout(model, parameter)
    if layout is None:
        raise ValueError(
            f"{name} : reçu un poids que partagent des couches qui n'ont pas les mêmes lignes "
            "(l'une range ses sorties d'abord, l'autre ses entrées) ; attendu un poids dont chaque "
            "ligne est un neurone de sortie. Élaguez-le sans lignes (global_masks, "
            "layerwise_masks), ou laissez-le de côté."
        )
    return layout


def common_layout(model: nn.Module, parameter: nn.Parameter) -> RowLayout | None:
    """Disposition que donnent à un paramètre tous les modules qui le portent ; sinon `None`."""
    return layout_in(users_of(model, parameter), parameter.shape)


def layout_in(users: Iterable[tuple[nn.Module, str]], shape: torch.Size) -> RowLayout | None:
    """Disposition que des modules donnent à leur paramètre de ce nom, si c'est la même."""
    found = {_layout(module, attribute, shape) for module, attribute in users}
    return found.pop() if len(found) == 1 else None


def _layout(module: nn.Module, attribute: str, shape: torch.Size) -> RowLayout:
    if attribute == "weight" and isinstance(module, TRANSPOSED_CONVOLUTIONS):
        return RowLayout(shape, module.groups, inputs_first=True)
    if attribute == "weight" and is_transformers_conv1d(module):
        return RowLayout(shape, inputs_first=True)
    return RowLayout(shape)


def is_matrix_layer(module: nn.Module) -> bool:
    """Dit si la sortie d'un module est, à chaque position, W a + b : linéaire ou convolutif."""
    return isinstance(module, _MATRIX_LAYERS) or is_transformers_conv1d(module)


def is_transformers_conv1d(module: nn.Module) -> bool:
    """Dit si un module est la `Conv1D` de GPT-2 : linéaire, de poids [entrées, sorties].

    Elle se reconnaît à son nom et à ses attributs, sans importer transformers.
    """
    named = any(parent.__name__ == "Conv1D" for parent in type(module).__mro__)
    if not named:
        return False
    # Le paramètre d'abord : un poids tenu ou reparamétré se recalcule à chaque lecture.
    weight = module._parameters.get("weight", None)
    weight = getattr(module, "weight", None) if weight is None else weight
    return (
        isinstance(weight, torch.Tensor)
        and weight.ndim == 2
        and getattr(module, "nf", None) == weight.shape[1]
    )
