"""Enregistrer un modèle élagué à la place qu'il prend : une carte de bits, puis ce qui reste."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

from pruning_core.checks import check_initialized, check_materialized

_INDEX = "pruning_core"
_INSTALL = "pip install pruning-core[safetensors]"
_SIGN = 0x80  # le dernier octet de −0, les autres étant nuls


@dataclass(frozen=True)
class FileSize:
    """Place que prend un modèle enregistré, en octets.

    Attributes
    ----------
    compact : int
        Taille du fichier.
    dense : int
        Taille de ses tenseurs, zéros compris.
    """

    compact: int
    dense: int

    def __str__(self) -> str:
        """Les deux tailles, et ce que l'on y gagne."""
        told = f"{_units(self.compact)} au lieu de {_units(self.dense)}"
        times = f"{self.dense / self.compact:.1f}".replace(".", ",")
        return f"{told}, {times} fois moins" if self.compact < self.dense else told

    __repr__ = __str__


def save_pruned(model: nn.Module, path: str | Path) -> FileSize:
    """Enregistre un modèle élagué dans un fichier safetensors, sans ses zéros.

    D'un tenseur qui y gagne, sont écrits un bit par valeur et les valeurs non nulles ; les autres
    (biais, statistiques, poids denses) le sont en entier. Tout est rendu au bit près, quel que soit
    le type ; un poids partagé n'est écrit qu'une fois. Demande le paquet `safetensors` :
    `pip install pruning-core[safetensors]`.

    Parameters
    ----------
    model : nn.Module
        Ses paramètres et ses tampons : ce que rend `state_dict()`.
    path : str ou Path
        Le nom du fichier, pris tel quel.

    Returns
    -------
    FileSize
        S'affiche en français : « 1,2 Mo au lieu de 10,8 Mo, 9,0 fois moins ».

    Raises
    ------
    FileNotFoundError
        Si le dossier du fichier n'existe pas.
    ImportError
        Si `safetensors` n'est pas installé.
    TypeError, ValueError
        Si le `state_dict` contient autre chose que des tenseurs denses, ou des tenseurs sans
        données (`meta`, module paresseux qui n'a rien lu).
    """
    safetensors = _safetensors()
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(f"{path} : reçu un dossier absent ; attendu un dossier existant.")
    state = model.state_dict()
    _check_state(state)
    stored: dict[str, torch.Tensor] = {}
    shapes: dict[str, list[int]] = {}
    shared: dict[str, str] = {}
    first: dict[tuple[Any, ...], str] = {}
    for name, tensor in state.items():
        alias = first.setdefault(_place(name, tensor), name)
        if alias != name:
            shared[name] = alias
            continue
        whole = tensor.detach().cpu().contiguous()
        parts = _packed(whole)
        if sum(part.nbytes for part in parts.values()) < whole.nbytes:
            shapes[name] = list(whole.shape)
            stored |= {f"{key}:{name}": part for key, part in parts.items()}
        else:
            # safetensors refuse deux tenseurs qui se recouvrent, une vue et sa base par exemple.
            stored[name] = whole.clone()
    index = json.dumps({"shapes": shapes, "shared": shared, "order": list(state)})
    try:
        safetensors.torch.save_file(stored, str(path), metadata={_INDEX: index})
    except KeyError as error:
        raise TypeError(
            f"state_dict : reçu le type {error} ; attendu des types que safetensors sait écrire."
        ) from error
    dense = sum(t.nbytes for name, t in state.items() if name not in shared)
    return FileSize(compact=Path(path).stat().st_size, dense=dense)


def load_pruned(path: str | Path, *, device: torch.device | str = "cpu") -> dict[str, torch.Tensor]:
    """Relit ce qu'a enregistré `save_pruned`, zéros remis : un `state_dict`.

    `model.load_state_dict(load_pruned(path))` le met dans un modèle de même architecture.

    Returns
    -------
    dict[str, Tensor]
        Les mêmes clefs, les mêmes types et les mêmes bits, dans le même ordre ; les noms d'un poids
        partagé désignent le même tenseur.

    Raises
    ------
    FileNotFoundError
        Si le fichier n'existe pas.
    ImportError
        Si `safetensors` n'est pas installé.
    ValueError
        Si ce n'est pas un fichier écrit par `save_pruned`.
    """
    safetensors = _safetensors()
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} : reçu un chemin sans fichier ; attendu un fichier.")
    try:
        with safetensors.safe_open(str(path), framework="pt") as file:
            index = json.loads((file.metadata() or {})[_INDEX])
            stored = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        state: dict[str, torch.Tensor] = {}
        for name in index["order"]:
            if name in index["shared"]:
                state[name] = state[index["shared"][name]]
            else:
                state[name] = _read(stored, name, index["shapes"].get(name)).to(device)
    except (KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise ValueError(
            f"{path} : reçu un fichier illisible ; attendu un fichier écrit par save_pruned."
        ) from error
    return state


def _safetensors() -> ModuleType:
    try:
        import safetensors.torch
    except ImportError as error:
        raise ImportError(
            "safetensors : reçu un environnement sans ce paquet ; attendu qu'il y soit : "
            f"{_INSTALL}"
        ) from error
    return safetensors


def _check_state(state: Mapping[str, object]) -> None:
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor) or tensor.is_quantized:
            kind = tensor.dtype if isinstance(tensor, torch.Tensor) else type(tensor).__name__
            raise TypeError(f"{name} : reçu {kind} ; attendu un tenseur ordinaire.")
        if tensor.layout != torch.strided:
            raise TypeError(f"{name} : reçu la forme {tensor.layout} ; attendu un tenseur dense.")
        check_initialized(tensor, name)
        check_materialized(tensor, name)


def _place(name: str, tensor: torch.Tensor) -> tuple[Any, ...]:
    """Ce qui est égal pour deux noms du même tenseur."""
    if tensor.numel() == 0:
        return (name,)
    return (tensor.device, tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride())


def _read(stored: Mapping[str, torch.Tensor], name: str, shape: list[int] | None) -> torch.Tensor:
    """Un tenseur écrit en entier, ou de forme donnée et sans ses zéros."""
    if shape is None:
        return stored[name]
    keys = {key: f"{key}:{name}" for key in ("bits", "values", "signs")}
    return _unpacked({k: stored[at] for k, at in keys.items() if at in stored}, shape)


def _packed(whole: torch.Tensor) -> dict[str, torch.Tensor]:
    """Un bit par valeur, celles dont un bit au moins n'est pas nul, et le signe des zéros.

    Multiplier un poids négatif par son masque donne −0 : rendu au bit près, pour un bit de plus.
    """
    octets = _octets(whole)
    signed = (octets[:, -1] == _SIGN) & (octets[:, :-1] == 0).all(1)
    kept = (octets != 0).any(1) & ~signed
    parts = {"bits": _bits(kept), "values": octets[kept].reshape(-1).view(whole.dtype)}
    return parts | {"signs": _bits(signed[~kept])} if signed.any() else parts


def _unpacked(parts: Mapping[str, torch.Tensor], shape: list[int]) -> torch.Tensor:
    values = parts["values"]
    kept = _booleans(parts["bits"], prod(shape))
    octets = torch.zeros(len(kept), values.itemsize, dtype=torch.uint8)
    octets[kept] = _octets(values)
    if "signs" in parts:
        zeros = torch.nonzero(~kept).squeeze(1)
        octets[zeros[_booleans(parts["signs"], len(zeros))], -1] = _SIGN
    return octets.reshape(-1).view(values.dtype).reshape(shape)


def _octets(tensor: torch.Tensor) -> torch.Tensor:
    """Les octets de chaque valeur, [n, octets], quel que soit le type."""
    return tensor.reshape(-1).view(torch.uint8).reshape(tensor.numel(), tensor.itemsize)


def _bits(booleans: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.packbits(booleans.numpy()))


def _booleans(bits: torch.Tensor, count: int) -> torch.Tensor:
    return torch.from_numpy(np.unpackbits(bits.numpy(), count=count).astype(bool))


def _units(size: int) -> str:
    """Une taille en octets, à la française : 1,2 Mo."""
    for unit, factor in (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".", ",")
    return f"{size} octets"
