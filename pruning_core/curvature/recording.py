"""Retenir ce qui entre dans chaque couche et ce qui en revient, pour former les gradients.

Une couche linéaire d'entrée a et de gradient de sortie b a pour gradient b aᵀ ; une convolution, ou
une couche appelée à plusieurs positions, le somme sur ses positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.differentiating import gradients_of
from pruning_core.curvature.layer_calls import (
    RecordedCall,
    has_rows_for,
    inputs_of,
    is_affine,
    is_as_told,
    outputs_of,
)
from pruning_core.differentiable import without_draws
from pruning_core.structures import Output
from pruning_core.weights.rows import layout_in


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

    def part(self, rows: slice) -> Positions:
        """Une tranche d'exemples : des vues."""
        return Positions(self.inputs[rows], self.outputs[rows])


class Recorder:
    """Passage avant qui retient les entrées et les sorties des couches linéaires et convolutives.

    Seules sont retenues les couches que torch calcule : celles dont une sous-classe réécrit
    `forward`, ou dont le poids lu n'est pas le paramètre, ne sont pas forcément linéaires.

    Parameters
    ----------
    model : nn.Module
    parameters : dict[str, nn.Parameter]
        Les poids voulus ; seuls ceux que portent de telles couches, et elles seules, de mêmes
        lignes, sont retenus.
    biased : noms de poids, optionnel
        Ceux dont les entrées reçoivent une dernière colonne de 1 : celle du biais.

    Attributes
    ----------
    users : dict[str, list[tuple[nn.Module, str]]]
        Les couches de chaque poids, et le nom qu'elles lui donnent.
    calls : list[RecordedCall]
        Les appels du dernier passage.
    names : list[str]
        Poids retenus par le dernier passage : leurs couches ont toutes été appelées, sur autant de
        lignes par exemple.
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
        self.users = {
            name: users[id(parameter)]
            for name, parameter in parameters.items()
            if all(
                is_affine(module) and getattr(module, attribute) is parameter
                for module, attribute in users[id(parameter)]
            )
            and layout_in(users[id(parameter)], parameter.shape) is not None
        }
        self._model = model
        self._biased = biased
        self.calls: list[RecordedCall] = []
        self.names: list[str] = []

    def forward(self, batch: Batch) -> Output:
        """Sortie du modèle pour un lot, en retenant les appels."""
        self.calls = []
        self._count = len(batch)
        self._inputs: dict[str, torch.Tensor] = {}
        layers = {layer for users in self.users.values() for layer, _ in users}
        try:
            for layer in layers:
                # Mieux qu'un « hook » : rien ne s'intercale, et layer.forward(x) se voit aussi.
                layer.forward = partial(self._call, layer)
            with without_draws(self._model):
                output = batch.output(self._model)
        finally:
            for layer in layers:
                layer.__dict__.pop("forward", None)
        fitting = {call.layer: True for call in self.calls}
        for call in self.calls:
            kept = call.inputs._version == call.version
            fitting[call.layer] &= kept and has_rows_for(call, len(batch))
        self.names = [
            name for name, users in self.users.items() if all(fitting.get(m) for m, _ in users)
        ]
        self._output = output.values
        return output

    def _call(self, layer: nn.Module, *args: Any, **kwargs: Any) -> torch.Tensor:
        output: torch.Tensor = type(layer).forward(layer, *args, **kwargs)
        inputs = args[0] if args else kwargs.get("input")
        # Un appel sans gradient n'a rien à retenir.
        if inputs is None or not output.requires_grad or not is_as_told(layer, inputs, output):
            return output
        self.calls.append(RecordedCall(layer, inputs, output, inputs._version))
        # Une copie : une activation en place (ReLU(inplace=True)) changerait la sortie retenue.
        return output.clone()

    def gradients(self, vectors: torch.Tensor) -> list[torch.Tensor]:
        """Gradient de chaque sortie retenue, dans l'ordre de `calls`, pour les v_i donnés.

        Parameters
        ----------
        vectors : Tensor, de la forme de `Output.values`
        """
        if not self.calls:
            return []
        return gradients_of(self._output, [call.outputs for call in self.calls], vectors)

    def positions(
        self, names: Collection[str], gradients: Sequence[torch.Tensor]
    ) -> dict[str, Positions]:
        """Entrées et gradients de sortie de quelques poids retenus ; voir `gradients`."""
        outputs: dict[nn.Module, list[torch.Tensor]] = defaultdict(list)
        wanted = {layer for name in names for layer, _ in self.users[name]}
        for call, gradient in zip(self.calls, gradients, strict=True):
            if call.layer in wanted:
                outputs[call.layer].append(self._by_example(outputs_of(call, gradient)))
        return {
            name: Positions(
                self.inputs(name),
                _end_to_end([part for layer, _ in self.users[name] for part in outputs[layer]]),
            )
            for name in names
        }

    def inputs(self, name: str) -> torch.Tensor:
        """Entrées d'un poids retenu, [N, G, P, I], appels bout à bout ; 1 pour un biais."""
        if name not in self._inputs:
            parts = [
                self._by_example(
                    inputs_of(call)
                    if attribute == "weight"
                    else torch.ones_like(outputs_of(call, call.outputs.detach())[..., :1])
                )
                for layer, attribute in self.users[name]
                for call in self.calls
                if call.layer is layer
            ]
            if name in self._biased:
                parts = [torch.cat([p, p.new_ones(*p.shape[:-1], 1)], -1) for p in parts]
            self._inputs[name] = _end_to_end(parts)
        return self._inputs[name]

    def owned(self, name: str) -> list[nn.Parameter]:
        """Les paramètres dont `positions` rend le gradient : le poids, et ses biais s'il en a."""
        layer, attribute = self.users[name][0]
        weight: nn.Parameter = getattr(layer, attribute)
        if name not in self._biased:
            return [weight]
        biases = {id(m.bias): m.bias for m, _ in self.users[name] if m.bias is not None}
        return [weight, *biases.values()]  # type: ignore[list-item]

    def _by_example(self, rows: torch.Tensor) -> torch.Tensor:
        """[N·K, G, P, ·] -> [N, G, K·P, ·] : K lignes de suite pour chaque exemple."""
        if len(rows) == self._count:
            return rows
        return rows.unflatten(0, (self._count, -1)).transpose(1, 2).flatten(2, 3)


def _end_to_end(parts: list[torch.Tensor]) -> torch.Tensor:
    """Positions de plusieurs appels ; celles d'un seul, sans copie."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, 2)
