"""La cuvette : une perte quadratique à deux poids, d'où OBD tombe et OBS glisse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, sqrt

import torch

from pruning_core.course.formatting import number
from pruning_core.course.pictures.base import Picture, drawing, table
from pruning_core.methods import METHODS
from pruning_core.obs.algebra import inverse_curvature, obs_scores, remove_one

STEEPEST = 0.95  # corrélation la plus forte que l'on règle
REACH = 1.25  # jusqu'où l'on tire un poids, en parts du plus grand des deux
_SIDE = 340
_POINTS = 120
_LEVELS = (0.25, 0.5, 0.75, 1.0, 1.25)  # courbes de niveau, en parts du bord


@dataclass(frozen=True)
class Removal:
    """Le retrait d'un des deux poids : où chaque méthode arrive, et ce qu'elle paie.

    Attributes
    ----------
    obd, obs : tuple de float
        Les deux poids après le retrait, sans et avec compensation.
    obd_cost, obs_cost : float
        Hausse de la perte, exacte puisqu'elle est quadratique.
    """

    obd: tuple[float, float]
    obs: tuple[float, float]
    obd_cost: float
    obs_cost: float


class Bowl(Picture):
    """Une cuvette quadratique, que la corrélation des deux entrées penche.

    Le minimum est là où sont les poids ; on le tire, on règle la corrélation, on choisit le poids à
    retirer. OBD tombe droit sur l'axe ; OBS s'y pose où la vallée est la plus basse.

    Parameters
    ----------
    weights : suite de float
        Les deux poids du minimum.
    hessian : suite de suites de float ou Tensor
        Hessienne, forme [2, 2], symétrique définie positive, de corrélation 0,95 au plus.
    removed : int
        Le poids que l'on retire au départ, 0 ou 1.

    Raises
    ------
    ValueError
        Si un de ces arguments ne convient pas.
    """

    kind = "bowl"
    heights = (440, 800)

    def __init__(
        self,
        weights: Sequence[float] = (1.0, 1.0),
        hessian: Sequence[Sequence[float]] | torch.Tensor = ((1.0, 0.8), (0.8, 1.0)),
        *,
        removed: int = 0,
    ) -> None:
        self.weights = torch.as_tensor(weights, dtype=torch.float64)
        self.hessian = torch.as_tensor(hessian, dtype=torch.float64)
        self.removed = removed
        _check(self.weights, self.hessian, removed)
        self.curvatures: list[float] = self.hessian.diagonal().tolist()
        self.correlation = float(self.hessian[0, 1]) / sqrt(_product(self.curvatures))
        super().__init__(
            {
                **{"weights": self.weights.tolist(), "curvatures": self.curvatures},
                **{"correlation": self.correlation, "removed": removed},
                **{"steepest": STEEPEST, "reach": self._reach(), "edge": self._edge()},
                "looks": [[METHODS[key].label, METHODS[key].colour] for key in ("obd", "obs")],
            }
        )

    def removal(self, index: int, correlation: float | None = None) -> Removal:
        """Retire un poids, par OBD et par OBS.

        Parameters
        ----------
        index : int
            Le poids retiré, 0 ou 1.
        correlation : float, optionnel
            Corrélation des deux entrées ; par défaut, celle de départ.

        Returns
        -------
        Removal
            Ce que la page affiche à ces réglages.
        """
        hessian = self._hessian(self.correlation if correlation is None else correlation)
        inverse = inverse_curvature(hessian)
        obd, obs = self.weights.clone(), self.weights.clone()
        costs = obs_scores(self.weights, inverse)
        obd[index] = 0
        remove_one(obs, inverse, index)
        return Removal(
            obd=(obd[0].item(), obd[1].item()),
            obs=(obs[0].item(), obs[1].item()),
            obd_cost=0.5 * (hessian[index, index] * self.weights[index] ** 2).item(),
            obs_cost=costs[index].item(),
        )

    def _hessian(self, correlation: float) -> torch.Tensor:
        hessian = torch.diag(self.hessian.diagonal())
        hessian[0, 1] = hessian[1, 0] = correlation * sqrt(_product(self.curvatures))
        return hessian

    def static_html(self) -> str:
        """La cuvette de départ, et ce que coûte chaque retrait."""
        both = [self.removal(index) for index in (0, 1)]
        rows = [
            [METHODS[key].label, *(number(getattr(one, f"{key}_cost"), 3) for one in both)]
            for key in ("obd", "obs")
        ]
        return self._drawing(both[self.removed]) + table(
            "Hausse de la perte quand on retire un des deux poids, pour une corrélation de leurs "
            f"entrées de {number(self.correlation, 2)}.",
            ["Méthode", "retirer w<sub>0</sub>", "retirer w<sub>1</sub>"],
            rows,
        )

    def _drawing(self, removal: Removal) -> str:
        edge = self._edge()

        def x(value: float) -> float:
            return round(_SIDE * (0.5 + value / (2 * edge)), 1)

        def y(value: float) -> float:
            return round(_SIDE * (0.5 - value / (2 * edge)), 1)

        axes = f"M0 {y(0)}H{_SIDE}M{x(0)} 0V{_SIDE}"
        gone = f"M0 {y(0)}H{_SIDE}" if self.removed else f"M{x(0)} 0V{_SIDE}"
        start = (x(float(self.weights[0])), y(float(self.weights[1])))
        parts = [
            '<g fill="none" stroke="currentColor">',
            f'<path d="{"".join(self._ring(start, level) for level in _LEVELS)}" opacity=".35"/>',
            f'<path d="{axes}" opacity=".5"/><path d="{gone}" stroke-width="3"/></g>',
        ]
        ends = [(x(place[0]), y(place[1])) for place in (removal.obd, removal.obs)]
        along = 1 - self.removed  # la coordonnée qui court sur l'axe
        side = -1 if ends[1][along] < ends[0][along] else 1
        for key, end, shift in zip(("obd", "obs"), ends, (-side, side), strict=True):
            label, colour, _, _ = METHODS[key]
            parts.append(
                f'<path d="M{start[0]} {start[1]}L{end[0]} {end[1]}" stroke="{colour}" '
                f'stroke-width="3"/><circle cx="{end[0]}" cy="{end[1]}" r="6" fill="{colour}"/>'
                f"<text {self._beside(start, end, shift)}>{label}</text>"
            )
        parts.append(f'<circle cx="{start[0]}" cy="{start[1]}" r="7"/>')
        parts += [
            f'<text x="{_SIDE - 4}" y="{y(0) - 6}" text-anchor="end">w₀</text>',
            f'<text x="{x(0) + 6}" y="14">w₁</text>',
        ]
        label = (
            "Courbes de niveau d'une perte à deux poids. OBD tombe droit sur l'axe du poids "
            "retiré ; OBS y glisse le long de la vallée, jusqu'au point le moins cher."
        )
        return drawing(_SIDE, _SIDE, label, *parts)

    def _beside(self, start: tuple[float, float], end: tuple[float, float], shift: int) -> str:
        """Où écrire une méthode : au-delà de l'axe, loin de l'autre, comme `js/bowl/plane.js`."""
        if self.removed:
            below = start[1] < end[1]
            x, y, anchor = end[0] + 20 * shift, end[1] + (22 if below else -12), "middle"
        else:
            before = start[0] > end[0]
            x, y = end[0] + (-12 if before else 12), end[1] + 5 + 9 * shift
            anchor = "end" if before else "start"
        return f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'

    def _reach(self) -> float:
        return REACH * float(self.weights.abs().max())

    def _edge(self) -> float:
        """Ce que le dessin doit montrer : le plus loin où OBS puisse se poser."""
        ratio = sqrt(max(self.curvatures) / min(self.curvatures))
        return self._reach() * (1 + STEEPEST * ratio)

    def _ring(self, centre: tuple[float, float], level: float) -> str:
        """Une courbe de niveau, sa part qui sort du dessin en moins."""
        (a, h), (_, b) = self._hessian(self.correlation).tolist()
        middle, spread = (a + b) / 2, hypot((a - b) / 2, h)
        scale = level * _SIDE / 2 * sqrt(middle)
        short, long = scale / sqrt(middle + spread), scale / sqrt(middle - spread)
        turn = atan2(2 * h, a - b) / 2
        path, down = "", False
        for rank in range(_POINTS + 1):
            angle = 2 * pi * rank / _POINTS
            u, v = short * cos(angle), long * sin(angle)
            x = centre[0] + u * cos(turn) - v * sin(turn)
            y = centre[1] - u * sin(turn) - v * cos(turn)
            inside = 0 <= x <= _SIDE and 0 <= y <= _SIDE
            path += f"{'L' if down else 'M'}{x:.1f} {y:.1f}" if inside else ""
            down = inside
        return path

    def __repr__(self) -> str:
        """Les nombres de départ, comme la page les dit."""
        one = self.removal(self.removed)
        return (
            f"Bowl(retirer w{self.removed} : OBD {number(one.obd_cost, 3)}, "
            f"OBS {number(one.obs_cost, 3)})"
        )


def _product(pair: Sequence[float]) -> float:
    return pair[0] * pair[1]


def _check(weights: torch.Tensor, hessian: torch.Tensor, removed: int) -> None:
    if weights.shape != (2,) or not weights.isfinite().all() or not weights.any():
        raise ValueError(f"weights : reçu {weights.tolist()} ; attendu deux réels, pas tous nuls")
    if hessian.shape != (2, 2) or not hessian.isfinite().all() or hessian[0, 1] != hessian[1, 0]:
        raise ValueError(
            f"hessian : reçu {hessian.tolist()} ; attendu une matrice symétrique de forme [2, 2]"
        )
    a, b, h = (float(hessian[i, j]) for i, j in ((0, 0), (1, 1), (0, 1)))
    if min(a, b) <= 0 or abs(h) > STEEPEST * sqrt(a * b) * (1 + 1e-9):
        raise ValueError(
            f"hessian : reçu {hessian.tolist()} ; attendu des courbures positives et une "
            f"corrélation de {number(STEEPEST, 2)} au plus en valeur absolue, pour que la cuvette "
            "reste lisible"
        )
    if removed not in (0, 1):
        raise ValueError(f"removed : reçu {removed!r} ; attendu 0 ou 1")
