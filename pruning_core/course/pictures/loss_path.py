"""La vraie perte le long d'un élagage, et la parabole que chaque pas y suppose."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil

import torch
from torch import nn

from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures.base import Picture, drawing, table
from pruning_core.methods import METHODS

POINTS = 60
"""Mesures de la vraie perte le long d'un chemin : chaque nombre de pas le divise."""

_WIDTH, _HEIGHT, _TOP = 340, 260, 20
_DIGITS = 6  # décimales gardées de chaque perte, dans la page comme ici
_COLOUR = METHODS["obd"].colour


class LossPath(Picture):
    """La perte d'un réseau que l'on élague en un pas géant, ou en plusieurs petits.

    Un pas va tout droit du réseau où il commence à celui où il finit. La vraie perte y est
    mesurée ; la parabole est le développement au second ordre, pris au début du pas. On règle le
    nombre de pas, et l'on suit le chemin.

    Parameters
    ----------
    model : nn.Module
        Le réseau de départ ; il n'est pas modifié.
    prune : fonction (nn.Module, float) -> nn.Module
        Une copie élaguée à cette sparsité.
    loss : fonction (nn.Module) -> float
        La vraie perte d'un réseau.
    terms : fonction (nn.Module, nn.Module) -> (float, float)
        Termes du premier et du second ordre, du premier réseau au second.
    sparsity : float
        Celle du bout du chemin, dans ]0, 1].
    steps : suite d'int
        Nombres de pas proposés, croissants, des diviseurs de `POINTS`. Le premier est celui du
        départ.

    Raises
    ------
    ValueError
        Si la sparsité ou les nombres de pas ne conviennent pas.

    Notes
    -----
    Chaque nombre de pas demande `POINTS` mesures de la perte, et un élagage par pas.
    """

    kind = "loss_path"
    heights = (370, 590)

    def __init__(
        self,
        model: nn.Module,
        prune: Callable[[nn.Module, float], nn.Module],
        loss: Callable[[nn.Module], float],
        terms: Callable[[nn.Module, nn.Module], tuple[float, float]],
        *,
        sparsity: float = 0.9,
        steps: Sequence[int] = (1, 2, 3, 5, 15),
    ) -> None:
        _check(sparsity, steps)
        self.sparsity, self.steps = sparsity, list(steps)
        self._losses: list[list[float]] = []
        self._pieces: list[list[tuple[float, float, float]]] = []
        for count in steps:
            nets = [model]
            for step in range(1, count + 1):
                nets.append(prune(nets[-1], sparsity * step / count))
            along = [
                _rounded(loss(_between(start, end, place * count / POINTS)))
                for start, end in pairwise(nets)
                for place in range(POINTS // count)
            ]
            self._losses.append([*along, _rounded(loss(nets[-1]))])
            pairs = [terms(start, end) for start, end in pairwise(nets)]
            self._pieces.append(
                [
                    (along[rank * POINTS // count], _rounded(first), _rounded(second))
                    for rank, (first, second) in enumerate(pairs)
                ]
            )
        super().__init__(
            {
                **{"sparsity": sparsity, "steps": self.steps, "colour": _COLOUR},
                **{"losses": self._losses, "pieces": self._pieces},
            }
        )

    def reading(self, steps: int, place: int) -> tuple[float, float]:
        """Ce que la page lit à un endroit du chemin : la vraie perte, et celle de la parabole.

        Parameters
        ----------
        steps : int
            Un des nombres de pas proposés.
        place : int
            De 0, le départ, à `POINTS`, le bout. Au bout d'un pas, la parabole est celle qui finit.

        Returns
        -------
        tuple de float
            Vraie perte, perte prédite.
        """
        rank = self.steps.index(steps)
        piece = max(0, ceil(place * steps / POINTS) - 1)
        share = place * steps / POINTS - piece
        start, first, second = self._pieces[rank][piece]
        return self._losses[rank][place], start + first * share + second * share**2

    def widest(self, steps: int) -> float:
        """Le plus grand écart entre les deux pertes, le long du chemin.

        Parameters
        ----------
        steps : int
            Un des nombres de pas proposés.
        """
        pairs = (self.reading(steps, place) for place in range(POINTS + 1))
        return max(abs(real - predicted) for real, predicted in pairs)

    def static_html(self) -> str:
        """Les deux courbes du premier nombre de pas, et un tableau de tous."""
        rows = [
            [
                number(count),
                *(number(loss, 3) for loss in self.reading(count, POINTS)[::-1]),
                number(self.widest(count), 3),
            ]
            for count in self.steps
        ]
        return self._drawing() + table(
            f"Perte au bout du chemin, à {percent(self.sparsity, 0)} de sparsité, et plus grand "
            "écart en chemin, selon le nombre de pas.",
            ["Pas", "selon la parabole", "vraie perte", "plus grand écart"],
            rows,
        )

    def _drawing(self) -> str:
        most = max(max(losses) for losses in self._losses)

        def y(loss: float) -> float:
            return round(_HEIGHT - (_HEIGHT - _TOP) * loss / most, 1)

        line = "L".join(
            f"{round(_WIDTH * place / POINTS, 1)} {y(loss)}"
            for place, loss in enumerate(self._losses[0])
        )
        width = _WIDTH / self.steps[0]
        arcs = "".join(
            f"M{rank * width:.1f} {y(start)}q{width / 2:.1f} {y(start + first / 2) - y(start):.1f} "
            f"{width:.1f} {y(start + first + second) - y(start):.1f}"
            for rank, (start, first, second) in enumerate(self._pieces[0])
        )
        label = (
            f"Perte du réseau entier au réseau élagué à {percent(self.sparsity, 0)}, en "
            f"{self.steps[0]} pas : en noir, la vraie ; en couleur, la parabole prise au début du "
            "pas."
        )
        return drawing(
            *(_WIDTH, _HEIGHT, label),
            '<g fill="none" stroke="currentColor" stroke-width="2">'
            f'<path d="M0 0V{_HEIGHT}H{_WIDTH}" stroke-width="1" opacity=".5"/>'
            f'<path d="M{line}"/><path d="{arcs}" stroke="{_COLOUR}" stroke-width="3"/></g>',
            '<text x="6" y="12">↑ perte</text>'
            f'<text x="{_WIDTH}" y="{_HEIGHT - 6}" text-anchor="end">chemin →</text>',
        )

    def __repr__(self) -> str:
        """La perte au bout, en un pas et avec le plus de pas."""
        told = ", ".join(
            f"{count} pas : {number(self.reading(count, POINTS)[0], 3)}"
            for count in (self.steps[0], self.steps[-1])
        )
        return f"LossPath({told})"


def _between(start: nn.Module, end: nn.Module, share: float) -> nn.Module:
    """Le réseau à cette part du chemin droit de l'un à l'autre."""
    net = copy.deepcopy(start)
    with torch.no_grad():
        for here, there in zip(net.parameters(), end.parameters(), strict=True):
            here.lerp_(there, share)
    return net


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)


def _check(sparsity: float, steps: Sequence[int]) -> None:
    if not 0 < sparsity <= 1:
        raise ValueError(f"sparsity : reçu {sparsity} ; attendu une sparsité de ]0, 1]")
    rising = all(a < b for a, b in pairwise(steps))
    if not steps or not rising or any(count < 1 or POINTS % count for count in steps):
        raise ValueError(
            f"steps : reçu {list(steps)} ; attendu une suite croissante de diviseurs de {POINTS}"
        )
