"""Les méthodes d'élagage, par leur nom : comment on les montre, comment elles élaguent.

Les comparaisons, les figures, l'explorateur et les expériences lisent tous `METHODS`. Un critère
de plus y prend une ligne.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from pruning_core.masks.applying import Pruned
from pruning_core.masks.choosing import global_masks, layerwise_masks, rowwise_masks
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.obs.neurons import obs_neuron_pruning
from pruning_core.scores.gradient import gradient_scores
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.obd import obd_scores
from pruning_core.scores.random import random_scores
from pruning_core.scores.wanda import wanda_scores
from pruning_core.types import Criterion, Loader

Pruner = Callable[[nn.Module, Loader, Criterion, float, int], Pruned]
"""(modèle, données, perte, sparsité, graine) -> masques, ou masques et poids ajustés."""


class Method(NamedTuple):
    """Une méthode d'élagage, telle que tout le cours la nomme et la dessine.

    Attributes
    ----------
    label : str
        Nom affiché.
    colour : str
        Couleur, de contraste 3:1 au moins sur blanc.
    dash : str
        Trait : "-", "--" ou ":".
    prune : fonction (modèle, données, perte, sparsité, graine) -> Masks ou PrunedWeights, ou None
        `None` si la méthode n'est que montrée : la bibliothèque n'élague pas ainsi.
    """

    label: str
    colour: str
    dash: str
    prune: Pruner | None


# Teintes d'Okabe et Ito, assombries là où il le faut pour garder un contraste de 3:1 sur blanc.
METHODS: dict[str, Method] = {
    "random": Method(
        *("hasard", "#767676", ":"),
        lambda model, data, loss, s, seed: global_masks(random_scores(model, seed=seed), s),
    ),
    "magnitude": Method(
        *("magnitude", "#0072b2", "-"),
        lambda model, data, loss, s, seed: global_masks(magnitude_scores(model), s),
    ),
    "magnitude_layerwise": Method(
        *("magnitude par couche", "#2f8fbd", "--"),
        lambda model, data, loss, s, seed: layerwise_masks(magnitude_scores(model), s),
    ),
    "gradient": Method(
        *("gradient", "#b87400", "-"),
        lambda model, data, loss, s, seed: global_masks(gradient_scores(model, data, loss), s),
    ),
    "obd": Method(
        *("OBD", "#00835f", "-"),
        lambda model, data, loss, s, seed: global_masks(obd_scores(model, data, loss), s),
    ),
    # La formule inversée du chapitre, que la leçon 8.1.3 mesure pour la corriger.
    "obd_inverted": Method("OBD inversé", "#d55e00", ":", None),
    "obs": Method(
        *("OBS", "#a8478b", "-"),
        lambda model, data, loss, s, seed: obs_neuron_pruning(model, data, loss, s),
    ),
    "obs_one_step": Method(
        *("OBS en un pas", "#d0609c", "--"),
        lambda model, data, loss, s, seed: obs_neuron_pruning(model, data, loss, s, steps=1),
    ),
    "layer_obs": Method(
        *("OBS par couche", "#6650a4", "--"),
        lambda model, data, loss, s, seed: obs_layer_pruning(model, data, s),
    ),
    "sparsegpt": Method(
        *("SparseGPT", "#8a3b12", "-"),
        lambda model, data, loss, s, seed: obs_layer_pruning(model, data, s, order="left_to_right"),
    ),
    "wanda": Method(
        *("Wanda", "#80800f", ":"),
        lambda model, data, loss, s, seed: rowwise_masks(wanda_scores(model, data), s, model=model),
    ),
}
"""Dans l'ordre où le cours les rencontre."""
