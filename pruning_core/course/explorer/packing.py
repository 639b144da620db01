"""Ce que l'explorateur emporte dans la page : le réseau, les images, l'ordre d'élagage.

L'ordre de départ des poids (des rangs, entiers) remplace les scores (des réels) : plus court, et
le même sur toutes les machines tant que deux scores ne se touchent pas.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pruning_core.course.explorer.compensated import pack_path
from pruning_core.course.explorer.integers import write_integers
from pruning_core.methods import METHODS
from pruning_core.weights.prunable import prunable_parameters

if TYPE_CHECKING:
    from pruning_core.masks.applying import PrunedWeights

# Une phrase par méthode, montrée sous le choix : ce qu'elle coupe, et ce qu'elle fait du reste.
NOTES: dict[str, str] = {
    "random": "Coupe au hasard\u00a0: le témoin que toute méthode doit battre.",
    "magnitude": "Coupe les poids les plus petits en valeur absolue. Les autres ne bougent pas.",
    "magnitude_layerwise": (
        "Coupe, dans chaque couche, les poids les plus petits. Les autres ne bougent pas."
    ),
    "gradient": "Coupe les plus petits |w| × |gradient de la perte|. Les autres ne bougent pas.",
    "obd": (
        "Coupe les plus petits ½ H w²\u00a0: ceux dont la suppression coûte le moins selon la "
        "courbure H de la perte. Les autres ne bougent pas."
    ),
    "obd_inverted": (
        "Piège\u00a0: la courbure divise au lieu de multiplier, w² / (2H). Les poids importants "
        "partent les premiers."
    ),
    "obs": (
        "Coupe les poids que les autres savent le mieux remplacer, puis déplace ceux qui restent "
        "pour compenser."
    ),
    "layer_obs": (
        "Coupe, dans chaque couche, les poids que les autres savent le mieux remplacer, puis "
        "déplace ceux qui restent pour que sa sortie change le moins possible."
    ),
    "wanda": (
        "Coupe, dans chaque neurone, les plus petits |w| × norme de l'entrée. Les autres ne "
        "bougent pas."
    ),
}


def linear_layers(model: nn.Module) -> dict[str, nn.Linear]:
    """Couches linéaires d'un perceptron linéaire-ReLU-...-linéaire, par nom de leur poids.

    Raises
    ------
    TypeError
        Si le modèle n'est pas un `nn.Sequential` de cette forme, avec biais.
    """
    modules = list(model) if isinstance(model, nn.Sequential) else []
    expected = [nn.ReLU if rank % 2 else nn.Linear for rank in range(len(modules))]
    shape = [type(module) for module in modules]
    if shape != expected or len(modules) % 2 == 0 or any(m.bias is None for m in modules[::2]):
        names = ", ".join(kind.__name__ for kind in shape) or type(model).__name__
        raise TypeError(
            f"modèle : reçu {names} ; attendu un nn.Sequential de nn.Linear (avec biais) "
            "séparés par des nn.ReLU"
        )
    linears = [module for module in modules if isinstance(module, nn.Linear)]
    return dict(zip(prunable_parameters(model, include_frozen=True), linears, strict=True))


def elimination_order(scores: Mapping[str, torch.Tensor]) -> NDArray[np.int64]:
    """Ordre de départ des poids, du premier élagué au dernier.

    Les k premiers sont ceux que `global_masks` élague ; restreint à une couche, l'ordre donne
    ceux que `layerwise_masks` élague. À égalité, le plus petit rang part le premier.

    Parameters
    ----------
    scores : dict[str, Tensor]
        Un score par poids, dans l'ordre des couches.

    Returns
    -------
    ndarray
        Indices à plat, forme [n].
    """
    flat = torch.cat([score.detach().flatten().double().cpu() for score in scores.values()])
    return torch.argsort(flat, stable=True).numpy()


def _order(
    scores: Mapping[str, torch.Tensor], weights: Mapping[str, torch.Tensor]
) -> dict[str, str]:
    """L'ordre à emporter ; aucun si c'est celui des valeurs absolues, que la page retrouve."""
    order = elimination_order(scores)
    if np.array_equal(order, elimination_order({n: w.float().abs() for n, w in weights.items()})):
        return {}
    return {"order": encode(order.astype(np.uint16 if len(order) <= 2**16 else np.uint32))}


def encode(values: NDArray[Any]) -> str:
    """Tableau en base64, petit-boutiste ; relu par `js/data/base64.js`."""
    little_endian = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little_endian.tobytes()).decode("ascii")


def flat_floats(tensors: Iterable[torch.Tensor]) -> NDArray[np.float32]:
    """Tenseurs mis bout à bout, à plat, en `float32`."""
    flat = torch.cat([tensor.detach().flatten().cpu() for tensor in tensors])
    return flat.to(torch.float32).numpy()


def _pixels(images: torch.Tensor) -> dict[str, Any]:
    """Images en entiers sur 8 bits si une échelle simple le permet, sinon en réels."""
    flat = images.detach().flatten(1).double().cpu()
    for scale in (1, 16, 255):
        scaled = flat * scale
        whole = scaled.round()
        if bool(((scaled - whole).abs() < 1e-4).all()) and whole.min() >= 0 and whole.max() <= 255:
            return {"images": write_integers(whole.flatten().long().numpy()), "scale": scale}
    return {"images": encode(flat.float().numpy()), "scale": 1, "pixels": "float32"}


def pack(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    scores: Mapping[str, Mapping[str, torch.Tensor]],
    path: Sequence[PrunedWeights],
    step: float,
) -> dict[str, Any]:
    """Réunit tout ce que la page doit savoir, en valeurs que JSON sait écrire.

    Parameters
    ----------
    model : nn.Module
        Perceptron linéaire-ReLU-...-linéaire.
    images, labels : Tensor
        Images de test, forme [n, d], et leurs classes, forme [n].
    scores : dict[str, dict[str, Tensor]]
        Pour chaque clé de `METHODS`, un score par poids.
    path : suite de PrunedWeights
        Réseaux compensés d'OBS rendus par `on_grid` ; vide s'il n'y en a pas.
    step : float
        Pas de leur grille.

    Returns
    -------
    dict
        Tableaux en base64 (petit-boutistes) et réglages ; le format est lu par `decode` dans
        `js/data/small.js`.
    """
    layers = linear_layers(model)
    names = list(layers)
    weights = {name: layer.weight for name, layer in layers.items()}
    methods: list[dict[str, Any]] = [
        {**look(key), "note": NOTES[key], **_order({n: one[n] for n in names}, weights)}
        for key, one in scores.items()
    ]
    if path:
        packed = pack_path(model, names, path, step)
        methods.append({**look("obs"), "note": NOTES["obs"], "path": packed})
    linears = list(layers.values())
    return {
        "names": names,
        "sizes": [linears[0].in_features, *(m.out_features for m in linears)],
        "weights": encode(flat_floats([m.weight for m in linears])),
        "biases": encode(flat_floats([m.bias for m in linears])),
        **_pixels(images),
        "labels": encode(labels.cpu().numpy().astype(np.uint8)),
        "methods": methods,
        "layerwise": look("magnitude_layerwise"),
    }


def look(key: str) -> dict[str, str]:
    """Nom affiché, couleur et trait d'une méthode."""
    method = METHODS[key]
    return {"key": key, "label": method.label, "colour": method.colour, "dash": method.dash}


def to_json(data: Mapping[str, Any]) -> str:
    """JSON compact, sans « < » : il se met tel quel dans un élément `<script>`."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
