"""Les poids du modèle de mots en petits entiers : ce que la page et Python relisent, exactement.

Une ligne d'une matrice élagable est un pas, en `float32`, fois des entiers de −127 à 127 ; le
reste (plongements, gains, biais) est sur une grille commune. Un entier fois un pas est exact en
`float64` : la page et Python calculent sur les mêmes nombres.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

_LARGEST_CODE = 127
_LARGEST_CELL = 2**15 - 1


class Rows(NamedTuple):
    """Des lignes en entiers.

    Attributes
    ----------
    scales : ndarray float32
        Pas de chaque ligne.
    codes : ndarray int8
        À plat.
    """

    scales: NDArray[np.float32]
    codes: NDArray[np.int8]


def quantize_rows(matrices: Iterable[torch.Tensor]) -> Rows:
    """Met des matrices bout à bout, chaque ligne au plus près sur 255 niveaux."""
    scales, codes = [], []
    for matrix in matrices:
        rows = matrix.detach().double().numpy()
        largest = np.abs(rows).max(axis=1)
        steps = np.where(largest > 0, largest / _LARGEST_CODE, 1.0).astype(np.float32)
        cells = np.clip(np.round(rows / steps[:, None]), -_LARGEST_CODE, _LARGEST_CODE)
        scales.append(steps)
        codes.append(cells.astype(np.int8).ravel())
    return Rows(np.concatenate(scales), np.concatenate(codes))


def dequantize_rows(
    cells: NDArray[np.integer], scales: NDArray[np.float32], shapes: Iterable[Sequence[int]]
) -> list[torch.Tensor]:
    """Les matrices, en `float64`, d'entiers à plat et du pas de chaque ligne."""
    matrices, row, cell = [], 0, 0
    for rows, columns in shapes:
        part = cells[cell : cell + rows * columns].astype(np.float64).reshape(rows, columns)
        matrices.append(torch.from_numpy(part * scales[row : row + rows, None].astype(np.float64)))
        row, cell = row + rows, cell + rows * columns
    return matrices


def grid_step(tensors: Iterable[torch.Tensor]) -> float:
    """Le plus petit pas, puissance de deux, qui met toutes ces valeurs sur 16 bits."""
    largest = max(float(tensor.detach().abs().max()) for tensor in tensors)
    return 2.0 ** math.ceil(math.log2(max(largest, 2.0**-10) / _LARGEST_CELL))


def to_grid(tensors: Iterable[torch.Tensor], step: float) -> NDArray[np.int16]:
    """Rangs sur la grille, à plat.

    Raises
    ------
    ValueError
        Si une valeur n'y tient pas sur 16 bits.
    """
    flat = torch.cat([tensor.detach().flatten().double() for tensor in tensors]).numpy()
    cells = np.round(flat / step)
    if np.abs(cells).max(initial=0) > _LARGEST_CELL:
        raise ValueError(
            f"valeurs : reçu {np.abs(flat).max():g} ; attendu {_LARGEST_CELL * step:g} au plus."
        )
    return cells.astype(np.int16)


def planes(values: NDArray[np.integer]) -> bytes:
    """Des entiers de 16 bits, octets forts puis octets faibles ; relus par `Reader.shorts`."""
    words = values.astype(np.int64) & 0xFFFF
    return (words >> 8).astype(np.uint8).tobytes() + (words & 255).astype(np.uint8).tobytes()


def zigzag(values: NDArray[np.integer]) -> NDArray[np.int64]:
    """0, −1, 1, −2... deviennent 0, 1, 2, 3 : les petits entiers ont l'octet fort nul."""
    wide = values.astype(np.int64)
    return np.where(wide < 0, -2 * wide - 1, 2 * wide)


def unzigzag(codes: NDArray[np.integer]) -> NDArray[np.int64]:
    """L'inverse de `zigzag`."""
    wide = codes.astype(np.int64)
    return np.where(wide & 1, -(wide >> 1) - 1, wide >> 1)
