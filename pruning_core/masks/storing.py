"""Enregistrer et relire des masques : un bit par poids, compressé."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from pruning_core.masks.applying import check_bool_masks
from pruning_core.types import Masks

_INDEX = "index"


def save_masks(masks: Mapping[str, torch.Tensor], path: str | Path) -> None:
    """Enregistre des masques dans un fichier `.npz` : un bit par poids, puis compression.

    Parameters
    ----------
    masks : Masks
    path : str ou Path
        Le nom du fichier, pris tel quel.

    Raises
    ------
    TypeError, ValueError
        Si les masques sont vides ou ne sont pas booléens.
    """
    check_bool_masks(masks)
    index = json.dumps([[name, list(mask.shape)] for name, mask in masks.items()])
    arrays: dict[str, Any] = {
        str(rank): np.packbits(mask.cpu().reshape(-1).numpy())
        for rank, mask in enumerate(masks.values())
    }
    arrays[_INDEX] = np.array(index)
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_masks(path: str | Path, *, device: torch.device | str = "cpu") -> Masks:
    """Relit les masques qu'a enregistrés `save_masks`, dans le même ordre.

    Raises
    ------
    FileNotFoundError
        Si le fichier n'existe pas.
    ValueError
        Si ce n'est pas un fichier de masques.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            index = json.loads(str(archive[_INDEX]))
            return {
                name: _unpack(archive[str(rank)], shape).to(device)
                for rank, (name, shape) in enumerate(index)
            }
    except (KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} : reçu un fichier illisible ; attendu un fichier écrit par save_masks."
        ) from error


def _unpack(bits: npt.NDArray[np.uint8], shape: list[int]) -> torch.Tensor:
    return torch.from_numpy(np.unpackbits(bits, count=prod(shape)).astype(bool)).reshape(shape)
