"""Les poids qu'aucun exemple ne fait bouger : leur gradient est exactement nul, et pourquoi."""

from __future__ import annotations

import torch
from torch import nn

from pruning_core.types import Masks

READS_ZERO = "lit une entrée toujours nulle"
NEVER_ON = "mène à un neurone qui ne s'allume jamais"
NO_WAY_OUT = "mène à un neurone dont toutes les sorties sont coupées"


def idle_weights(model: nn.Sequential, x: torch.Tensor) -> dict[str, Masks]:
    """Poids d'un perceptron dont le gradient est nul sur tous les exemples, rangés par cause.

    Un poids n'est rangé que sous la première cause qui vaut pour lui. Il en est d'autres, dont le
    gradient s'annule exemple par exemple : leur entrée et leur neurone ne servent jamais ensemble.

    Parameters
    ----------
    model : nn.Sequential
        Perceptron linéaire-ReLU-...-linéaire.
    x : Tensor
        Entrées, forme [n, d].

    Returns
    -------
    dict[str, Masks]
        Pour chaque cause, un masque par couche (« 0.weight »...), vrai pour les poids qu'elle
        fige.
    """
    layers = {f"{i}.weight": m for i, m in enumerate(model) if isinstance(m, nn.Linear)}
    chain = list(layers.values())
    on = _switched_on(chain, x)
    heard = _heard(chain, on)
    causes: dict[str, Masks] = {READS_ZERO: {}, NEVER_ON: {}, NO_WAY_OUT: {}}
    for rank, (name, layer) in enumerate(layers.items()):
        reads = (x != 0).any(dim=0) if rank == 0 else on[rank - 1]
        moving = torch.ones_like(layer.weight, dtype=torch.bool)
        for cause, sound in (
            (READS_ZERO, reads[None, :]),
            (NEVER_ON, on[rank][:, None]),
            (NO_WAY_OUT, heard[rank][:, None]),
        ):
            causes[cause][name] = moving & ~sound
            moving = moving & sound
    return causes


def _switched_on(layers: list[nn.Linear], x: torch.Tensor) -> list[torch.Tensor]:
    """Dit, pour chaque couche, quels neurones s'allument au moins une fois ; en sortie, tous."""
    on = []
    with torch.no_grad():
        for layer in layers[:-1]:
            x = torch.relu(layer(x))
            on.append((x > 0).any(dim=0))
    return [*on, torch.ones(layers[-1].out_features, dtype=torch.bool)]


def _heard(layers: list[nn.Linear], on: list[torch.Tensor]) -> list[torch.Tensor]:
    """Dit, pour chaque couche, de quels neurones un chemin non nul va jusqu'à la sortie."""
    heard = [on[-1]]
    for after, switched in zip(reversed(layers[1:]), reversed(on[1:]), strict=True):
        listening = heard[0] & switched
        heard.insert(0, (after.weight.detach()[listening] != 0).any(dim=0))
    return heard
