"""La GGN par neurone de sortie : un bloc par ligne de chaque poids.

Le bloc du neurone r est H_r = (1/N) Σ_i Σ_c g_irc g_ircᵀ, où g_irc = J_iᵀ v_ic restreint aux poids
du neurone et à son biais. Quand chaque exemple n'a qu'une position, d'entrée a_i, c'est
(1/N) Σ_i q_ir² [a_i, 1][a_i, 1]ᵀ (leçon 8.1.3, `eq-bloc`) : on retient les a_i et les q_ir², et les
blocs se forment à la demande.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.curvature.losses import curvature_vectors
from pruning_core.curvature.per_example import CHUNK_ELEMENTS, ExampleGradients, Factors
from pruning_core.curvature.recording import Positions
from pruning_core.passes import read_batches, sum_dtype, sum_over_processes, undisturbed
from pruning_core.types import Criterion, Loader
from pruning_core.weights.biases import bias_of
from pruning_core.weights.prunable import check_weights, resolve_parameters

_CACHED_ELEMENTS = 2**20


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

    References
    ----------
    Leçon 8.1.3, `eq-bloc`.
    """
    chosen = resolve_parameters(model, parameters)
    reader = NeuronReader(model, loader, criterion, chosen, n_batches=n_batches)
    return {name: layer.whole_rows() for name, layer in zip(chosen, reader.read(), strict=True)}


class NeuronCurvature:
    """Courbure des lignes d'un poids (`eq-bloc`), dont les blocs se forment à la demande.

    Parameters
    ----------
    parameter : nn.Parameter
        De O lignes.
    biased : bool
        Vrai si un biais forme la dernière colonne des lignes.

    Attributes
    ----------
    count : int
        Nombre d'exemples ajoutés dans ce processus.
    """

    def __init__(self, parameter: nn.Parameter, *, biased: bool) -> None:
        self.rows = len(parameter)
        self.width = parameter[0].numel() + biased
        self.count = 0
        self._zero = torch.zeros((), dtype=sum_dtype(parameter), device=parameter.device)
        self._factors: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._dense: torch.Tensor | None = None

    def add(self, gradients: Factors | Positions) -> None:
        """Ajoute Σ_i g_ir g_irᵀ ; des facteurs, q_ir² et a_i, sont retenus tels quels."""
        if isinstance(gradients, Factors):
            self._factors.append((gradients.inputs.T.contiguous(), gradients.outputs.T.sqrt()))
            return
        if self._dense is None:
            self._dense = self._zero.new_zeros(self.rows, self.width, self.width)
        for several in gradients.chunks(CHUNK_ELEMENTS):
            by_row = several.to(self._zero.dtype).transpose(0, 1)
            self._dense += by_row.transpose(1, 2) @ by_row

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        total = self._zero.clone()
        if self._dense is not None:
            total += self._dense.diagonal(dim1=-2, dim2=-1).sum()
        for inputs, roots in self._factors:
            total += (inputs.square().sum(0) * roots.square().sum(0)).sum()
        count = sum_over_processes(total, self.count)
        return total.item() / (count * self.rows * self.width)

    def whole_rows(self) -> torch.Tensor:
        """Courbure de toutes les lignes, sur toutes les colonnes : [O, I, I]."""
        rows = torch.arange(self.rows, device=self._zero.device)
        columns = torch.arange(self.width, device=self._zero.device)
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
        total = self._zero.new_zeros(count, width, width)
        if self._dense is not None:
            across, down = columns[:, None, :], columns[:, :, None]
            total += self._dense[rows[:, None, None], down, across]
        for inputs, roots in self._factors:
            # Petits paquets, qui tiennent dans le cache : deux fois plus vite que de grands.
            chunk = max(1, _CACHED_ELEMENTS // (width * inputs.shape[1]))
            for start in range(0, count, chunk):
                part = slice(start, start + chunk)
                seen = inputs[columns[part]].mul_(roots[rows[part]].unsqueeze(1))
                total[part].baddbmm_(seen, seen.transpose(1, 2))
        return total.div_(sum_over_processes(total, self.count))


class NeuronReader:
    """Lit la courbure par neurone d'un modèle, autant de fois que ses poids changent.

    Ce qui ne dépend que de l'architecture n'est cherché qu'une fois. Arguments et erreurs : ceux de
    `ggn_neuron_blocks`.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: Loader,
        criterion: Criterion,
        parameters: Mapping[str, nn.Parameter],
        *,
        n_batches: int | None = None,
    ) -> None:
        self._model = model
        self._loader = loader
        self._n_batches = n_batches
        self._chosen = parameters
        self._biases = {n: bias for n in parameters if (bias := bias_of(model, n)) is not None}
        vectors = curvature_vectors(criterion)
        self._gradients = ExampleGradients(model, parameters, vectors, biases=self._biases)

    def read(self) -> list[NeuronCurvature]:
        """Courbure de chaque poids, dans leur ordre, aux valeurs présentes du modèle.

        Raises
        ------
        TypeError, ValueError
            Voir `ggn_neuron_blocks`.
        """
        check_weights(self._chosen)
        layers = {
            name: NeuronCurvature(p, biased=name in self._biases)
            for name, p in self._chosen.items()
        }
        with undisturbed(self._model, self._chosen):
            for batch in read_batches(self._loader, self._model, self._n_batches):
                for name, gradients in self._gradients.by_weight(batch, torch.square):
                    layers[name].add(gradients)
                for layer in layers.values():
                    layer.count += len(batch)
        return list(layers.values())
