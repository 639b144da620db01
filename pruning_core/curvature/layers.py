"""Retenir, couche par couche, de quoi former le gradient de chaque exemple.

Une couche linéaire d'entrée a_i et de gradient de sortie b_i a pour gradient b_i a_iᵀ. Une
convolution, ou une couche appelée à plusieurs positions, somme b aᵀ sur ses positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle

from pruning_core.curvature.losses import check_output

Reduction = Callable[[torch.Tensor], torch.Tensor]
"""φ, élément par élément, avec φ(ab) = φ(a)φ(b) : `torch.square` ou `torch.abs`."""

_Conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
CHUNK_ELEMENTS = 2**24
# Les gradients de quelques exemples, leurs carrés et leur somme tiennent dans le cache.
_CACHED_ELEMENTS = 2**18


@dataclass(frozen=True)
class Positions:
    """Entrées et sorties d'un poids, par exemple et par position.

    `inputs` est de forme [N, G, P, I] : N exemples, G groupes (1 hors convolution groupée),
    P positions, I entrées ; les gradients de sortie qui leur répondent sont [N, G, P, O].
    """

    inputs: torch.Tensor
    output_gradients: torch.Tensor

    def per_sample(self) -> torch.Tensor:
        """Gradient de chaque exemple, [N, G·O, I], sommé sur les positions."""
        gradients = self.output_gradients.transpose(-1, -2) @ self.inputs
        return gradients.flatten(1, 2)

    def summed(self) -> torch.Tensor:
        """Gradient de tous les exemples ensemble, [G·O, I]."""
        inputs, gradients = (
            tensor.transpose(0, 1).flatten(1, 2) for tensor in (self.inputs, self.output_gradients)
        )
        return (gradients.transpose(-1, -2) @ inputs).flatten(0, 1)

    def part(self, samples: slice) -> Positions:
        """Les mêmes, pour une tranche des exemples."""
        return Positions(self.inputs[samples], self.output_gradients[samples])

    def with_bias(self) -> Positions:
        """Les mêmes, avec une dernière entrée constante, égale à 1 : celle du biais."""
        ones = self.inputs.new_ones(*self.inputs.shape[:-1], 1)
        return Positions(torch.cat([self.inputs, ones], -1), self.output_gradients)

    @property
    def is_simple(self) -> bool:
        """Vrai si chaque exemple n'a qu'une position et un groupe : son gradient est b aᵀ."""
        return self.inputs.shape[1:3] == (1, 1)

    def reduced_sum(self, reduction: Reduction) -> torch.Tensor:
        """Σ_i φ(gradient de l'exemple i), [G·O, I]."""
        n, groups, _, width = self.inputs.shape
        total = self.inputs.new_zeros(groups * self.output_gradients.shape[-1], width)
        chunk = max(1, _CACHED_ELEMENTS // max(total.numel(), 1))
        for start in range(0, n, chunk):
            part = slice(start, start + chunk)
            total += reduction(self.part(part).per_sample()).sum(0)
        return total


@dataclass(frozen=True)
class _Call:
    module: nn.Module
    inputs: torch.Tensor
    outputs: torch.Tensor


class Recorder:
    """Passage avant qui retient les entrées et les sorties des couches linéaires et convolutives.

    Parameters
    ----------
    model : nn.Module
    parameters : dict[str, nn.Parameter]
        Les poids voulus ; seuls ceux que des couches linéaires ou convolutives portent sont
        retenus.
    """

    def __init__(self, model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> None:
        self._model = model
        self._users = _exact_users(model, parameters)
        self._calls: dict[int, list[_Call]] = {}
        self._inputs: dict[str, torch.Tensor] = {}
        self._output = torch.empty(0)

    @property
    def names(self) -> list[str]:
        """Noms des poids retenus : leurs couches ont toutes été appelées."""
        return [
            name
            for name, users in self._users.items()
            if all(self._by_sample(module) for module, _ in users)
        ]

    def _by_sample(self, module: nn.Module) -> bool:
        """Dit si le module a été appelé, avec les exemples en première dimension."""
        calls = self._calls.get(id(module), [])
        n = len(self._output)
        return bool(calls) and all(c.inputs.ndim > 1 and len(c.inputs) == n for c in calls)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sortie du modèle pour x, en retenant les appels."""
        modules = {id(m): m for users in self._users.values() for m, _ in users}
        self._calls, self._inputs = {}, {}
        handles: list[RemovableHandle] = []
        try:
            for module in modules.values():
                handles.append(module.register_forward_hook(self._record))
            self._output = check_output(self._model(x), x)
        finally:
            for handle in handles:
                handle.remove()
        return self._output

    def _record(
        self, module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor
    ) -> torch.Tensor:
        # Rien à retenir : la vérification (voir `exact_parameters`) écartera ce poids.
        if not inputs or not isinstance(output, torch.Tensor) or not output.requires_grad:
            return output
        self._calls.setdefault(id(module), []).append(_Call(module, inputs[0].detach(), output))
        # Une copie : une activation en place (ReLU(inplace=True)) changerait la sortie retenue.
        return output.clone()

    def inputs(self, name: str) -> torch.Tensor:
        """Entrées d'un poids retenu, [N, G, P, I], appels bout à bout ; 1 pour un biais."""
        if name not in self._inputs:
            parts = [
                _inputs(call) if attribute == "weight" else _ones(call)
                for module, attribute in self._users[name]
                for call in self._calls[id(module)]
            ]
            self._inputs[name] = _concatenate(parts)
        return self._inputs[name]

    def backward(self, vectors: torch.Tensor) -> dict[str, Positions]:
        """Entrées et gradients de sortie de chaque poids retenu, pour les v_i donnés.

        Parameters
        ----------
        vectors : Tensor, de la forme de la sortie
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
        by_module: dict[int, list[torch.Tensor]] = defaultdict(list)
        for call, gradient in zip(calls, gradients, strict=True):
            by_module[id(call.module)].append(_outputs(call, gradient))
        return {
            name: Positions(
                self.inputs(name),
                _concatenate([g for module, _ in self._users[name] for g in by_module[id(module)]]),
            )
            for name in self.names
        }


def _exact_users(
    model: nn.Module, parameters: Mapping[str, nn.Parameter]
) -> dict[str, list[tuple[nn.Module, str]]]:
    """Pour chaque poids que seules portent des couches linéaires ou convolutives, ces couches."""
    users: dict[int, list[tuple[nn.Module, str]]] = defaultdict(list)
    for module in model.modules():
        for attribute, parameter in module.named_parameters(recurse=False):
            users[id(parameter)].append((module, attribute))
    return {
        name: users[id(parameter)]
        for name, parameter in parameters.items()
        if all(isinstance(module, (nn.Linear, *_Conv)) for module, _ in users[id(parameter)])
    }


def _inputs(call: _Call) -> torch.Tensor:
    """Entrées que voit chaque position du poids, [N, G, P, I]."""
    inputs = call.inputs.to(accumulator(call.outputs))
    if isinstance(call.module, nn.Linear):
        return inputs.reshape(len(inputs), 1, -1, call.module.in_features)
    assert isinstance(call.module, _Conv)
    return _patches(call.module, inputs)


def _outputs(call: _Call, gradient: torch.Tensor) -> torch.Tensor:
    """Gradients de sortie de chaque position, [N, G, P, O]."""
    gradient, n = gradient.to(accumulator(gradient)), len(gradient)
    if isinstance(call.module, nn.Linear):
        return gradient.reshape(n, 1, -1, call.module.out_features)
    assert isinstance(call.module, _Conv)
    groups = call.module.groups
    rows = gradient.flatten(2).reshape(n, groups, call.module.out_channels // groups, -1)
    return rows.transpose(-1, -2)


def _ones(call: _Call) -> torch.Tensor:
    outputs = _outputs(call, call.outputs.detach())
    return torch.ones_like(outputs[..., :1])


def _patches(module: nn.Conv1d | nn.Conv2d | nn.Conv3d, x: torch.Tensor) -> torch.Tensor:
    """Entrées d'une convolution vues par chaque position : [N, G, P, I/G · taille du noyau]."""
    if any(module._reversed_padding_repeated_twice):
        mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
        x = F.pad(x, module._reversed_padding_repeated_twice, mode=mode)
    dimensions = len(module.kernel_size)
    for d in range(dimensions):
        size, step, gap = module.kernel_size[d], module.stride[d], module.dilation[d]
        windows = x.unfold(2 + d, gap * (size - 1) + 1, step)
        x = windows[..., ::gap]
    # [N, C, positions..., noyau...] -> [N, G, (C/G)·noyau, P] : une seule copie, dont la dernière
    # dimension est presque contiguë ; les positions passent ensuite devant, sans copie.
    n, channels = x.shape[:2]
    positions, kernel = range(2, 2 + dimensions), range(2 + dimensions, 2 + 2 * dimensions)
    width = channels // module.groups * prod(module.kernel_size)
    patches = x.permute(0, 1, *kernel, *positions).reshape(n, module.groups, width, -1)
    return patches.transpose(2, 3)


def _concatenate(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Met bout à bout les positions de plusieurs appels."""
    return parts[0] if len(parts) == 1 else torch.cat(list(parts), 2)


def accumulator(tensor: torch.Tensor) -> torch.dtype:
    """Type où sommer : celui du tenseur, float32 au moins."""
    return torch.promote_types(tensor.dtype, torch.float32)
