"""Le nuage des poids : leur taille contre un autre score, et qui garde quoi."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from math import isqrt, log10

import torch

from pruning_core.course.explorer.packing import encode, flat_floats
from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures.base import Picture, drawing, table
from pruning_core.masks.choosing import global_masks
from pruning_core.methods import METHODS

CLASSES = ("aucun", "magnitude", "autre", "deux")
"""Qui garde un poids : 0, aucun critère ; 1, la magnitude seule ; 2, l'autre seul ; 3, les deux."""

_WIDTH, _HEIGHT, _STEP = 340, 300, 2
_TOLD = (0.5, 0.7, 0.8, 0.9)


class Scatter(Picture):
    """Chaque poids en un point, |w| contre un second score, coloré par qui le garde.

    Un point touché dit où est son poids ; dans la première couche, il montre le pixel lu.

    Parameters
    ----------
    weights : dict[str, Tensor]
        Matrices de poids, dans l'ordre des couches ; la première lit une image carrée.
    scores : dict[str, Tensor]
        Second score, positif ou nul, des mêmes noms et formes.
    mean_image : Tensor
        Image moyenne, forme [entrées de la première couche], de 0 à 1.
    method : str
        Clé de `METHODS` : le nom et la couleur du second critère.
    score_label : str
        Ce qu'est le second score, sur son axe.
    sparsity : float
        Sparsité de départ, dans [0, 1], arrondie au centième.

    Raises
    ------
    ValueError
        Si les noms, les formes ou les valeurs ne conviennent pas.

    Notes
    -----
    Poids et scores sont en simple précision, ici comme dans la page.
    """

    kind = "scatter"
    heights = (410, 750)

    def __init__(
        self,
        weights: Mapping[str, torch.Tensor],
        scores: Mapping[str, torch.Tensor],
        mean_image: torch.Tensor,
        *,
        method: str = "gradient",
        score_label: str = "|w · ∂L/∂w|",
        sparsity: float = 0.7,
    ) -> None:
        _check(weights, scores, mean_image)
        self.sizes = {name: weight.detach().float().abs().cpu() for name, weight in weights.items()}
        self.scores = {name: scores[name].detach().float().cpu() for name in weights}
        self.method = METHODS[method]
        self.score_label = score_label
        self.sparsity = round(sparsity, 2)
        looks = (METHODS["magnitude"], self.method)
        super().__init__(
            {
                "sizes": encode(flat_floats(self.sizes.values())),
                "scores": encode(flat_floats(self.scores.values())),
                "shapes": [list(size.shape) for size in self.sizes.values()],
                "label": score_label,
                "names": [look.label for look in looks],
                "colours": [look.colour for look in looks],
                "sparsity": self.sparsity,
                "mean": [round(grey, 2) for grey in mean_image.flatten().tolist()],
            }
        )

    def classes(self, sparsity: float) -> torch.Tensor:
        """Qui garde chaque poids, à cette sparsité.

        Parameters
        ----------
        sparsity : float
            Dans [0, 1].

        Returns
        -------
        Tensor entier [n]
            Rangs dans `CLASSES`, à plat, dans l'ordre des couches.
        """
        by_size, by_score = (
            torch.cat([mask.flatten() for mask in global_masks(one, sparsity).values()])
            for one in (self.sizes, self.scores)
        )
        return by_size.long() + 2 * by_score.long()

    def counts(self, sparsity: float) -> list[int]:
        """Combien de poids dans chacune des `CLASSES`, à cette sparsité.

        Parameters
        ----------
        sparsity : float
            Dans [0, 1].
        """
        found: list[int] = torch.bincount(self.classes(sparsity), minlength=4).tolist()
        return found

    def static_html(self) -> str:
        """Le nuage à la sparsité de départ, et les comptes à quelques autres."""
        rows = [
            [percent(sparsity, 0), *(number(count) for count in self.counts(sparsity)[::-1])]
            for sparsity in _TOLD
        ]
        label = self.method.label
        return self._drawing() + table(
            f"Combien de poids garde chaque critère, magnitude ou {label}, selon la sparsité.",
            ["Sparsité", "les deux", f"{label} seulement", "magnitude seulement", "aucun des deux"],
            rows,
        )

    def _drawing(self) -> str:
        x = _places(self.sizes, _WIDTH)
        y = [_HEIGHT - place for place in _places(self.scores, _HEIGHT)]
        classes = self.classes(self.sparsity).tolist()
        points = {(a, b): one for a, b, one in zip(x, y, classes, strict=True)}
        looks = (
            'stroke="currentColor" opacity=".15"',
            f'stroke="{METHODS["magnitude"].colour}"',
            f'stroke="{self.method.colour}"',
            'stroke="currentColor" opacity=".8"',
        )
        paths = [
            f'<path d="{"".join(f"M{a} {b}h2" for (a, b), one in points.items() if one == rank)}" '
            f'{look} stroke-width="2"/>'
            for rank, look in enumerate(looks)
        ]
        label = (
            f"Nuage des poids : |w| de gauche à droite, {self.method.label} de bas en haut ; bleu, "
            f"gardé par la magnitude seule à {percent(self.sparsity, 0)} de sparsité ; de l'autre "
            "couleur, par l'autre critère seul."
        )
        axes = (
            f'<text x="{_WIDTH}" y="{_HEIGHT - 14}" text-anchor="end">|w| →</text>'
            f'<text x="0" y="12">↑ {escape(self.score_label)}</text>'
        )
        return drawing(_WIDTH, _HEIGHT, label, *paths, axes)

    def __repr__(self) -> str:
        """Ce que gardent les deux critères, au départ."""
        total = sum(size.numel() for size in self.sizes.values())
        both = self.counts(self.sparsity)[3]
        return (
            f"Scatter({number(total)} poids, {number(both)} gardés par les deux à "
            f"{percent(self.sparsity, 0)})"
        )


def _places(values: Mapping[str, torch.Tensor], length: int) -> list[int]:
    """La place de chaque valeur sur une échelle logarithmique, au pas du dessin."""
    flat = torch.cat([value.flatten() for value in values.values()]).tolist()
    logs = [log10(value) if value > 0 else None for value in flat]
    known = [log for log in logs if log is not None]
    least, spread = min(known), max(known) - min(known) or 1
    return [
        0 if log is None else _STEP * round((log - least) / spread * (length - 20) / _STEP) + 10
        for log in logs
    ]


def _check(
    weights: Mapping[str, torch.Tensor],
    scores: Mapping[str, torch.Tensor],
    mean_image: torch.Tensor,
) -> None:
    shapes = {name: tuple(weight.shape) for name, weight in weights.items()}
    if not shapes or any(len(shape) != 2 for shape in shapes.values()):
        raise ValueError(
            f"weights : reçu {shapes} ; attendu des matrices, dans l'ordre des couches"
        )
    found = {name: tuple(score.shape) for name, score in scores.items()}
    if found != shapes:
        raise ValueError(f"scores : reçu {found} ; attendu les noms et formes des poids, {shapes}")
    if any((s < 0).any() or not s.isfinite().all() or not s.any() for s in scores.values()):
        raise ValueError(
            "scores : reçu des valeurs négatives, infinies ou toutes nulles ; attendu, dans chaque "
            "couche, des scores finis dont un est positif"
        )
    if any(not w.isfinite().all() or not w.any() for w in weights.values()):
        raise ValueError(
            "weights : reçu une couche nulle ou infinie ; attendu des poids, pas tous nuls"
        )
    inputs = next(iter(shapes.values()))[1]
    if isqrt(inputs) ** 2 != inputs or mean_image.numel() != inputs:
        raise ValueError(
            f"mean_image : reçu {mean_image.numel()} pixels, pour {inputs} entrées ; attendu une "
            "image carrée, un pixel par entrée de la première couche"
        )
