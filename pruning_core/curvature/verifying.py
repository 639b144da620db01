"""Quels poids d'un lot ont pour gradient b_i a_iᵀ, exemple par exemple : on le vérifie sur ce lot.

Deux choses peuvent s'y opposer. Un poids peut aussi servir hors de ses couches (attention, poids
partagé) : le graphe d'autograd le dit. Les lignes d'une couche peuvent n'être pas celles des
exemples, dans leur ordre (experts, exemples triés, temps en tête) : on multiplie le vecteur v_i de
chaque exemple par un nombre tiré au hasard, et le gradient de ses lignes doit l'être d'autant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from pruning_core.curvature.differentiating import rounding, same_rows
from pruning_core.curvature.layer_calls import RecordedCall
from pruning_core.curvature.recording import Recorder


class Probe:
    """Nombres tirés d'un générateur à part : le hasard global n'en est pas changé."""

    def __init__(self) -> None:
        self._generator = torch.Generator().manual_seed(0)

    def like(self, values: torch.Tensor) -> torch.Tensor:
        """Des nombres gaussiens, de la forme d'un tenseur."""
        drawn = torch.randn(values.shape, generator=self._generator, dtype=torch.float64)
        return drawn.to(values)

    def scales(self, values: torch.Tensor) -> torch.Tensor:
        """Un nombre par ligne, entre 1/2 et 3/2 en valeur absolue : [N, 1, ...]."""
        shape = (len(values), *[1] * (values.ndim - 1))
        drawn = torch.rand(shape, generator=self._generator, dtype=torch.float64) * 2 - 1
        return (drawn + drawn.sign() / 2).to(values)


def factored(
    recorder: Recorder,
    output: torch.Tensor,
    vectors: torch.Tensor,
    gradients: Sequence[torch.Tensor],
    probe: Probe,
) -> list[str]:
    """Poids dont les gradients d'exemples sont ceux que `recorder` rend, vérifiés sur ce lot.

    Coût : une rétropropagation jusqu'aux couches.

    Parameters
    ----------
    recorder : Recorder
        Après son passage avant.
    output : Tensor [N, ...]
        La sortie du modèle.
    vectors, gradients : Tensor et suite de Tensor
        Des v_i, et ce que `recorder.gradients` rend pour eux.
    probe : Probe
    """
    if not recorder.names:
        return []
    scales = probe.scales(vectors)
    scaled = recorder.gradients(vectors * scales)
    tolerance = rounding(output, *gradients)
    aligned = {call.layer: True for call in recorder.calls}
    for call, found, base in zip(recorder.calls, scaled, gradients, strict=True):
        if aligned[call.layer] and len(base) % len(output) == 0:
            by_example = scales.reshape(-1, 1) * base.reshape(len(output), -1)
            aligned[call.layer] = same_rows(found.reshape(len(output), -1), by_example, tolerance)
    outside = leaves_outside(output, recorder.calls)
    kept = []
    for name in recorder.names:
        owned = recorder.owned(name)
        # Deux biais pour un poids partagé ne font pas une colonne.
        alone = len(owned) <= 2 and outside.isdisjoint(map(id, owned))
        if alone and all(aligned[layer] for layer, _ in recorder.users[name]):
            kept.append(name)
    return kept


def leaves_outside(output: torch.Tensor, calls: Iterable[RecordedCall]) -> set[int]:
    """Identifiants (`id`) des feuilles qu'atteint le graphe de `output` hors des appels donnés."""
    inside: dict[Any, torch.Tensor] = {call.outputs.grad_fn: call.inputs for call in calls}
    found: set[int] = set()
    seen: set[Any] = {None}
    waiting: list[Any] = [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if node in inside:
            inputs = inside[node]
            if inputs.is_leaf and inputs.requires_grad:
                found.add(id(inputs))
            waiting.append(inputs.grad_fn)
        elif hasattr(node, "variable"):
            found.add(id(node.variable))
        else:
            waiting.extend(following for following, _ in node.next_functions)
    return found
