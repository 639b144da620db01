"""Le gradient de chaque exemple, lu seul, pour les poids dont les facteurs ne suffisent pas.

Par `torch.func` si le modèle s'y prête, sinon par autograd, un exemple après l'autre. L'un et
l'autre sont vérifiés là où ils servent : la sortie d'un exemple seul est celle qu'il a dans le lot,
et la somme des gradients est celle du lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.differentiating import (
    gradients_of,
    largest_of,
    rounding,
    same_sums,
)
from pruning_core.curvature.vectorized import vectorized_gradients
from pruning_core.curvature.verifying import Probe
from pruning_core.structures import tensors_of


class OneByOne:
    """Gradients J_iᵀ v_i de chaque exemple, lu seul.

    Parameters
    ----------
    model : nn.Module
        Préparé par `undisturbed`.
    probe : Probe
    """

    def __init__(self, model: nn.Module, probe: Probe) -> None:
        self._model = model
        self._probe = probe
        self._vectorizes = True

    def start(
        self, parameters: Mapping[str, nn.Parameter], batch: Batch, output: torch.Tensor
    ) -> None:
        """Prend un lot, et la sortie [N, ...] que le modèle en donne, avec son graphe."""
        self._parameters = parameters
        self._batch = batch
        self._output = output
        self._alone: list[torch.Tensor] | None = None

    def gradients(self, vectors: torch.Tensor, rows: slice) -> dict[str, torch.Tensor]:
        """Gradients de quelques exemples du lot : nom -> [n, *forme].

        Parameters
        ----------
        vectors : Tensor de la forme de la sortie
            Les v_i de tout le lot.
        rows : slice
            Les exemples voulus.

        Raises
        ------
        ValueError
            Si les exemples dépendent les uns des autres.
        """
        scales = self._probe.scales(vectors)[rows]
        scaled = torch.zeros_like(vectors)
        scaled[rows] = scales * vectors[rows]
        wanted = list(self._parameters.values())
        every = wanted + [p for p in self._model.parameters() if p.requires_grad]
        gradients = gradients_of(self._output, every, scaled)
        expected, largest = gradients[: len(wanted)], largest_of(gradients)
        if self._vectorizes:
            found = self._vectorized(vectors, rows)
            if found is not None and self._adds_up(found, scales, expected, largest):
                return found
            self._vectorizes = False
        found = self._looped(vectors, rows)
        if not self._adds_up(found, scales, expected, largest):
            raise _dependent()
        return found

    def _vectorized(self, vectors: torch.Tensor, rows: slice) -> dict[str, torch.Tensor] | None:
        part = self._batch.part(rows)
        try:
            outputs, found = vectorized_gradients(
                self._model, self._parameters, part, vectors[rows]
            )
        except Exception:
            # Quelle qu'elle soit, l'erreur d'un modèle reviendra par l'autre voie.
            return None
        return found if self._same_outputs(outputs, rows) else None

    def _looped(self, vectors: torch.Tensor, rows: slice) -> dict[str, torch.Tensor]:
        if self._alone is None:
            self._alone = [self._read_alone(i) for i in range(len(self._batch))]
        wanted = list(self._parameters.values())
        each = [
            gradients_of(one, wanted, vector.reshape(-1))
            if one.requires_grad
            else [torch.zeros_like(parameter) for parameter in wanted]
            for one, vector in zip(self._alone[rows], vectors[rows], strict=True)
        ]
        columns = zip(*each, strict=True)
        return {
            name: torch.stack(column)
            for name, column in zip(self._parameters, columns, strict=True)
        }

    def _read_alone(self, index: int) -> torch.Tensor:
        """Sortie d'un exemple seul, à plat ; un modèle peut en ôter la dimension des exemples."""
        rows = slice(index, index + 1)
        try:
            result = self._batch.part(rows).result(self._model)
        except (RuntimeError, ValueError, IndexError) as error:
            raise _dependent() from error
        alone = torch.cat([tensor.reshape(-1) for tensor in tensors_of(result)])
        if alone.numel() != self._output[rows].numel() or not self._same_outputs(alone, rows):
            raise _dependent()
        return alone

    def _same_outputs(self, alone: torch.Tensor, rows: slice) -> bool:
        expected = self._output.detach()[rows]
        allowed = rounding(alone, self._output, *self._parameters.values())
        # À l'échelle du lot : une sortie peut être nulle par compensation.
        gap = (alone.detach().reshape(expected.shape) - expected).abs().max()
        return not bool(gap > allowed * self._output.detach().abs().max())

    def _adds_up(
        self,
        found: Mapping[str, torch.Tensor],
        scales: torch.Tensor,
        expected: Sequence[torch.Tensor],
        largest: float,
    ) -> bool:
        weights = scales.reshape(-1)
        sums = [torch.tensordot(weights.to(one), one, 1) for one in found.values()]
        return same_sums(sums, expected, rounding(self._output, *expected), largest)


def _dependent() -> ValueError:
    return ValueError(
        "model : reçu des exemples qui dépendent les uns des autres ; attendu un modèle qui lise "
        "chacun à part, en mode évaluation. Ici, un exemple seul n'a pas la sortie, ou le "
        "gradient, qu'il a dans le lot. Causes ordinaires : BatchNorm sans statistiques "
        "enregistrées (track_running_stats=False), attention entre exemples, graphe entier donné "
        "comme un lot, tirage au hasard dans forward."
    )
