"""La carte de chaleur d'une hessienne : un poids retiré emporte sa ligne et sa colonne."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import floor, log10

import torch

from pruning_core.course.formatting import number
from pruning_core.course.pictures.base import Picture, drawing, table
from pruning_core.obs.algebra import inverse_curvature, obs_scores, remove_one

LARGEST = 32  # poids : au-delà, une case n'est plus visible sur un téléphone
_SIDE, _GAP, _BARS = 340, 10, 60
_TOLD = 6  # retraits du tableau fixe
_SHADES = 8
_DIGITS = 6  # chiffres gardés de chaque nombre, dans la page comme ici
_COLOURS = ("#0072b2", "#d55e00")


@dataclass(frozen=True)
class Step:
    """Un retrait.

    Attributes
    ----------
    index : int
        Rang du poids retiré, à partir de 0.
    price : float
        Hausse de perte que prédit OBS.
    weights : Tensor
        Tous les poids, ensuite.
    """

    index: int
    price: float
    weights: torch.Tensor


class HeatMap(Picture):
    """Une petite hessienne en couleurs, dont on retire les poids un à un.

    Sa ligne et sa colonne s'effacent, les autres poids s'ajustent ; on voit aussi l'inverse, que
    chaque retrait met à jour.

    Parameters
    ----------
    hessian : Tensor
        Courbure symétrique définie positive (amortie au besoin), forme [n, n], n de 2 à 32.
    weights : suite de float ou Tensor
        Les n poids, pas tous nuls ; la page les numérote de 0 à n − 1.
    loss : fonction (Tensor [n]) -> float, optionnel
        La vraie perte en fonction de ces poids : mesurée après chaque retrait le moins cher, et
        mise à côté de ce que prédit la parabole.

    Raises
    ------
    TypeError, ValueError
        Si la courbure ne convient pas, ou si les tailles ne s'accordent pas.

    Notes
    -----
    Les nombres sont arrondis à six chiffres, ici comme dans la page.
    """

    kind = "heat_map"
    heights = (510, 780)

    def __init__(
        self,
        hessian: torch.Tensor,
        weights: Sequence[float] | torch.Tensor,
        *,
        loss: Callable[[torch.Tensor], float] | None = None,
    ) -> None:
        self.hessian = _rounded(torch.as_tensor(hessian, dtype=torch.float64))
        self.weights = _rounded(torch.as_tensor(weights, dtype=torch.float64))
        _check(self.hessian, self.weights)
        self._inverse = inverse_curvature(self.hessian)
        prices = obs_scores(self.weights, self._inverse)
        # assez de décimales pour lire trois chiffres d'un prix médian
        self._digits = min(9, max(2, 2 - floor(log10(max(float(prices.median()), 1e-9)))))
        start = loss(self.weights) if loss else 0.0
        self.real = [loss(step.weights) - start for step in self.removals()] if loss else None
        super().__init__(
            {
                **{"hessian": self.hessian.tolist(), "weights": self.weights.tolist()},
                "digits": self._digits,
                **({"real": [round(rise, 9) for rise in self.real]} if self.real else {}),
            }
        )

    def removals(self) -> Iterator[Step]:
        """Retire les poids un à un, le moins cher d'abord, comme le bouton de la page.

        Yields
        ------
        Step
            Un par poids.
        """
        weights, inverse = self.weights.clone(), self._inverse.clone()
        present = list(range(len(weights)))
        while present:
            prices = obs_scores(weights, inverse)
            index = min(present, key=lambda q: float(prices[q]))
            present.remove(index)
            price = float(prices[index])
            remove_one(weights, inverse, index)
            yield Step(index, price, weights.clone())

    def static_html(self) -> str:
        """La hessienne entière, et les premiers retraits."""
        steps = list(self.removals())[:_TOLD]
        paid = accumulate(step.price for step in steps)
        rows = [
            [
                str(step.index),
                number(float(self.weights[step.index]), 3),
                *(number(price, self._digits) for price in (step.price, total)),
                *([number(self.real[rank], self._digits)] if self.real else []),
            ]
            for rank, (step, total) in enumerate(zip(steps, paid, strict=True))
        ]
        real = ["vraie hausse"] if self.real else []
        return self._drawing() + table(
            f"Les {len(steps)} premiers poids qu'OBS retire, l'un après l'autre, et ce que coûte "
            "chaque retrait.",
            ["Poids", "valeur de départ", "prix", "total", *real],
            rows,
        )

    def _drawing(self) -> str:
        size = len(self.weights)
        cell = _SIDE / size
        most = float(self.hessian.abs().max())
        squares: dict[tuple[str, int], str] = {}
        for i, row in enumerate(self.hessian.tolist()):
            for j, value in enumerate(row):
                shade = round(_SHADES * (abs(value) / most) ** 0.5)
                key = (_COLOURS[value < 0], shade)
                squares[key] = squares.get(key, "") + f"M{j} {i}h1v1h-1z"
        paths = "".join(
            f'<path d="{path}" fill="{colour}" fill-opacity="{shade / _SHADES}"/>'
            for (colour, shade), path in squares.items()
            if shade
        )
        tallest = float(self.weights.abs().max())
        bars = "".join(
            f"M{(q + 0.15) * cell:.1f} {_SIDE + _GAP + _BARS / 2:.0f}"
            f"v{-weight / tallest * _BARS / 2:.1f}h{0.7 * cell:.1f}"
            f"v{weight / tallest * _BARS / 2:.1f}z"
            for q, weight in enumerate(self.weights.tolist())
        )
        label = (
            f"Hessienne de {size} poids en couleurs, bleue où elle est positive, orange où elle "
            "est négative ; sous chaque colonne, son poids."
        )
        height = _SIDE + _GAP + _BARS
        matrix = f'<g transform="scale({cell:.4f})">{paths}</g>'
        return drawing(_SIDE, height, label, matrix, f'<path d="{bars}"/>')

    def __repr__(self) -> str:
        """Combien de poids, et le moins cher."""
        first = next(self.removals())
        return f"HeatMap({len(self.weights)} poids, d'abord le {first.index})"


def _rounded(values: torch.Tensor) -> torch.Tensor:
    flat = [float(f"{value:.{_DIGITS}g}") for value in values.flatten().tolist()]
    return torch.tensor(flat, dtype=torch.float64).reshape(values.shape)


def _check(hessian: torch.Tensor, weights: torch.Tensor) -> None:
    size = len(hessian) if hessian.dim() else 0
    if not 2 <= size <= LARGEST or hessian.shape != (size, size):
        raise ValueError(
            f"hessian : reçu la forme {tuple(hessian.shape)} ; attendu [n, n], n de 2 à {LARGEST}"
        )
    if weights.shape != (size,) or not weights.isfinite().all() or not weights.any():
        raise ValueError(
            f"weights : reçu la forme {tuple(weights.shape)} ; attendu {size} réels, pas tous nuls"
        )
    if not torch.equal(hessian, hessian.T):
        raise ValueError(
            "hessian : reçu une matrice qui n'est pas symétrique ; attendu une courbure, symétrique"
        )
