"""Lire ce qui entre dans des couches, d'après le seul passage avant.

À chacune de ses positions, une couche linéaire ou convolutive rend W a + b. Seul compte ici
l'ensemble des entrées a que reçoit un poids : peu importe de quel exemple elles viennent, et leur
rang.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from pruning_core.batches import Batch
from pruning_core.curvature.convolutions import CONVOLUTIONS, input_patches, output_positions
from pruning_core.curvature.layer_calls import is_affine
from pruning_core.differentiable import without_draws
from pruning_core.passes import sum_dtype
from pruning_core.weights.rows import RowLayout, is_matrix_layer, row_layout
from pruning_core.weights.users import users_of

# Nombres d'entrées dépliées à la fois : borne la mémoire d'une convolution.
_CHUNK_ELEMENTS = 2**24

# Les couches dont on sait, sans le vérifier, que la sortie est W a + b : leurs entrées sont les
# leurs, sauf au bord que choisit l'appel d'une convolution transposée.
_PLAIN = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def unreadable(name: str, why: str) -> ValueError:
    """Le refus d'un poids dont on ne peut pas lire les entrées."""
    return ValueError(
        f"parameters : reçu {name}, dont on ne peut pas lire les entrées ({why}) ; attendu des "
        "poids de couches linéaires ou convolutives que le modèle appelle. Laissez-le de côté : "
        "parameters=prunable_parameters(model, names=...)."
    )


@dataclass(frozen=True)
class InputCall:
    """Un appel d'une couche, avant qu'il n'ait lieu : ce qu'elle va lire.

    Attributes
    ----------
    name : str
        Le poids de la couche.
    layer : nn.Module
    layout : RowLayout
        Ses lignes.
    arguments, options
        Ce qu'a reçu la couche.
    """

    name: str
    layer: nn.Module
    layout: RowLayout
    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> torch.Tensor:
        """Le tenseur qu'a reçu la couche.

        Raises
        ------
        ValueError
            Si ce n'est pas un tenseur.
        """
        given = [*self.arguments, *self.options.values()]
        if not given or not isinstance(given[0], torch.Tensor):
            raise unreadable(self.name, "sa couche ne reçoit pas un tenseur")
        return given[0].detach()

    def positions(self) -> Iterator[torch.Tensor]:
        """Entrées a de chaque position, par paquets [G, P, I] : G groupes, P positions.

        Raises
        ------
        ValueError
            Si la sortie de la couche n'est pas W a + b.
        """
        inputs = self.inputs
        inputs = inputs.to(sum_dtype(inputs))
        known = isinstance(self.layer, _PLAIN) and is_affine(self.layer)
        output = None if known else self._output()
        for found, expected in self._chunks(inputs, output):
            if expected is not None:
                self._check(found, expected)
            yield found

    def _output(self) -> torch.Tensor:
        output: torch.Tensor = self.layer.forward(*self.arguments, **self.options)
        return output.detach()

    def _chunks(
        self, inputs: torch.Tensor, output: torch.Tensor | None
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor | None]]:
        layer = self.layer
        if not isinstance(layer, CONVOLUTIONS):
            rows = inputs.reshape(1, -1, inputs.shape[-1])
            outputs = None if output is None else output.reshape(1, -1, output.shape[-1])
            for part in _slices(rows.shape[1], rows.shape[2]):
                yield rows[:, part], None if outputs is None else outputs[:, part]
            return
        if inputs.ndim == 1 + len(layer.kernel_size):  # un exemple seul
            inputs, output = inputs[None], None if output is None else output[None]
        size = inputs.shape[2:] if output is None else output.shape[2:]
        for part in _slices(len(inputs), self.layout.width * layer.groups * size.numel()):
            patches = input_patches(layer, inputs[part], size).transpose(0, 1).flatten(1, 2)
            if output is None:
                yield patches, None
            else:
                yield patches, output_positions(layer, output[part]).transpose(0, 1).flatten(1, 2)

    def _check(self, inputs: torch.Tensor, outputs: torch.Tensor) -> None:
        """Vérifie, sur tout un paquet, que la sortie est bien W a + b."""
        rows = self.layout.to_rows(_tensor(self.layer, "weight")).to(inputs.dtype)
        rows = rows.reshape(len(inputs), -1, rows.shape[1]).transpose(1, 2)
        same = inputs.shape[2] == rows.shape[1] and inputs.shape[1] == outputs.shape[1]
        if same and outputs.numel():
            found = inputs @ rows
            if getattr(self.layer, "bias", None) is not None:
                found += _tensor(self.layer, "bias").to(found.dtype).reshape(len(rows), 1, -1)
            tolerance = torch.finfo(outputs.dtype).eps ** 0.5
            same = bool((found - outputs).abs().max() <= tolerance * found.abs().max())
        if not same:
            kind = type(self.layer).__name__
            raise unreadable(self.name, f"la sortie de {kind} n'est pas W a + b")


def _tensor(layer: nn.Module, attribute: str) -> torch.Tensor:
    value: torch.Tensor = getattr(layer, attribute)
    return value.detach()


def _slices(length: int, width: int) -> Iterator[slice]:
    size = max(1, _CHUNK_ELEMENTS // max(width, 1))
    return (slice(start, start + size) for start in range(0, length, size))


class InputReader:
    """Les couches de certains poids, et de quoi écouter leurs appels.

    Parameters
    ----------
    model : nn.Module
    names : noms de paramètres

    Raises
    ------
    ValueError
        Si un poids n'est pas celui de couches linéaires ou convolutives seulement.
    """

    def __init__(self, model: nn.Module, names: Collection[str]) -> None:
        own = dict(model.named_parameters())
        self._model = model
        self._elsewhere = _UseElsewhere({id(own[name]): name for name in names})
        self._layers: dict[nn.Module, str] = {}
        self._layouts: dict[str, RowLayout] = {}
        self.groups: dict[str, int] = {}
        for name in names:
            for module, attribute in users_of(model, own[name]):
                if attribute != "weight" or not is_matrix_layer(module):
                    raise unreadable(name, f"c'est {attribute} d'un {type(module).__name__}")
                self._layers[module] = name
                self.groups[name] = int(getattr(module, "groups", 1))
            self._layouts[name] = row_layout(model, name)

    def width(self, name: str) -> int:
        """Nombre I d'entrées d'une ligne."""
        return self._layouts[name].width

    def read(self, batch: Batch, listen: Callable[[InputCall], None]) -> None:
        """Fait lire un lot au modèle ; `listen` reçoit chaque appel de ces couches.

        Raises
        ------
        ValueError
            Si un de ces poids sert aussi hors de sa couche, ou si le modèle tire au sort.
        """
        self._elsewhere.calls = 0  # un calcul abandonné a pu ne pas sortir de sa couche
        with self.listening(listen), without_draws(self._model), self._elsewhere:
            batch.result(self._model)

    @contextmanager
    def listening(self, listen: Callable[[InputCall], None]) -> Iterator[None]:
        """Contexte où `listen` reçoit chaque appel de ces couches, juste avant qu'il n'ait lieu."""

        def enter(layer: nn.Module, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
            name = self._layers[layer]
            self._elsewhere.calls += 1
            listen(InputCall(name, layer, self._layouts[name], arguments, options))

        def leave(*_: object) -> None:
            self._elsewhere.calls -= 1

        with ExitStack() as stack:
            for layer in self._layers:
                before = layer.register_forward_pre_hook(enter, with_kwargs=True)
                after = layer.register_forward_hook(leave, always_call=True)
                stack.callback(before.remove)
                stack.callback(after.remove)
            yield


class _UseElsewhere(TorchFunctionMode):
    """Refuse que l'on calcule avec un poids hors d'un appel de sa couche : rien ne l'entendrait.

    Attributes
    ----------
    calls : int
        Nombre d'appels de couches en cours.
    """

    def __init__(self, names: Mapping[int, str]) -> None:
        super().__init__()
        self._names = names
        self.calls = 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Fait le calcul demandé ; lire le type ou la forme d'un poids n'est pas calculer."""
        options = kwargs or {}
        result = func(*args, **options)
        if not self.calls and isinstance(result, torch.Tensor):
            for value in (*args, *options.values()):
                for one in value if isinstance(value, (tuple, list)) else (value,):
                    if id(one) in self._names:
                        name = self._names[id(one)]
                        raise unreadable(name, "le modèle l'emploie aussi hors de layer(x)")
        return result
