"""Le gradient de chaque exemple, lu poids par poids ou à plat : un seul parcours pour tous.

Pour une sortie f(x_i) et un vecteur v_i, le gradient de l'exemple i est J_iᵀ v_i, où J_i est la
jacobienne de f(x_i) par rapport aux poids. Pour une couche linéaire d'entrée a_i et de gradient de
sortie b_i, c'est b_i a_iᵀ : les deux facteurs suffisent, sans tenseur par exemple. Les poids qui
ne sont pas ceux d'une telle couche passent par `torch.func` (`vectorized.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.losses import Roots, Vectors
from pruning_core.curvature.recording import Positions, Recorder
from pruning_core.curvature.vectorized import vectorized_gradients
from pruning_core.passes import sum_dtype
from pruning_core.weights.rows import RowLayout, common_layout, row_layout

Reduction = Callable[[torch.Tensor], torch.Tensor]
"""φ, élément par élément, avec φ(ab) = φ(a)φ(b) : `torch.square` ou `torch.abs`."""

CHUNK_ELEMENTS = 2**24
"""Nombres que tiennent ensemble les gradients formés de quelques exemples."""

_CHECKED_EXAMPLES = 8


@dataclass(frozen=True)
class Factors:
    """Gradients b_i a_iᵀ de tous les exemples d'un lot, réduits par φ et sommés sur c.

    Attributes
    ----------
    inputs : Tensor [N, I]
        Les a_i.
    outputs : Tensor [N, O]
        Σ_c φ(b_ic), car Σ_c φ(b_ic a_iᵀ) = (Σ_c φ(b_ic)) φ(a_i)ᵀ : un produit pour tous les c.
    """

    inputs: torch.Tensor
    outputs: torch.Tensor


def exact_parameters(
    model: nn.Module, parameters: Mapping[str, nn.Parameter], batch: Batch
) -> dict[str, nn.Parameter]:
    """Poids dont les facteurs sont exacts, vérifiés sur les premiers exemples d'un lot.

    Un poids peut aussi servir hors de sa couche (attention, poids partagé), ou la première
    dimension n'être pas celle des exemples. On compare donc le gradient reconstruit à celui
    d'autograd, et on s'assure que la sortie du premier exemple ne dépend pas des autres lignes.
    """
    recorder = Recorder(model, parameters)
    output = recorder.forward(batch.part(slice(_CHECKED_EXAMPLES))).values
    names = recorder.names
    if not names or not output.requires_grad:
        return {}
    # Un vecteur fixe sans symétrie, pour qu'aucune erreur ne s'annule par hasard.
    ranks = torch.arange(1, output.numel() + 1, dtype=torch.float64, device=output.device)
    vectors = torch.sin(ranks * ranks).reshape(output.shape).to(output.dtype)
    expected = torch.autograd.grad(
        output,
        [parameters[name] for name in names],
        vectors,
        retain_graph=True,
        materialize_grads=True,
    )
    everyone = recorder.backward(vectors)
    alone = torch.zeros_like(vectors)
    alone[0] = vectors[0]
    first = recorder.backward(alone)
    exact = {}
    for name, gradient in zip(names, expected, strict=True):
        rebuilt = row_layout(model, name).from_rows(everyone[name].total())
        scale = float(gradient.abs().max()) + float(rebuilt.abs().max())
        tolerance = 100 * torch.finfo(gradient.dtype).eps * scale
        same = bool((rebuilt - gradient).abs().max() <= tolerance)
        if same and not first[name].outputs[1:].any():
            exact[name] = parameters[name]
    return exact


class ExampleGradients:
    """Gradients J_iᵀ v_ic des exemples d'un lot, pour chaque vecteur c.

    Ce qui ne dépend que de l'architecture (voir `exact_parameters`) n'est cherché qu'au premier
    lot.

    Parameters
    ----------
    model : nn.Module
        Préparé par `undisturbed`.
    parameters : dict[str, nn.Parameter]
    vectors : Vectors
        De `curvature_vectors` ou de `loss_gradients`.
    biases : dict[str, str], optionnel
        Poids -> biais, dont le gradient devient la dernière colonne de celui du poids.

    Attributes
    ----------
    layouts : dict[str, RowLayout]
        Les lignes dans lesquelles est rendu le gradient de chaque poids.
    """

    def __init__(
        self,
        model: nn.Module,
        parameters: Mapping[str, nn.Parameter],
        vectors: Vectors,
        *,
        biases: Mapping[str, str] | None = None,
    ) -> None:
        self._model = model
        self._parameters = parameters
        self._vectors = vectors
        self._biases = biases or {}
        self._exact: dict[str, nn.Parameter] | None = None
        self._others: dict[str, nn.Parameter] = {}
        # Un poids sans lignes communes à ses modules se range d'après sa première dimension.
        self.layouts = {
            n: common_layout(model, p) or RowLayout(p.shape) for n, p in parameters.items()
        }

    def by_weight(
        self, batch: Batch, reduction: Reduction
    ) -> Iterator[tuple[str, Factors | Positions]]:
        """Gradients d'un lot, poids par poids : des facteurs, déjà réduits, s'ils suffisent."""
        for each_vector in self._passes(batch, together=False):
            factors: dict[str, Factors] = {}
            for gradients in each_vector:
                for name, found in gradients.items():
                    if name in self._others or found.inputs.shape[1:3] != (1, 1):
                        yield name, found
                        continue
                    outputs = reduction(found.outputs[:, 0, 0])
                    if name in factors:
                        outputs = factors[name].outputs + outputs
                    factors[name] = Factors(found.inputs[:, 0, 0], outputs)
            yield from factors.items()

    def flat(self, batch: Batch) -> Iterator[torch.Tensor]:
        """Gradients d'un lot, à plat dans l'ordre des poids, quelques exemples à la fois : [n, p].

        Sans biais en dernière colonne.
        """
        for each_vector in self._passes(batch, together=True):
            for gradients in each_vector:
                yield torch.cat([self._flat(n, gradients[n]) for n in self._parameters], 1)

    def _flat(self, name: str, gradients: Positions) -> torch.Tensor:
        return self.layouts[name].from_rows(gradients.gradients()).flatten(1)

    def _passes(self, batch: Batch, *, together: bool) -> Iterator[Iterator[dict[str, Positions]]]:
        """Autant d'exemples à la fois que de gradients formés tiennent en mémoire."""
        if self._exact is None:
            self._exact = exact_parameters(self._model, self._parameters, batch)
            self._others = {n: p for n, p in self._parameters.items() if n not in self._exact}
        formed = self._parameters if together else self._others
        size = sum(p.numel() for p in formed.values())
        chunk = max(1, CHUNK_ELEMENTS // size) if size else len(batch)
        # Les vecteurs sont ceux du lot entier, dont la perte a son propre dénominateur.
        roots: Roots | None = None
        if chunk < len(batch):
            with torch.no_grad():
                roots = self._vectors(batch.output(self._model), batch.target)
        for start in range(0, len(batch), chunk):
            rows = slice(start, min(start + chunk, len(batch)))
            yield self._each_vector(batch.part(rows), rows, roots, self._exact)

    def _each_vector(
        self, part: Batch, rows: slice, roots: Roots | None, exact: Mapping[str, nn.Parameter]
    ) -> Iterator[dict[str, Positions]]:
        recorder = Recorder(self._model, exact, biased=self._biases)
        output = recorder.forward(part)
        # Un seul paquet : sa sortie est celle du lot, sans autre passage avant.
        roots = roots or self._vectors(output.detached(), part.target)
        for vector in roots(rows):
            gradients = recorder.backward(vector)
            if self._others:
                gradients |= self._formed(part, vector)
            yield gradients

    def _formed(self, part: Batch, vector: torch.Tensor) -> dict[str, Positions]:
        """Gradients entiers des poids sans facteurs : un groupe et une position par ligne."""
        own = dict(self._model.named_parameters())
        biases = {name: bias for name, bias in self._biases.items() if name in self._others}
        wanted = {**self._others, **{bias: own[bias] for bias in biases.values()}}
        found = vectorized_gradients(self._model, wanted, part, vector)
        result = {}
        for name in self._others:
            rows = self.layouts[name].to_rows(found[name]).unsqueeze(2)
            if name in biases:
                rows = torch.cat([rows, found[biases[name]][:, :, None, None]], -1)
            rows = rows.to(sum_dtype(rows))
            result[name] = Positions(rows, torch.ones_like(rows[..., :1]))
        return result
