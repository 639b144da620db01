"""LeNet-300-100 dans l'explorateur : un fichier de données construit une fois, lu partout.

`python -m pruning_core.course.explorer.lenet` entraîne le réseau, calcule ce que chaque critère
demande et écrit `built/lenet.js`. La page et Python relisent ce même fichier : les scores y sont
arrondis (la courbure et le gradient à une demi-puissance de deux), et les masques, calculés des
deux côtés sur ces scores arrondis, sont donc les mêmes bit à bit.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from pruning_core.course.datasets import Dataset, batches, load_mnist
from pruning_core.course.explorer import built
from pruning_core.course.explorer.packing import NOTES, flat_floats, look
from pruning_core.course.models import lenet_300_100, trained_lenet_300_100
from pruning_core.curvature.diagonals import ggn_diagonal
from pruning_core.evaluation import evaluate
from pruning_core.masks.applying import PrunedWeights
from pruning_core.obs.neurons import obs_neuron_path
from pruning_core.scores.gradient import gradient_scores
from pruning_core.types import Scores
from pruning_core.weights.prunable import prunable_parameters

SOURCE = "lenet"
# Un script plutôt que du JSON : file:// ne sait charger que cela.
_BEFORE, _AFTER = f"(globalThis.pruningExplorerData ??= {{}}).{SOURCE} = ", ";\n"
_IMAGES, _GREYS = 1000, 15
# Poids multiples de 2⁻¹⁰, gris multiples de 1/15 : leurs sommes sont exactes.
STEP = 2.0**-10
_CURVATURE_EXAMPLES = 2000
_WALK = (
    0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.84, 0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99,
)  # fmt: skip
_STAGES = (0.8, 0.9, 0.95, 0.98, 0.99)
_METHODS = ("random", "magnitude", "gradient", "obd", "obd_inverted", "obs")
_ZERO = 255


@dataclass(frozen=True)
class PackedLeNet:
    """Ce que le fichier de données contient, relu.

    Attributes
    ----------
    model : nn.Sequential
        Le réseau, en `float64`.
    test : Dataset
        Mille images de test à seize gris, et leurs classes.
    scores : dict[str, Scores]
        Un score `float32` par poids et par méthode.
    path : list[PrunedWeights]
        Réseaux compensés d'OBS, du moins au plus élagué.
    """

    model: nn.Sequential
    test: Dataset
    scores: dict[str, Scores]
    path: list[PrunedWeights]


# ------------------------------------------------------------------------------------ écriture


def build(target: Path) -> None:
    """Entraîne, calcule et écrit le fichier de données ; environ trois minutes."""
    model, splits = trained_lenet_300_100(), load_mnist()
    with torch.no_grad():
        for weight in prunable_parameters(model).values():
            weight.copy_((weight / STEP).round() * STEP)
    sample = Dataset(splits.train.x[:_CURVATURE_EXAMPLES], splits.train.y[:_CURVATURE_EXAMPLES])
    loader = batches(sample, 500)
    walk = obs_neuron_path(model, loader, F.cross_entropy, _WALK)
    path = [one for one, sparsity in zip(walk, _WALK, strict=True) if sparsity in _STAGES]
    weights = {name: p.detach() for name, p in prunable_parameters(model).items()}
    products = gradient_scores(model, batches(splits.train), F.cross_entropy)
    gradients = {n: (products[n] / weights[n].abs()).nan_to_num(0.0) for n in weights}
    curvature = ggn_diagonal(model, loader, F.cross_entropy)
    pixels = (splits.test.x[:_IMAGES] * _GREYS).round().to(torch.uint8).numpy()
    parts = [
        _grid(flat_floats(weights.values())),
        _biases(model.state_dict()),
        *_logs(curvature),
        *_logs(gradients),
        pixels.tobytes(),
        splits.test.y[:_IMAGES].to(torch.uint8).numpy().tobytes(),
        _leaves(path).tobytes(),
    ]
    for step in path:
        kept = np.concatenate([mask.flatten().numpy() for mask in step.masks.values()])
        parts += [
            _grid(flat_floats([step.weights[n] for n in weights])[kept]),
            _biases(step.weights),
        ]
    shown = Dataset(torch.from_numpy(pixels / _GREYS), splits.test.y[:_IMAGES])
    dense = evaluate(model.double(), shown).accuracy
    _write(target, b"".join(parts), list(weights), len(path), dense)


def _write(target: Path, content: bytes, names: Sequence[str], steps: int, dense: float) -> None:
    linears = list(lenet_300_100())[::2]
    header = {
        "names": names,
        "sizes": [linears[0].in_features, *(one.out_features for one in linears)],
        "scale": _GREYS,
        "step": STEP,
        "images": _IMAGES,
        "steps": steps,
        "dense": dense,  # l'évaluer prend un quart de seconde à un téléphone
        "methods": [{**look(key), "note": NOTES[key]} for key in _METHODS],
        "layerwise": look("magnitude_layerwise"),
    }
    packed = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
    data = json.dumps({"header": header, "packed": packed}, ensure_ascii=False)
    target.write_text(_BEFORE + data + _AFTER, encoding="utf-8", newline="\n")


def _grid(values: NDArray[np.float32]) -> bytes:
    codes = np.round(values / STEP).astype(np.int16)
    return (codes >> 8).astype(np.int8).tobytes() + (codes & 255).astype(np.uint8).tobytes()


def _biases(weights: Mapping[str, torch.Tensor]) -> bytes:
    chosen = [value for name, value in weights.items() if name.endswith("bias")]
    return flat_floats(chosen).astype("<f4").tobytes()


def _logs(values: Mapping[str, torch.Tensor]) -> list[bytes]:
    """Logarithmes en base √2, moins ceux de la ligne et de la colonne ; 255 veut dire zéro."""
    parts = []
    for tensor in values.values():
        array = tensor.double().numpy()
        dead = array <= 0
        codes = np.clip(np.round(2 * np.log2(np.where(dead, 1, array))), -120, 120)
        rows = _medians(codes, dead)
        columns = _medians(codes.T - rows, dead.T)
        rest = np.clip(codes - rows[:, None] - columns, -127, 127) + 127
        parts += [rows.astype(np.int8).tobytes(), columns.astype(np.int8).tobytes()]
        parts.append(np.where(dead, _ZERO, rest).astype(np.uint8).tobytes())
    return parts


def _medians(codes: NDArray[np.float64], dead: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Médiane de chaque ligne, poids morts exclus ; zéro pour une ligne morte."""
    lines = zip(codes, ~dead, strict=True)
    return np.array([round(np.median(line[kept])) if kept.any() else 0.0 for line, kept in lines])


def _leaves(path: Sequence[PrunedWeights]) -> NDArray[np.uint8]:
    """Étape à laquelle chaque poids part ; les masques s'emboîtent, il n'y en a qu'une."""
    kept = [np.concatenate([m.flatten().numpy() for m in one.masks.values()]) for one in path]
    return np.sum(kept, axis=0).astype(np.uint8)


# ------------------------------------------------------------------------------------- lecture


class _Reader:
    """Relit le fichier dans l'ordre où il a été écrit, comme `js/data/big.js`."""

    def __init__(self, content: bytes, shapes: Sequence[tuple[int, int]]) -> None:
        self._content, self._at, self._shapes = content, 0, shapes

    def take(self, length: int, dtype: str = "u1") -> NDArray[Any]:
        size = length * np.dtype(dtype).itemsize
        self._at += size
        return np.frombuffer(self._content[self._at - size : self._at], dtype)

    def grid(self, length: int) -> NDArray[np.float64]:
        high, low = self.take(length, "i1"), self.take(length)
        return (high.astype(np.int32) * 256 + low) * STEP

    def logs(self) -> NDArray[np.float64]:
        layers = []
        for n_out, n_in in self._shapes:
            rows, columns = self.take(n_out, "i1"), self.take(n_in, "i1")
            rest = self.take(n_out * n_in).reshape(n_out, n_in)
            codes = rest.astype(np.int64) - 127 + rows[:, None] + columns
            odd = codes & 1
            values = np.where(odd, math.sqrt(2), 1.0) * np.exp2((codes - odd) // 2)
            layers.append(np.where(rest == _ZERO, 0.0, values).ravel())
        return np.concatenate(layers)


@cache
def load() -> PackedLeNet:
    """Relit `built/lenet.js`."""
    text = built.read(built.LENET)
    data = json.loads(text.removeprefix(_BEFORE).removesuffix(_AFTER))
    model = lenet_300_100().double()
    names = list(prunable_parameters(model))
    shapes = [tuple(model.get_parameter(name).shape) for name in names]
    reader = _Reader(zlib.decompress(base64.b64decode(data["packed"])), shapes)  # type: ignore[arg-type]
    n = sum(rows * columns for rows, columns in shapes)
    n_biases = sum(rows for rows, _ in shapes)

    def split(flat: NDArray[Any]) -> dict[str, torch.Tensor]:
        ends = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
        pieces = zip(names, np.split(flat, ends), shapes, strict=True)
        return {name: torch.from_numpy(one.reshape(shape).copy()) for name, one, shape in pieces}

    def biases() -> dict[str, torch.Tensor]:
        flat = torch.from_numpy(reader.take(n_biases, "<f4").astype(np.float64))
        pieces = flat.split([rows for rows, _ in shapes])
        return {n.replace("weight", "bias"): b for n, b in zip(names, pieces, strict=True)}

    weights = reader.grid(n)
    model.load_state_dict({**split(weights), **biases()})
    curvature, gradient = reader.logs(), reader.logs()
    pixels = reader.take(_IMAGES * shapes[0][1]).reshape(_IMAGES, -1)
    labels = reader.take(_IMAGES)
    leaves = reader.take(n)
    path = []
    for step in range(data["header"]["steps"]):
        kept = leaves > step
        values = np.zeros(n)
        values[kept] = reader.grid(int(kept.sum()))
        path.append(PrunedWeights(masks=split(kept), weights={**split(values), **biases()}))
    scores = {
        "random": _scramble(n),
        "magnitude": np.abs(weights),
        "gradient": np.abs(weights) * gradient,
        "obd": 0.5 * curvature * (weights * weights),
        "obd_inverted": (weights * weights) / (2 * (curvature + 1e-10)),
    }
    test = Dataset(torch.from_numpy(pixels / _GREYS), torch.from_numpy(labels.astype(np.int64)))
    return PackedLeNet(
        model.eval(),
        test,
        {method: split(score.astype(np.float32)) for method, score in scores.items()},
        path,
    )


def _scramble(n: int) -> NDArray[np.float64]:
    """Un désordre sans tirage, le même en JavaScript : les bits du rang, mélangés."""
    x = np.arange(n, dtype=np.uint32)
    for _ in range(2):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
    return (x ^ (x >> np.uint32(16))) / 2.0**32


if __name__ == "__main__":
    build(Path(str(built.FOLDER / built.LENET)))
