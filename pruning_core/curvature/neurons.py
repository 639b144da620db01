"""La courbure par neurone de sortie : un bloc par ligne de chaque poids.

Le bloc du neurone r est H_r = (1/N) Σ_i Σ_c g_irc g_ircᵀ, où g_irc = J_iᵀ v_ic restreint aux poids
du neurone et à son biais. Quand chaque exemple n'a qu'une position, d'entrée a_i, c'est
(1/N) Σ_i q_ir² [a_i, 1][a_i, 1]ᵀ (leçon 8.1.3, `eq-bloc`). Les lignes sont coupées avant la lecture
(`pieces.py`) ; seule la courbure des morceaux est retenue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import nn

from pruning_core.checks import check_count
from pruning_core.curvature.losses import Vectors, curvature_vectors
from pruning_core.curvature.per_example import CHUNK_ELEMENTS, ExampleGradients, Factors
from pruning_core.curvature.pieces import Pieces, whole_rows
from pruning_core.curvature.recording import Positions
from pruning_core.passes import read_batches, sum_dtype, sum_over_processes, undisturbed
from pruning_core.types import Criterion, Loader
from pruning_core.weights.biases import bias_of
from pruning_core.weights.prunable import check_weights, resolve_parameters
from pruning_core.weights.rows import RowLayout, row_layout

MAX_BYTES = 2**32
"""Mémoire au-delà de laquelle les blocs de courbure sont refusés (4 Gio)."""

_CACHED_ELEMENTS = 2**20


def ggn_neuron_blocks(
    model: nn.Module,
    loader: Loader,
    criterion: Criterion,
    *,
    n_batches: int | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
    max_bytes: int = MAX_BYTES,
) -> dict[str, torch.Tensor]:
    """Blocs diagonaux de la GGN, un par neurone de sortie (ligne) de chaque poids.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel ; le calcul se fait en mode évaluation.
    loader : itérable de (x, y), ou Batches
    criterion : fonction (sortie, y) -> perte moyenne du lot
    n_batches : int, optionnel
        Nombre de lots lus au plus ; tous par défaut.
    parameters : dict[str, nn.Parameter], optionnel
        Les poids voulus ; par défaut `prunable_parameters(model)`.
    max_bytes : int
        Mémoire permise aux blocs.

    Returns
    -------
    dict[str, Tensor [O, I, I] ou [O, I+1, I+1]]
        O lignes de I poids, celles de `weights.rows.RowLayout`. La dernière colonne est celle du
        biais quand `bias_of(model, nom)` en trouve un.

    Raises
    ------
    MemoryError
        Si les blocs prendraient plus de `max_bytes` octets ; rien n'est alors lu.
    TypeError, ValueError
        Si les données, la fonction de perte ou les poids ne conviennent pas ; si des couches qui
        partagent un poids n'ont pas les mêmes lignes.

    References
    ----------
    Leçon 8.1.3, `eq-bloc`.
    """
    chosen = resolve_parameters(model, parameters)
    vectors = curvature_vectors(criterion)
    reader = NeuronReader(model, loader, vectors, chosen, n_batches=n_batches, max_bytes=max_bytes)
    whole = reader.whole_rows()
    layers = reader.read([[rows] for rows in whole])
    return {
        name: layer.blocks(rows) for name, rows, layer in zip(chosen, whole, layers, strict=True)
    }


class NeuronCurvature:
    """Courbure de morceaux de lignes d'un poids (`eq-bloc`), et d'eux seuls.

    Parameters
    ----------
    parameter : nn.Parameter
    layout : RowLayout
        Ses lignes.
    pieces : suite de Pieces
        Morceaux de ces lignes. Mémoire : la somme de leurs B · c².
    biased : bool
        Vrai si un biais forme la dernière colonne des lignes.

    Attributes
    ----------
    count : int
        Nombre d'exemples ajoutés, tous processus confondus après `finish`.
    """

    def __init__(
        self,
        parameter: nn.Parameter,
        layout: RowLayout,
        pieces: Sequence[Pieces],
        *,
        biased: bool,
    ) -> None:
        self.rows = layout.count
        self.width = layout.width + biased
        self.count = 0
        self._trace = torch.zeros((), dtype=sum_dtype(parameter), device=parameter.device)
        self._sums = {
            piece: self._trace.new_zeros(*piece.columns.shape, piece.columns.shape[1])
            for piece in pieces
        }

    def add(self, gradients: Factors | Positions) -> None:
        """Ajoute Σ_i g_ir g_irᵀ."""
        if isinstance(gradients, Factors):
            inputs, roots = gradients.inputs.T.contiguous(), gradients.outputs.T.sqrt()
            self._trace += (inputs.square().sum(0) * roots.square().sum(0)).sum()
            for rows, columns, total in self._parts(inputs.shape[1]):
                seen = inputs[columns].mul_(roots[rows].unsqueeze(1))
                total.baddbmm_(seen, seen.transpose(1, 2))
            return
        for several in gradients.chunks(CHUNK_ELEMENTS):
            flat = several.to(self._trace.dtype).flatten(1).T.contiguous()
            self._trace += flat.square().sum()
            for rows, columns, total in self._parts(flat.shape[1]):
                seen = flat[rows.unsqueeze(1) * self.width + columns]
                total.baddbmm_(seen, seen.transpose(1, 2))

    def _parts(self, examples: int) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Lignes, colonnes et sommes de petits paquets, qui tiennent dans le cache."""
        for piece, total in self._sums.items():
            size = max(1, _CACHED_ELEMENTS // (total.shape[1] * examples))
            for start in range(0, len(total), size):
                part = slice(start, start + size)
                yield piece.rows[part], piece.columns[part], total[part]

    def finish(self) -> None:
        """Fait la moyenne sur les exemples, de tous les processus."""
        sums = {str(rank): total for rank, total in enumerate(self._sums.values())}
        self.count = sum_over_processes(sums | {"trace": self._trace}, self.count)
        for total in sums.values():
            total /= self.count

    def mean_diagonal(self) -> float:
        """Moyenne de la diagonale sur toutes les lignes et toutes les colonnes."""
        return self._trace.item() / (self.count * self.rows * self.width)

    def blocks(self, piece: Pieces) -> torch.Tensor:
        """Courbure [B, c, c] d'un des groupes de morceaux lus."""
        return self._sums[piece]


class NeuronReader:
    """Lit la courbure par neurone d'un modèle, autant de fois que ses poids changent.

    Ce qui ne dépend que de l'architecture n'est cherché qu'une fois. `vectors` dit quelle courbure
    (voir `losses.py`) ; les autres arguments et les erreurs sont ceux de `ggn_neuron_blocks`.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: Loader,
        vectors: Vectors,
        parameters: Mapping[str, nn.Parameter],
        *,
        n_batches: int | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._model = model
        self._loader = loader
        self._n_batches = n_batches
        self._max_bytes = check_count(max_bytes, "max_bytes")
        self._chosen = parameters
        self._layouts = {name: row_layout(model, name) for name in parameters}
        self._biases = {n: bias for n in parameters if (bias := bias_of(model, n)) is not None}
        self._gradients = ExampleGradients(model, parameters, vectors, biases=self._biases)

    def whole_rows(self) -> list[Pieces]:
        """Les lignes entières de chaque poids, biais compris."""
        return [
            whole_rows(layout.count, layout.width + (name in self._biases), p.device)
            for (name, p), layout in zip(self._chosen.items(), self._layouts.values(), strict=True)
        ]

    def read(self, cuts: Sequence[Sequence[Pieces]]) -> list[NeuronCurvature]:
        """Courbure de morceaux de lignes de chaque poids, aux valeurs présentes du modèle.

        Raises
        ------
        MemoryError, TypeError, ValueError
            Voir `ggn_neuron_blocks`.
        """
        check_weights(self._chosen)
        self._check_memory(cuts)
        with undisturbed(self._model, self._chosen):
            layers = {
                name: NeuronCurvature(p, self._layouts[name], pieces, biased=name in self._biases)
                for (name, p), pieces in zip(self._chosen.items(), cuts, strict=True)
            }
            for batch in read_batches(self._loader, self._model, self._n_batches):
                for name, gradients in self._gradients.by_weight(batch, torch.square):
                    layers[name].add(gradients)
                for layer in layers.values():
                    layer.count += len(batch)
        for layer in layers.values():
            layer.finish()
        return list(layers.values())

    def _check_memory(self, cuts: Sequence[Sequence[Pieces]]) -> None:
        needed = sum(
            sum(piece.columns.numel() * piece.columns.shape[1] for piece in pieces)
            * sum_dtype(parameter).itemsize
            for parameter, pieces in zip(self._chosen.values(), cuts, strict=True)
        )
        if needed > self._max_bytes:
            n = sum(parameter.numel() for parameter in self._chosen.values())
            raise MemoryError(
                f"blocs de courbure : reçu {n} poids, dont les blocs prendraient {needed} octets ; "
                f"attendu au plus {self._max_bytes} octets (max_bytes). Coupez les lignes en "
                "morceaux plus petits (block_size), ou élaguez moins de poids à la fois "
                "(parameters)."
            )
