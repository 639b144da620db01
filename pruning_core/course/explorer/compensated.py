"""Le trajet d'OBS dans l'explorateur : arrondi sans changer une réponse, puis écrit en différences.

D'un réseau au suivant, un poids gardé bouge peu : son déplacement, compté en pas d'une grille, est
un petit entier qui se compresse bien mieux qu'un réel. La grille est la plus grosse qui laisse
chaque image de test dans la même classe, et Python évalue les réseaux arrondis : la page et lui
comptent les mêmes images justes.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pruning_core.course.explorer.integers import write_integers
from pruning_core.masks.applying import PrunedWeights
from pruning_core.types import Masks

if TYPE_CHECKING:
    from collections.abc import Iterable

_COARSEST, _FINEST = 6, 40


def on_grid(
    model: nn.Module, images: torch.Tensor, path: Sequence[PrunedWeights]
) -> tuple[list[PrunedWeights], float]:
    """Arrondit un trajet au plus gros pas qui ne change aucune prédiction.

    Parameters
    ----------
    model : nn.Module
        Réseau dense ; il n'est pas modifié.
    images : Tensor
        Images de test, forme [n, d].
    path : suite de PrunedWeights
        Réseaux compensés, du moins au plus élagué.

    Returns
    -------
    list[PrunedWeights], float
        Réseaux aux poids et biais multiples du pas, et le pas, une puissance de deux.

    Raises
    ------
    ValueError
        Si un poids n'est pas fini, si un poids coupé revient plus loin dans le trajet, ou si
        aucun arrondi ne garde les prédictions.
    """
    _check_finite(path)
    _check_nested(path)
    wanted = _predictions(model, images, path)
    for bits in range(_COARSEST, _FINEST):
        step = 2.0**-bits
        rounded = [
            PrunedWeights(masks=_on_cpu(one.masks), weights=_round(one.weights, step))
            for one in path
        ]
        found = _predictions(model, images, rounded)
        if all(torch.equal(a, b) for a, b in zip(wanted, found, strict=True)):
            return rounded, step
    raise ValueError(
        f"trajet d'OBS : reçu des classes à égalité qu'un arrondi à 2⁻{_FINEST - 1} départage ; "
        "attendu des prédictions nettes"
    )


def pack_path(
    model: nn.Module, names: Sequence[str], path: Sequence[PrunedWeights], step: float
) -> dict[str, Any]:
    """Écrit un trajet arrondi : l'étape où chaque poids part, et les déplacements des autres.

    Parameters
    ----------
    model : nn.Module
        Réseau dense, d'où partent les déplacements du premier réseau.
    names : suite de str
        Noms des poids, dans l'ordre des couches.
    path : suite de PrunedWeights
        Réseaux rendus par `on_grid`.
    step : float
        Pas de leur grille.

    Returns
    -------
    dict
        `step`, `count` (nombre de réseaux), `stays` (pour chaque poids, dans combien de
        réseaux il reste) et `moves` (réseau par réseau, poids gardés puis biais) ; relu par
        `readPath` dans `js/data/compensated.js`.
    """
    biases = [name.replace("weight", "bias") for name in names]
    kept = [np.concatenate([one.masks[n].flatten().numpy() for n in names]) for one in path]
    always = np.ones(sum(len(path[0].weights[name]) for name in biases), dtype=bool)
    before = _cells((model.get_parameter(name) for name in (*names, *biases)), step)
    moves = []
    for one, mask in zip(path, kept, strict=True):
        after = _cells((one.weights[name] for name in (*names, *biases)), step)
        moves.append((after - before)[np.concatenate([mask, always])])
        before = after
    return {
        "step": step,
        "count": len(path),
        "stays": write_integers(np.sum(kept, axis=0)),
        "moves": write_integers(np.concatenate(moves)),
    }


def _check_finite(path: Sequence[PrunedWeights]) -> None:
    for rank, one in enumerate(path, 1):
        for name, values in one.weights.items():
            if not bool(values.isfinite().all()):
                raise ValueError(
                    f"trajet d'OBS : reçu, à l'étape {rank}, une valeur infinie ou indéfinie dans "
                    f"{name} ; attendu des poids finis"
                )


def _check_nested(path: Sequence[PrunedWeights]) -> None:
    for rank, (larger, smaller) in enumerate(pairwise(path), 1):
        for name, mask in smaller.masks.items():
            if bool((mask & ~larger.masks[name]).any()):
                raise ValueError(
                    f"trajet d'OBS : reçu, à l'étape {rank + 1}, un poids de {name} déjà coupé ; "
                    "attendu des masques emboîtés, du moins au plus élagué"
                )


def _predictions(
    model: nn.Module, images: torch.Tensor, path: Sequence[PrunedWeights]
) -> list[torch.Tensor]:
    network = copy.deepcopy(model)
    found = []
    for one in path:
        network.load_state_dict(one.weights, strict=False)
        with torch.no_grad():
            found.append(network(images).argmax(1))
    return found


def _on_cpu(masks: Masks) -> Masks:
    return {name: mask.cpu() for name, mask in masks.items()}


def _round(weights: dict[str, torch.Tensor], step: float) -> dict[str, torch.Tensor]:
    return {
        name: (w.detach().double().cpu() / step + 0.5).floor() * step for name, w in weights.items()
    }


def _cells(tensors: Iterable[torch.Tensor], step: float) -> NDArray[np.int64]:
    """Rangs sur la grille, à plat ; au milieu de deux, le plus grand, comme en JavaScript."""
    flat = torch.cat([tensor.detach().flatten().double() for tensor in tensors])
    return (flat / step + 0.5).floor().to(torch.int64).numpy()
