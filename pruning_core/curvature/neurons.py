"""La GGN par neurone de sortie : un bloc par ligne de chaque poids.

Le bloc du neurone r est H_r = (1/N) Σ_i Σ_c g_irc g_ircᵀ, où g_irc = J_iᵀ v_ic restreint aux poids
du neurone et à son biais. Quand chaque exemple n'a qu'une position, d'entrée a_i, c'est
(1/N) Σ_i q_ir² [a_i, 1][a_i, 1]ᵀ : on retient les a_i et les q_ir², et les blocs se forment à la
demande.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.curvature.layers import CHUNK_ELEMENTS, Positions, Recorder, accumulator
from pruning_core.curvature.losses import curvature_vectors
from pruning_core.curvature.per_example import exact_parameters, vectorized_gradients
from pruning_core.distributed import sum_over_processes
from pruning_core.examples import read_batches, scoring
from pruning_core.types import Criterion, Loader
from pruning_core.weights.biases import bias_of
from pruning_core.weights.prunable import check_weights, resolve_parameters

_CACHE_ELEMENTS = 2**20


def ggn_neuron_blocks(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> dict[str, torch.Tensor]:
    """Blocs diagonaux de la GGN, un par neurone de sortie (ligne) de chaque poids.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y)
    criterion : fonction (sortie, y) -> perte moyenne du lot
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids voulus ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    dict[str, Tensor [O, I, I] ou [O, I+1, I+1]]
        O lignes de I poids. La dernière colonne est celle du biais quand `bias_of(model, nom)` en
        trouve un.

    Raises
    ------
    TypeError, ValueError
        Si les données, la fonction de perte ou les poids ne conviennent pas.
    """
    reader = NeuronReader(model, loader, criterion, n_batches=n_batches, parameters=parameters)
    return {name: layer.whole_rows() for name, layer in reader.read().items()}


class NeuronCurvature:
    """Courbure des lignes d'un poids, dont les blocs se forment à la demande.

    Parameters
    ----------
    parameter : nn.Parameter
        De O lignes.
    biased : bool
        Vrai si un biais forme la dernière colonne des lignes.
    """

    def __init__(self, parameter: nn.Parameter, *, biased: bool) -> None:
        self.rows = len(parameter)
        self.width = parameter[0].numel() + biased
        self.biased = biased
        self.count = 0
        self._dtype = accumulator(parameter)
        self._device = parameter.device
        self._factors: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._dense: torch.Tensor | None = None

    def add_factors(self, inputs: torch.Tensor, squares: torch.Tensor) -> None:
        """Ajoute Σ_i q_ir² a_i a_iᵀ ; `inputs` [N, I], `squares` [N, O]."""
        self._factors.append((inputs.T.contiguous(), squares.T.sqrt()))

    def add_gradients(self, gradients: torch.Tensor) -> None:
        """Ajoute Σ_i g_ir g_irᵀ ; `gradients` [N, O, I]."""
        if self._dense is None:
            shape = self.rows, self.width, self.width
            self._dense = torch.zeros(shape, dtype=self._dtype, device=self._device)
        by_row = gradients.to(self._dtype).transpose(0, 1)
        self._dense += by_row.transpose(1, 2) @ by_row

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        total = torch.zeros((), dtype=self._dtype, device=self._device)
        if self._dense is not None:
            total += self._dense.diagonal(dim1=-2, dim2=-1).sum()
        for inputs, roots in self._factors:
            total += (inputs.square().sum(0) * roots.square().sum(0)).sum()
        sum_over_processes({"diagonale": total}, self.count)
        return total.item() / (self.count * self.rows * self.width)

    def whole_rows(self) -> torch.Tensor:
        """Courbure de toutes les lignes, sur toutes les colonnes : [O, I, I]."""
        rows = torch.arange(self.rows, device=self._device)
        columns = torch.arange(self.width, device=self._device)
        return self.blocks(rows, columns.expand(self.rows, -1))

    def blocks(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Courbure de lignes choisies, chacune sur des colonnes choisies.

        Parameters
        ----------
        rows : Tensor d'entiers [B]
        columns : Tensor d'entiers [B, c]

        Returns
        -------
        Tensor [B, c, c]
            Le bloc b est celui de la ligne rows[b], sur les colonnes columns[b].
        """
        count, width = columns.shape
        total = torch.zeros(count, width, width, dtype=self._dtype, device=self._device)
        if self._dense is not None:
            across, down = columns[:, None, :], columns[:, :, None]
            total += self._dense[rows[:, None, None], down, across]
        for inputs, roots in self._factors:
            # Petits paquets, qui tiennent dans le cache : deux fois plus vite que de grands.
            chunk = max(1, _CACHE_ELEMENTS // (width * inputs.shape[1]))
            for start in range(0, count, chunk):
                part = slice(start, start + chunk)
                seen = inputs[columns[part]].mul_(roots[rows[part]].unsqueeze(1))
                total[part].baddbmm_(seen, seen.transpose(1, 2))
        sum_over_processes({"blocs": total}, self.count)
        return total.div_(self.count)


class NeuronReader:
    """Lit la courbure par neurone d'un modèle, autant de fois que ses poids changent.

    Ce qui ne dépend que de l'architecture (les biais, les poids dont la forme par lot est exacte)
    n'est cherché qu'une fois. Arguments et erreurs : ceux de `ggn_neuron_blocks`.

    Attributes
    ----------
    biases : dict[str, str]
        Poids -> son biais, pour ceux qui en ont un (voir `bias_of`).
    """

    def __init__(
        self,
        model: nn.Module,
        loader: Loader,
        criterion: Criterion,
        *,
        n_batches: int | None = None,
        parameters: Mapping[str, nn.Parameter] | None = None,
    ) -> None:
        self._model = model
        self._loader = loader
        self._n_batches = n_batches
        self._vectors = curvature_vectors(criterion)
        self._chosen = resolve_parameters(model, parameters)
        self._exact: dict[str, nn.Parameter] | None = None
        self.biases = {n: bias for n in self._chosen if (bias := bias_of(model, n)) is not None}

    def read(self) -> dict[str, NeuronCurvature]:
        """Courbure de chaque poids, aux valeurs présentes du modèle.

        Raises
        ------
        TypeError, ValueError
            Voir `ggn_neuron_blocks`.
        """
        check_weights(self._chosen)
        layers = {
            name: NeuronCurvature(p, biased=name in self.biases) for name, p in self._chosen.items()
        }
        count = 0
        with scoring(self._model, self._chosen):
            for x, y in read_batches(self._loader, self._model, self._n_batches):
                self._add_batch(layers, x, y)
                count += len(x)
        device = next(iter(self._chosen.values())).device
        total = sum_over_processes({"": torch.zeros((), device=device)}, count)
        for layer in layers.values():
            layer.count = total
        return layers

    def _add_batch(
        self, layers: Mapping[str, NeuronCurvature], x: torch.Tensor, y: torch.Tensor
    ) -> None:
        if self._exact is None:
            self._exact = exact_parameters(self._model, self._chosen, x)
        others = {name: p for name, p in self._chosen.items() if name not in self._exact}
        recorder = Recorder(self._model, self._exact)
        output = recorder.forward(x)
        squares: dict[str, torch.Tensor] = {}
        for vector in self._vectors(output.detach(), y):
            for name, rows in recorder.backward(vector).items():
                if rows.is_simple:
                    square = rows.output_gradients[:, 0, 0].square()
                    squares[name] = squares[name] + square if name in squares else square
                else:
                    _add_positions(layers[name], rows.with_bias() if name in self.biases else rows)
            if others:
                self._add_others(layers, others, x, vector)
        for name, square in squares.items():
            inputs = recorder.inputs(name)[:, 0, 0]
            if name in self.biases:
                inputs = torch.cat([inputs, torch.ones_like(inputs[:, :1])], 1)
            layers[name].add_factors(inputs, square)

    def _add_others(
        self,
        layers: Mapping[str, NeuronCurvature],
        others: Mapping[str, nn.Parameter],
        x: torch.Tensor,
        vector: torch.Tensor,
    ) -> None:
        """Poids sans forme par lot : le gradient de chaque exemple, et celui de son biais."""
        own = dict(self._model.named_parameters())
        names = {name: bias for name, bias in self.biases.items() if name in others}
        wanted = {**others, **{bias: own[bias] for bias in names.values()}}
        for gradients in vectorized_gradients(self._model, wanted, x, vector):
            for name in others:
                rows = gradients[name].reshape(len(gradients[name]), layers[name].rows, -1)
                if name in names:
                    rows = torch.cat([rows, gradients[names[name]].unsqueeze(-1)], -1)
                layers[name].add_gradients(rows)


def _add_positions(layer: NeuronCurvature, rows: Positions) -> None:
    chunk = max(1, CHUNK_ELEMENTS // (layer.rows * layer.width))
    for start in range(0, len(rows.inputs), chunk):
        layer.add_gradients(rows.part(slice(start, start + chunk)).per_sample())
