"""Le premier pas d'Adam : ce que deviennent les zéros d'un masque, appliqué une fois ou tenu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from pruning_core.course.explorer.packing import encode
from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures.base import Picture, drawing, table
from pruning_core.masks.measuring import compute_sparsity

Weights = Mapping[str, torch.Tensor]

_SIDE, _GAP, _TITLE = 160, 20, 22
_FILLED = "#d55e00"


class FirstStep(Picture):
    """Deux réseaux élagués du même masque, pas après pas : l'un se remplit, l'autre le tient.

    On voit la première couche, une case par poids, et la part des zéros de tout le réseau.

    Parameters
    ----------
    loose, held : suite de dict[str, Tensor]
        Poids élagables à chaque pas, le premier juste après l'élagage ; `loose`, sans tenir le
        masque ; `held`, en le tenant. Deux pas au moins, autant de part et d'autre.

    Raises
    ------
    ValueError
        Si les deux suites ne se répondent pas, ou si elles ne partent pas des mêmes zéros.
    """

    kind = "first_step"
    heights = (515, 375)

    def __init__(self, loose: Sequence[Weights], held: Sequence[Weights]) -> None:
        _check(loose, held)
        self._ways = {"loose": loose, "held": held}
        rows, columns = self._layer("loose", 0).shape
        super().__init__(
            {
                **{"rows": rows, "columns": columns},
                **{name: self._packed(name) for name in self._ways},
            }
        )

    def zeros(self, way: str, step: int) -> float:
        """Part des poids nuls de tout le réseau.

        Parameters
        ----------
        way : str
            "loose" ou "held".
        step : int
            Pas, à partir de 0.
        """
        return compute_sparsity({name: w != 0 for name, w in self._ways[way][step].items()})

    def _layer(self, way: str, step: int) -> torch.Tensor:
        """Les poids non nuls de la première couche."""
        return next(iter(self._ways[way][step].values())).detach().cpu() != 0

    def _packed(self, way: str) -> dict[str, Any]:
        steps = range(len(self._ways[way]))
        return {
            "filled": [encode(np.packbits(self._layer(way, step).numpy())) for step in steps],
            "zeros": [round(self.zeros(way, step), 6) for step in steps],
        }

    def static_html(self) -> str:
        """Les deux couches au premier pas, et les zéros à chaque pas."""
        steps = range(len(self._ways["loose"]))
        rows = [
            [number(step), *(percent(self.zeros(way, step)) for way in self._ways)]
            for step in steps
        ]
        label = (
            "Première couche après un pas : à gauche, masque appliqué une fois, des cases élaguées "
            "se sont remplies, en orange ; à droite, masque tenu, elles sont restées vides."
        )
        titles = zip(self._ways, ("appliqué une fois", "tenu"), strict=True)
        grids = (
            f'<g transform="translate({rank * (_SIDE + _GAP)} 0)"><text y="14">{title}</text>'
            f"{self._grid(way)}</g>"
            for rank, (way, title) in enumerate(titles)
        )
        return drawing(2 * _SIDE + _GAP, _SIDE + _TITLE, label, *grids) + table(
            "Part des poids nuls de tout le réseau, selon le nombre de pas d'Adam.",
            ["Pas", "masque appliqué une fois", "masque tenu"],
            rows,
        )

    def _grid(self, way: str) -> str:
        before, after = self._layer(way, 0), self._layer(way, 1)
        height, width = before.shape
        paths = "".join(
            f'<path d="{_cells(cells)}" fill="none" stroke="{colour}"/>'
            for cells, colour in ((before & after, "currentColor"), (after & ~before, _FILLED))
        )
        return (
            f'<rect y="{_TITLE}" width="{_SIDE}" height="{_SIDE}" opacity=".12"/>'
            f'<g transform="translate(0 {_TITLE}) scale({_SIDE / width:.4f} {_SIDE / height:.4f})">'
            f"{paths}</g>"
        )

    def __repr__(self) -> str:
        """Les zéros avant et après le premier pas, sans tenir le masque."""
        before, after = (percent(self.zeros("loose", step)) for step in (0, 1))
        return (
            f"FirstStep({before} de zéros, puis {after} ; tenu : {percent(self.zeros('held', 1))})"
        )


def _cells(cells: torch.Tensor) -> str:
    """Le tracé de ces cases, d'un trait par suite de voisines."""
    parts = []
    for row, line in enumerate(cells.int().tolist()):
        edges = np.flatnonzero(np.diff([0, *line, 0])).tolist()
        starts, ends = edges[::2], edges[1::2]
        parts += [f"M{a} {row}.5h{b - a}" for a, b in zip(starts, ends, strict=True)]
    return "".join(parts)


def _check(loose: Sequence[Weights], held: Sequence[Weights]) -> None:
    if len(loose) != len(held) or len(loose) < 2:
        raise ValueError(
            f"`loose`, `held` : reçu {len(loose)} et {len(held)} pas ; attendu autant de l'un que "
            "de l'autre, deux au moins"
        )
    shapes = [{name: tuple(w.shape) for name, w in one.items()} for one in (*loose, *held)]
    if any(one != shapes[0] for one in shapes) or len(next(iter(shapes[0].values()), ())) != 2:
        raise ValueError(
            "`loose`, `held` : reçu des poids dont les noms ou les formes diffèrent ; attendu les "
            "mêmes à chaque pas, d'abord une matrice"
        )
    if any(not torch.equal(loose[0][name] == 0, held[0][name] == 0) for name in shapes[0]):
        raise ValueError(
            "`loose`, `held` : reçu deux départs dont les zéros diffèrent ; attendu le même masque"
        )
