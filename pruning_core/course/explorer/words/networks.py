"""Les réseaux de l'explorateur de mots : les mêmes valeurs que `js/words/networks.js`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from pruning_core.course.words.transformer import WordTransformer, block_weights
from pruning_core.masks.applying import PrunedWeights, apply_masks
from pruning_core.masks.choosing import global_masks, layerwise_masks, rowwise_masks
from pruning_core.types import Masks, Scores

PERCENTS = tuple(range(0, 101, 10))
"""Les sparsités proposées, en pour cent."""

METHOD_KEYS = ("magnitude", "magnitude_layerwise", "wanda", "layer_obs")
"""Les méthodes proposées, des clefs de `METHODS`."""


@dataclass(frozen=True)
class WordNetworks:
    """Le modèle de mots arrondi, et de quoi l'élaguer par chaque méthode.

    Attributes
    ----------
    dense : WordTransformer
        En `float64`.
    norms : dict[str, Tensor]
        Pour chaque poids élagable, la norme de chacune de ses entrées.
    compensated : dict[int, PrunedWeights]
        Les réseaux d'OBS par couche, par sparsité en pour cent.
    """

    dense: WordTransformer
    norms: Mapping[str, torch.Tensor]
    compensated: Mapping[int, PrunedWeights]

    def pruned(self, method: str, percent: int) -> WordTransformer:
        """Le réseau d'une méthode à une sparsité, neuf, en `float64`.

        Parameters
        ----------
        method : str
            Une de `METHOD_KEYS`.
        percent : int
            Une de `PERCENTS`.

        Raises
        ------
        ValueError
            Si l'explorateur n'a pas cette méthode ou cette sparsité.
        """
        if method not in METHOD_KEYS:
            raise ValueError(f"méthode : reçu {method!r} ; attendu {', '.join(METHOD_KEYS)}.")
        if percent not in PERCENTS:
            raise ValueError(f"sparsité : reçu {percent} % ; attendu {PERCENTS}, en pour cent.")
        model = copy.deepcopy(self.dense)
        if method == "layer_obs":
            if percent:
                model.load_state_dict(self.compensated[percent].weights, strict=False)
        else:
            apply_masks(model, self._masks(method, percent / 100))
        return model

    def _masks(self, method: str, sparsity: float) -> Masks:
        magnitudes: Scores = {n: w.detach().abs() for n, w in block_weights(self.dense).items()}
        selectors: dict[str, Callable[[], Masks]] = {
            "magnitude": lambda: global_masks(magnitudes, sparsity),
            "magnitude_layerwise": lambda: layerwise_masks(magnitudes, sparsity),
            "wanda": lambda: rowwise_masks(
                {name: score * self.norms[name] for name, score in magnitudes.items()}, sparsity
            ),
        }
        return selectors[method]()
