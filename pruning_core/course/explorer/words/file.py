"""Le fichier de données de l'explorateur de mots : écrit une fois, relu par la page et par Python.

`python -m pruning_core.course.explorer.words` l'écrit : le modèle arrondi, ce que chaque méthode
demande, la liste des mots, et les bits par lettre que Python mesure sur ces mêmes réseaux.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pruning_core.course.explorer import built
from pruning_core.course.explorer.words.automaton import PackedAutomaton
from pruning_core.course.explorer.words.networks import WordNetworks
from pruning_core.course.explorer.words.quantizing import (
    dequantize_rows,
    planes,
    quantize_rows,
    to_grid,
    unzigzag,
    zigzag,
)
from pruning_core.course.words.transformer import WordTransformer, block_weights
from pruning_core.masks.applying import PrunedWeights

SOURCE = "words"
# Un script plutôt que du JSON : file:// ne sait charger que cela.
_BEFORE, _AFTER = f"(globalThis.pruningExplorerData ??= {{}}).{SOURCE} = ", ";\n"
COARSENESS = 8
"""Pas du déplacement d'un poids par OBS, en pas de sa ligne."""


@dataclass(frozen=True)
class WordFile:
    """Le fichier, relu.

    Attributes
    ----------
    networks : WordNetworks
    automaton : PackedAutomaton
        La liste des mots.
    bits : dict[str, list[float]]
        Pour chaque méthode, les bits par lettre à chaque sparsité, sur les mots d'essai.
    landmarks : dict[str, float]
        D'autres bits par lettre, à quoi les comparer.
    """

    networks: WordNetworks
    automaton: PackedAutomaton
    bits: Mapping[str, list[float]]
    landmarks: Mapping[str, float]


def bias_names(model: WordTransformer) -> list[str]:
    """Les biais des couches élagables, dans l'ordre de leurs poids."""
    return [name.removesuffix("weight") + "bias" for name in block_weights(model)]


def others(model: WordTransformer) -> dict[str, torch.Tensor]:
    """Les tenseurs qu'on n'élague pas."""
    kept = block_weights(model)
    return {name: value for name, value in model.state_dict().items() if name not in kept}


class WordContent:
    """Les octets du fichier, partie par partie, dans l'ordre où `js/words/packed.js` les relit."""

    def __init__(self, model: WordTransformer, step: float) -> None:
        self.rows = quantize_rows(block_weights(model).values())
        self.step = step
        self._names = bias_names(model)
        self._weights = list(block_weights(model))
        shapes = [weight.shape for weight in block_weights(model).values()]
        self._columns = [columns for rows, columns in shapes for _ in range(rows)]
        self._parts = [
            self.rows.scales.astype("<f4").tobytes(),
            self.rows.codes.tobytes(),
            planes(to_grid(others(model).values(), step)),
        ]

    def add_norms(self, norms: Mapping[str, torch.Tensor]) -> None:
        """La norme de chaque entrée de chaque matrice."""
        self._parts += [
            norms[name].float().numpy().astype("<f4").tobytes() for name in self._weights
        ]

    def add_network(self, network: PrunedWeights, bias_step: float) -> None:
        """Un réseau compensé : un bit par poids, les déplacements des poids gardés, les biais."""
        kept = np.concatenate([network.masks[n].flatten().numpy() for n in self._weights])
        values = np.concatenate([network.weights[n].double().flatten() for n in self._weights])
        steps = np.repeat(self.rows.scales.astype(np.float64), self._columns)
        moves = np.round((values / steps - self.rows.codes) / COARSENESS)[kept]
        self._parts += [
            np.packbits(kept, bitorder="little").tobytes(),
            planes(zigzag(moves.astype(np.int64))),
            planes(to_grid([network.weights[name] for name in self._names], bias_step)),
        ]

    def add_automaton(self, automaton: PackedAutomaton) -> None:
        """La liste des mots."""
        self._parts += [
            automaton.states.tobytes(),
            automaton.arrows.tobytes(),
            planes(automaton.returns),
        ]

    def text(self, header: Mapping[str, Any]) -> str:
        """Le texte du fichier."""
        packed = base64.b64encode(zlib.compress(b"".join(self._parts), 9)).decode("ascii")
        data = json.dumps({"header": header, "packed": packed}, ensure_ascii=False)
        return _BEFORE + data + _AFTER


class _Reader:
    """Relit le fichier dans l'ordre où il a été écrit."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, length: int, dtype: str = "u1") -> NDArray[Any]:
        size = length * np.dtype(dtype).itemsize
        self._at += size
        return np.frombuffer(self._content[self._at - size : self._at], dtype)

    def shorts(self, length: int) -> NDArray[np.uint16]:
        high, low = self.take(length), self.take(length)
        return high.astype(np.uint16) << np.uint16(8) | low

    def grid(self, tensors: list[Any], step: float) -> dict[str, torch.Tensor]:
        sizes = [math.prod(shape) for _, shape in tensors]
        flat = self.shorts(sum(sizes)).astype(np.int16) * step
        pieces = np.split(flat, np.cumsum(sizes)[:-1])
        named = zip(tensors, pieces, strict=True)
        return {name: torch.from_numpy(one.reshape(shape).copy()) for (name, shape), one in named}


@cache
def load() -> WordFile:
    """Relit `built/words.js`."""
    return read(built.read(built.WORDS))


def read(text: str) -> WordFile:
    """Relit le texte d'un fichier de données."""
    data = json.loads(text.removeprefix(_BEFORE).removesuffix(_AFTER))
    header = data["header"]
    reader = _Reader(zlib.decompress(base64.b64decode(data["packed"])))
    names = [name for name, _ in header["prunable"]]
    shapes = [tuple(shape) for _, shape in header["prunable"]]
    scales = reader.take(sum(rows for rows, _ in shapes), "<f4")
    codes = reader.take(sum(map(math.prod, shapes)), "i1")

    def matrices(cells: NDArray[np.integer]) -> dict[str, torch.Tensor]:
        return dict(zip(names, dequantize_rows(cells, scales, shapes), strict=True))

    model = WordTransformer(**header["shape"]).double()
    model.load_state_dict(matrices(codes) | reader.grid(header["others"], header["step"]))
    norms = {
        name: torch.from_numpy(reader.take(columns, "<f4").astype(np.float64))
        for name, (_, columns) in zip(names, shapes, strict=True)
    }
    biases = [one for one in header["others"] if one[0] in set(bias_names(model))]
    compensated = {}
    moved = header["compensated"]
    for percent in moved["percents"]:
        kept = np.unpackbits(reader.take(-(-codes.size // 8)), bitorder="little")[: codes.size]
        cells = np.zeros(codes.size, dtype=np.int64)
        moves = unzigzag(reader.shorts(int(kept.sum())))
        cells[kept == 1] = codes[kept == 1] + moved["coarseness"] * moves
        masks = {n: w != 0 for n, w in _by_matrix(kept, names, shapes).items()}
        weights = matrices(cells) | reader.grid(biases, moved["step"])
        compensated[percent] = PrunedWeights(masks=masks, weights=weights)
    sizes = header["automaton"]
    automaton = PackedAutomaton(
        reader.take(sizes["states"]), reader.take(sizes["edges"]), reader.shorts(sizes["returns"])
    )
    return WordFile(
        WordNetworks(model.eval(), norms, compensated),
        automaton,
        {method["key"]: method["bits"] for method in header["methods"]},
        {one["label"]: one["bits"] for one in header["landmarks"]},
    )


def _by_matrix(
    flat: NDArray[Any], names: list[str], shapes: list[tuple[int, ...]]
) -> dict[str, torch.Tensor]:
    """Des valeurs à plat, rendues à chaque matrice."""
    pieces = np.split(flat, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
    return {
        name: torch.from_numpy(one.reshape(shape).copy())
        for name, one, shape in zip(names, pieces, shapes, strict=True)
    }
