"""Retenir ce qui entre dans chaque couche et ce qui en revient, pour former les gradients.

Une couche linéaire d'entrée a et de gradient de sortie b a pour gradient b aᵀ ; une convolution, ou
une couche appelée à plusieurs positions, le somme sur ses positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from pruning_core.batches import Batch
from pruning_core.curvature.convolutions import CONVOLUTIONS, input_patches, output_positions
from pruning_core.passes import sum_dtype
from pruning_core.structures import Output
from pruning_core.weights.rows import common_layout, is_matrix_layer


@dataclass(frozen=True)
class Positions:
    """Entrées et gradients de sortie d'un poids, par exemple et par position.

    Attributes
    ----------
    inputs : Tensor [N, G, P, I]
        N exemples, G groupes (1 hors convolution groupée), P positions, I entrées.
    outputs : Tensor [N, G, P, O]
        Les gradients de sortie qui leur répondent.
    """

    inputs: torch.Tensor
    outputs: torch.Tensor

    def gradients(self) -> torch.Tensor:
        """Gradient de chaque exemple, [N, G·O, I], sommé sur les positions."""
        outputs = self.outputs.transpose(-1, -2)
        single = self.inputs.shape[2] == 1
        return (outputs * self.inputs if single else outputs @ self.inputs).flatten(1, 2)

    def chunks(self, elements: int) -> Iterator[torch.Tensor]:
        """Les mêmes, [n, G·O, I], par paquets d'exemples de quelque `elements` nombres."""
        _, groups, _, rows = self.outputs.shape
        size = max(1, elements // max(groups * rows * self.inputs.shape[-1], 1))
        for inputs, outputs in zip(self.inputs.split(size), self.outputs.split(size), strict=True):
            yield Positions(inputs, outputs).gradients()

    def total(self) -> torch.Tensor:
        """Gradient de tous les exemples ensemble, [G·O, I]."""
        inputs, outputs = (t.transpose(0, 1).flatten(1, 2) for t in (self.inputs, self.outputs))
        return (outputs.transpose(-1, -2) @ inputs).flatten(0, 1)


@dataclass(frozen=True)
class _Call:
    layer: nn.Module
    inputs: torch.Tensor
    outputs: torch.Tensor


class Recorder:
    """Passage avant qui retient les entrées et les sorties des couches linéaires et convolutives.

    Parameters
    ----------
    model : nn.Module
    parameters : dict[str, nn.Parameter]
        Les poids voulus ; seuls ceux que portent des couches linéaires ou convolutives, et elles
        seules, de mêmes lignes, sont retenus.
    biased : noms de poids, optionnel
        Ceux dont les entrées reçoivent une dernière colonne de 1 : celle du biais.

    Attributes
    ----------
    names : list[str]
        Poids retenus par le dernier passage : leurs couches ont toutes été appelées, avec les
        exemples en première dimension.
    """

    def __init__(
        self,
        model: nn.Module,
        parameters: Mapping[str, nn.Parameter],
        biased: Collection[str] = (),
    ) -> None:
        users: dict[int, list[tuple[nn.Module, str]]] = defaultdict(list)
        for module in model.modules():
            for attribute, parameter in module.named_parameters(recurse=False):
                users[id(parameter)].append((module, attribute))
        self._users = {
            name: users[id(parameter)]
            for name, parameter in parameters.items()
            if all(is_matrix_layer(m) for m, _ in users[id(parameter)])
            and common_layout(model, parameter) is not None
        }
        self._model = model
        self._biased = biased
        self.names: list[str] = []

    def forward(self, batch: Batch) -> Output:
        """Sortie du modèle pour un lot, en retenant les appels."""
        self._calls: dict[nn.Module, list[_Call]] = {}
        self._inputs: dict[str, torch.Tensor] = {}
        handles: list[RemovableHandle] = []
        try:
            for layer in {layer for users in self._users.values() for layer, _ in users}:
                handles.append(layer.register_forward_hook(self._record))
            output = batch.output(self._model)
        finally:
            for handle in handles:
                handle.remove()
        seen = {
            layer
            for layer, calls in self._calls.items()
            if all(c.inputs.ndim > 1 and len(c.inputs) == len(batch) for c in calls)
        }
        self.names = [n for n, users in self._users.items() if seen.issuperset(m for m, _ in users)]
        self._output = output.values
        return output

    def _record(
        self, layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor
    ) -> torch.Tensor:
        # Rien à retenir : la vérification (voir `exact_parameters`) écartera ce poids.
        if not inputs or not isinstance(output, torch.Tensor) or not output.requires_grad:
            return output
        self._calls.setdefault(layer, []).append(_Call(layer, inputs[0].detach(), output))
        # Une copie : une activation en place (ReLU(inplace=True)) changerait la sortie retenue.
        return output.clone()

    def inputs(self, name: str) -> torch.Tensor:
        """Entrées d'un poids retenu, [N, G, P, I], appels bout à bout ; 1 pour un biais."""
        if name not in self._inputs:
            parts = [
                _inputs(call)
                if attribute == "weight"
                else torch.ones_like(_outputs(call, call.outputs.detach())[..., :1])
                for layer, attribute in self._users[name]
                for call in self._calls[layer]
            ]
            if name in self._biased:
                parts = [torch.cat([p, p.new_ones(*p.shape[:-1], 1)], -1) for p in parts]
            self._inputs[name] = _end_to_end(parts)
        return self._inputs[name]

    def backward(self, vectors: torch.Tensor) -> dict[str, Positions]:
        """Entrées et gradients de sortie de chaque poids retenu, pour les v_i donnés.

        Parameters
        ----------
        vectors : Tensor, de la forme de `Output.values`
        """
        calls = [call for group in self._calls.values() for call in group]
        if not calls:
            return {}
        gradients = torch.autograd.grad(
            self._output,
            [call.outputs for call in calls],
            vectors,
            retain_graph=True,
            materialize_grads=True,
        )
        outputs: dict[nn.Module, list[torch.Tensor]] = defaultdict(list)
        for call, gradient in zip(calls, gradients, strict=True):
            outputs[call.layer].append(_outputs(call, gradient))
        return {
            name: Positions(
                self.inputs(name),
                _end_to_end([part for layer, _ in self._users[name] for part in outputs[layer]]),
            )
            for name in self.names
        }


def _inputs(call: _Call) -> torch.Tensor:
    """Entrées que voit chaque position du poids, [N, G, P, I]."""
    inputs = call.inputs.to(sum_dtype(call.outputs))
    if isinstance(call.layer, CONVOLUTIONS):
        return input_patches(call.layer, inputs, call.outputs.shape[2:])
    return inputs.reshape(len(inputs), 1, -1, inputs.shape[-1])


def _outputs(call: _Call, values: torch.Tensor) -> torch.Tensor:
    """Valeurs de la forme de la sortie, à chaque position, [N, G, P, O]."""
    values = values.to(sum_dtype(values))
    if isinstance(call.layer, CONVOLUTIONS):
        return output_positions(call.layer, values)
    return values.reshape(len(values), 1, -1, values.shape[-1])


def _end_to_end(parts: list[torch.Tensor]) -> torch.Tensor:
    """Positions de plusieurs appels ; celles d'un seul, sans copie."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, 2)
