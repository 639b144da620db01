"""Les gradients d'un poids qui s'annulent dans un lot, mélange après mélange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

import numpy as np
import torch

from pruning_core.course.datasets import Dataset, batches
from pruning_core.course.explorer.packing import encode, flat_floats
from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures.base import Picture, drawing, table
from pruning_core.methods import METHODS

SHUFFLES = 8
"""Mélanges proposés : ceux de `batches`, de graines 0 à 7."""

_WIDTH, _HEIGHT = 340, 200
_COLOUR = METHODS["gradient"].colour
_UNIT = 1e6  # les saillances se lisent en millionièmes, comme dans la leçon


class Cancellation(Picture):
    """Ce qui reste des gradients d'un poids dans chaque lot, selon leur taille et le mélange.

    Dans chaque lot, les gradients positifs montent, les négatifs descendent, et la moyenne est ce
    qui en reste. La saillance par lots en dépend ; la saillance par exemple, non.

    Parameters
    ----------
    weights : dict[str, (float, Tensor)]
        Par nom affiché, un poids et le gradient de chaque exemple par rapport à lui, forme [N], les
        mêmes exemples dans le même ordre pour tous.
    sizes : suite d'int
        Tailles de lots proposées, croissantes, de 1 à N.
    size : int
        Celle du départ, une de `sizes`.

    Raises
    ------
    ValueError
        Si les gradients ou les tailles ne conviennent pas.

    Notes
    -----
    Les gradients sont en simple précision, ici comme dans la page ; les moyennes, en double.
    """

    kind = "cancellation"
    heights = (345, 645)

    def __init__(
        self,
        weights: Mapping[str, tuple[float, torch.Tensor]],
        *,
        sizes: Sequence[int] = (1, 4, 16, 64, 256),
        size: int = 64,
    ) -> None:
        _check(weights, sizes, size)
        self.names, self.sizes, self.size = list(weights), list(sizes), size
        self._weights = {name: abs(float(weight)) for name, (weight, _) in weights.items()}
        self._gradients = {
            name: gradient.detach().cpu().float().double()
            for name, (_, gradient) in weights.items()
        }
        count = len(next(iter(self._gradients.values())))
        places = Dataset(torch.arange(count), torch.arange(count))
        self._orders = [batches(places, count, seed=seed)[0][0] for seed in range(SHUFFLES)]
        super().__init__(
            {
                **{"names": self.names, "sizes": self.sizes, "start": self.sizes.index(size)},
                "weights": list(self._weights.values()),
                "gradients": [encode(flat_floats([one])) for one in self._gradients.values()],
                "orders": [encode(one.numpy().astype(np.uint16)) for one in self._orders],
                "colour": _COLOUR,
            }
        )

    def by_batch(self, name: str, size: int, shuffle: int) -> float:
        """Saillance du poids par lots : |w| fois la moyenne des |gradients moyens| des lots.

        Parameters
        ----------
        name : str
            Un des poids.
        size : int
            Taille des lots ; le dernier peut être plus petit.
        shuffle : int
            Graine du mélange, de 0 à `SHUFFLES` - 1.
        """
        means = [lot.mean().abs() for lot in self._lots(name, size, shuffle)]
        return self._weights[name] * float(torch.stack(means).mean())

    def per_sample(self, name: str) -> float:
        """Saillance du poids par exemple : |w| fois la moyenne des |gradients|.

        Parameters
        ----------
        name : str
            Un des poids.
        """
        return self._weights[name] * float(self._gradients[name].abs().mean())

    def _lots(self, name: str, size: int, shuffle: int) -> tuple[torch.Tensor, ...]:
        return self._gradients[name][self._orders[shuffle]].split(size)

    def _range(self, name: str, size: int) -> list[float]:
        found = [self.by_batch(name, size, shuffle) for shuffle in range(SHUFFLES)]
        return [min(found), max(found)]

    def static_html(self) -> str:
        """Les lots du premier poids au premier mélange, et les saillances de chaque taille."""
        rows = [
            [
                f"{name}, lots de {number(size)}",
                *(number(_UNIT * one, 1) for one in self._range(name, size)),
                number(_UNIT * self.per_sample(name), 1),
            ]
            for name in self.names
            for size in self.sizes
        ]
        return self._drawing() + table(
            f"Saillance, en millionièmes : la plus petite et la plus grande de {SHUFFLES} "
            "mélanges, et celle par exemple, qu'aucun mélange ne change.",
            ["Poids", "la plus petite", "la plus grande", "par exemple"],
            rows,
        )

    def _drawing(self) -> str:
        lots = self._lots(self.names[0], self.size, 0)
        parts = [(lot.clamp(min=0).mean(), lot.clamp(max=0).mean(), lot.mean()) for lot in lots]
        most = max(float(part.abs()) for lot in parts for part in lot) or 1.0
        wide, middle = _WIDTH / len(lots), _HEIGHT / 2

        def bars(which: int) -> str:
            heights = (middle * float(lot[which]) / most for lot in parts)
            return "".join(
                f"M{rank * wide:.1f} {middle:.0f}v{-height:.1f}h{0.8 * wide:.1f}v{height:.1f}z"
                for rank, height in enumerate(heights)
            )

        label = (
            f"Gradients d'un poids dans {len(lots)} lots de {self.size} : en clair, la part des "
            f"positifs et celle des négatifs ; en couleur, leur somme, qui est bien plus petite."
        )
        return drawing(
            *(_WIDTH, _HEIGHT, label),
            f'<path d="{bars(0)}{bars(1)}" opacity=".25"/>',
            f'<path d="{bars(2)}" fill="{_COLOUR}"/>',
            f'<text x="0" y="12">{escape(self.names[0])}</text>',
        )

    def __repr__(self) -> str:
        """Ce que vaut la saillance par lots du premier poids, en part de celle par exemple."""
        name = self.names[0]
        whole = self.per_sample(name)
        low, high = (percent(one / whole, 0) for one in self._range(name, self.size))
        return f"Cancellation(lots de {self.size} : de {low} à {high} de la saillance par exemple)"


def _check(
    weights: Mapping[str, tuple[float, torch.Tensor]], sizes: Sequence[int], size: int
) -> None:
    shapes = [tuple(gradient.shape) for _, gradient in weights.values()]
    if not shapes or len(set(shapes)) > 1 or len(shapes[0]) != 1 or not 2 <= shapes[0][0] < 2**16:
        raise ValueError(
            f"weights : reçu des gradients de formes {shapes} ; attendu, pour chaque poids, un "
            "gradient par exemple, de deux à 65 535 exemples"
        )
    for name, (weight, gradient) in weights.items():
        if not weight or not gradient.isfinite().all() or not gradient.any():
            raise ValueError(
                f"weights : reçu, pour {name!r}, un poids nul ou des gradients nuls ou infinis ; "
                "attendu un poids dont la saillance par exemple n'est pas nulle"
            )
    rising = all(a < b for a, b in pairwise(sizes))
    if size not in sizes or not rising or not 1 <= sizes[0] <= sizes[-1] <= shapes[0][0]:
        raise ValueError(
            f"sizes : reçu {list(sizes)} ; attendu une suite croissante de 1 à {shapes[0][0]}, "
            f"dont {size}"
        )
