"""Le gradient de chaque exemple, lu poids par poids ou à plat : un seul parcours pour tous.

Pour une sortie f(x_i) et un vecteur v_i, le gradient de l'exemple i est J_iᵀ v_i, où J_i est la
jacobienne de f(x_i) par rapport aux poids. Pour une couche linéaire d'entrée a_i et de gradient de
sortie b_i, c'est b_i a_iᵀ : les deux facteurs suffisent, sans tenseur par exemple. Les poids qui
ne sont pas ceux d'une telle couche se dérivent un exemple à la fois (`one_by_one.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import torch
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.differentiating import check_depends
from pruning_core.curvature.losses import Vectors
from pruning_core.curvature.one_by_one import OneByOne
from pruning_core.curvature.recording import Positions, Recorder
from pruning_core.curvature.verifying import Probe, factored
from pruning_core.passes import sum_dtype
from pruning_core.weights.rows import RowLayout, common_layout

Reduction = Callable[[torch.Tensor], torch.Tensor]
"""φ, élément par élément, avec φ(ab) = φ(a)φ(b) : `torch.square` ou `torch.abs`."""

CHUNK_ELEMENTS = 2**24
"""Nombres que tiennent ensemble les gradients formés de quelques exemples."""


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


@dataclass(frozen=True)
class _Read:
    """Ce qu'un vecteur de tout un lot a rendu.

    Attributes
    ----------
    recorder : Recorder
    names : liste de str
        Les poids à facteurs.
    vector : Tensor, de la forme de la sortie
    gradients : liste de Tensor
        Ceux des sorties des couches, dans l'ordre de `recorder.calls`.
    """

    recorder: Recorder
    names: list[str]
    vector: torch.Tensor
    gradients: list[torch.Tensor]

    def with_one_position(self) -> list[str]:
        """Les poids dont un groupe et une position font tout le gradient d'un exemple."""
        return [n for n in self.names if self.recorder.inputs(n).shape[1:3] == (1, 1)]

    def gradients_of(self, names: Collection[str]) -> dict[int, torch.Tensor]:
        """Gradients des appels de quelques poids, par leur rang."""
        layers = {layer for name in names for layer, _ in self.recorder.users[name]}
        calls = enumerate(self.recorder.calls)
        return {rank: self.gradients[rank] for rank, call in calls if call.layer in layers}

    def positions(self, names: Collection[str]) -> dict[str, Positions]:
        """Entrées et gradients de sortie de quelques-uns des poids à facteurs."""
        return self.recorder.positions(names, self.gradients)


class ExampleGradients:
    """Gradients J_iᵀ v_ic des exemples d'un lot, pour chaque vecteur c.

    Rien de ce qu'un lot a montré n'est supposé du suivant : les poids dont les facteurs suffisent
    sont reconnus sur chacun (`verifying`), les autres se dérivent un exemple à la fois
    (`one_by_one`).

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
        # Un poids sans lignes communes à ses modules se range d'après sa première dimension.
        self.layouts = {
            n: common_layout(model, p) or RowLayout(p.shape) for n, p in parameters.items()
        }
        self._probe = Probe()
        self._one_by_one = OneByOne(model, self._probe)

    def by_weight(
        self, batch: Batch, reduction: Reduction
    ) -> Iterator[tuple[str, Factors | Positions]]:
        """Gradients d'un lot, poids par poids : des facteurs, déjà réduits, s'ils suffisent.

        Raises
        ------
        ValueError
            Si les exemples dépendent les uns des autres.
        """
        sums: dict[int, torch.Tensor] = {}
        for read in self._each_vector(batch):
            single = read.with_one_position()
            # Réduits tels qu'autograd les rend, et mis en lignes une fois pour tous les vecteurs.
            for call, found in read.gradients_of(single).items():
                reduced = reduction(found.to(sum_dtype(found)))
                sums[call] = sums[call] + reduced if call in sums else reduced
            yield from read.positions([n for n in read.names if n not in single]).items()
            others = {n: p for n, p in self._parameters.items() if n not in read.names}
            for rows in _slices(len(batch), others):
                yield from self._formed(others, read.vector, rows).items()
        if sums:
            gradients = [sums.get(call, one) for call, one in enumerate(read.gradients)]
            for name, positions in replace(read, gradients=gradients).positions(single).items():
                yield name, Factors(positions.inputs[:, 0, 0], positions.outputs[:, 0, 0])

    def flat(self, batch: Batch) -> Iterator[torch.Tensor]:
        """Gradients d'un lot, à plat dans l'ordre des poids, quelques exemples à la fois : [n, p].

        Sans biais en dernière colonne.

        Raises
        ------
        ValueError
            Si les exemples dépendent les uns des autres.
        """
        for read in self._each_vector(batch):
            recorded = read.positions(read.names)
            others = {n: p for n, p in self._parameters.items() if n not in recorded}
            for rows in _slices(len(batch), self._parameters):
                found = {name: positions.part(rows) for name, positions in recorded.items()}
                found |= self._formed(others, read.vector, rows)
                yield torch.cat([self._flat(name, found[name]) for name in self._parameters], 1)

    def _flat(self, name: str, gradients: Positions) -> torch.Tensor:
        rows = gradients.gradients()
        return self.layouts[name].from_rows(rows).reshape(len(rows), -1)

    def _each_vector(self, batch: Batch) -> Iterator[_Read]:
        """Chaque vecteur v_c de tout le lot, et ce qui en revient aux couches."""
        recorder = Recorder(self._model, self._parameters, biased=self._biases)
        output = recorder.forward(batch)
        check_depends(output.values)
        vectors = self._vectors(output.detached(), batch.target)
        first, second = next(vectors, None), next(vectors, None)
        if first is None:
            return
        # Un seul vecteur : c'est sur lui qu'on vérifie ; sinon, sur un qui n'en favorise aucun.
        tried = first if second is None else self._probe.like(first)
        gradients = recorder.gradients(tried)
        names = factored(recorder, output.values, tried, gradients, self._probe)
        self._one_by_one.start(self._derived(names), batch, output.values)
        if second is None:
            yield _Read(recorder, names, first, gradients)
            return
        for vector in chain((first, second), vectors):
            yield _Read(recorder, names, vector, recorder.gradients(vector))

    def _derived(self, names: Collection[str]) -> dict[str, nn.Parameter]:
        """Les poids sans facteurs, et leurs biais."""
        own = dict(self._model.named_parameters())
        others = {n: p for n, p in self._parameters.items() if n not in names}
        biases = [bias for name, bias in self._biases.items() if name in others]
        return {**others, **{bias: own[bias] for bias in biases}}

    def _formed(
        self, others: Mapping[str, nn.Parameter], vector: torch.Tensor, rows: slice
    ) -> dict[str, Positions]:
        """Gradients entiers des poids sans facteurs : un groupe et une position par ligne."""
        if not others:
            return {}
        found = self._one_by_one.gradients(vector, rows)
        result = {}
        for name in others:
            each = self.layouts[name].to_rows(found[name]).unsqueeze(2)
            if name in self._biases:
                each = torch.cat([each, found[self._biases[name]][:, :, None, None]], -1)
            each = each.to(sum_dtype(each))
            result[name] = Positions(each, torch.ones_like(each[..., :1]))
        return result


def _slices(count: int, formed: Mapping[str, nn.Parameter]) -> list[slice]:
    """Tranches d'autant d'exemples que de gradients formés tiennent en mémoire."""
    size = sum(parameter.numel() for parameter in formed.values())
    if not size:
        return []
    chunk = max(1, CHUNK_ELEMENTS // size)
    return [slice(start, min(start + chunk, count)) for start in range(0, count, chunk)]
