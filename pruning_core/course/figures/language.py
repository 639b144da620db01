"""Un modèle de langue : comment il lit, et ce que l'élagage lui coûte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from numpy.typing import ArrayLike, NDArray

from pruning_core.course.figures.style import (
    INK,
    LOOKS,
    End,
    book_style,
    french_axis,
    label_ends,
    plot_runs,
    reference_line,
    runs_of,
)
from pruning_core.course.formatting import percent
from pruning_core.methods import METHODS

_PALE, _PAPER = "#f2f2f2", "#ffffff"
_MAIN = LOOKS[0].colour
_GAP = 1.35
"""Écart entre deux colonnes de lettres."""
_NAME_HEIGHT = 0.06
"""Hauteur du nom d'un repère, en part de celle des courbes."""


def bits_curves(
    sparsities: ArrayLike,
    bits: Mapping[str, ArrayLike],
    *,
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Trace les bits par lettre en fonction de la sparsité, une courbe par méthode.

    Parameters
    ----------
    sparsities : ArrayLike
        Sparsités, forme [m], entre 0 et 1.
    bits : dict[str, ArrayLike]
        Pour chaque clé de `METHODS`, les bits par lettre, forme [graines, m] : moyenne en trait,
        écart type en bande.
    references : dict[str, float], optionnel
        Repères horizontaux : leur nom, et leur hauteur en bits.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans `METHODS`.
    ValueError
        Si des bits n'ont pas m colonnes.
    """
    x = np.asarray(sparsities, dtype=float)
    with book_style():
        figure, ax = plt.subplots()
        ends, means = [], []
        for key, values in bits.items():
            method = METHODS[key]
            runs = runs_of(values, len(x), method.label)
            last = plot_runs(ax, x, runs, method.colour, method.dash)
            ends.append(End(x[-1], last, method.label, method.colour))
            means.append(runs.mean(axis=0))
        for name, height in (references or {}).items():
            reference_line(ax, height)
            side = _free_side(x, np.array(means), height)
            ax.annotate(
                name,
                (x[0 if side == "left" else -1], height),
                xytext=(0, 4),
                textcoords="offset points",
                ha=side,
            )
        ax.set(xlabel="sparsité", ylabel="bits par lettre (moins, c'est mieux)")
        french_axis(ax.xaxis, percentage=True)
        french_axis(ax.yaxis)
        label_ends(ax, ends)
        return figure


def _free_side(
    x: NDArray[np.float64], means: NDArray[np.float64], height: float
) -> Literal["left", "right"]:
    """Le bout du repère où son nom, écrit au-dessus, est le plus loin des courbes."""
    tall, third = _NAME_HEIGHT * np.ptp(means), np.linspace(0, np.ptp(x) / 3, 20)

    def clearance(places: NDArray[np.float64]) -> float:
        there = np.array([np.interp(places, x, mean) for mean in means])
        return float(np.maximum(height - there, there - height - tall).min())

    return "left" if clearance(x[0] + third) >= clearance(x[-1] - third) else "right"


def next_letter_picture(
    letters: Sequence[str], chances: Mapping[str, float], *, width: int, blocks: int
) -> Figure:
    """Dessine le chemin d'un début de mot dans un transformeur, jusqu'à la lettre qui suit.

    Parameters
    ----------
    letters : suite de str
        Ce que lit le modèle, la marque de début comprise ; de 2 à 4.
    chances : dict[str, float]
        Les lettres les plus probables et leur probabilité, dans l'ordre où les montrer ; 6 au plus.
    width : int
        Nombre de nombres du flux.
    blocks : int
        Nombre de blocs.

    Returns
    -------
    Figure
        Le chemin, de haut en bas, puis les probabilités en barres.

    Raises
    ------
    ValueError
        S'il y a trop ou trop peu de lettres, ou de probabilités.
    """
    if not 2 <= len(letters) <= 4:
        raise ValueError(f"lettres : reçu {len(letters)} ; attendu de 2 à 4.")
    if not 1 <= len(chances) <= 6:
        raise ValueError(f"probabilités : reçu {len(chances)} ; attendu de 1 à 6.")
    with book_style():
        figure, (path, bars) = plt.subplots(
            2, 1, figsize=(5.2, 6.6), gridspec_kw={"height_ratios": [4.6, 2]}
        )
        _draw_path(path, letters, width, blocks)
        _draw_chances(bars, letters, chances)
        return figure


def _draw_path(ax: Axes, letters: Sequence[str], width: int, blocks: int) -> None:
    ax.set(xlim=(-0.75, 6.1), ylim=(-7.5, 0.75))
    ax.set_axis_off()
    right = _GAP * (len(letters) - 1)
    for rank, letter in enumerate(letters):
        x = _GAP * rank
        _tile(ax, x, 0, letter)
        _arrow(ax, (x, -0.45), (x, -0.95))
        _stack(ax, x, -1.55)
        _arrow(ax, (x, -2.15), (x, -2.75))
        _stack(ax, x, -4.0 + 0.75)
        for before in range(rank):
            _arrow(ax, (_GAP * before + 0.22, -3.35), (x - 0.22, -4.25), colour=_MAIN)
        _arrow(ax, (x, -3.85), (x, -4.15))
        _stack(ax, x, -4.75)
        _arrow(ax, (x, -5.35), (x, -5.75))
        _stack(ax, x, -6.3)
    ax.add_patch(
        FancyBboxPatch(
            (-0.55, -5.6 - 0.05),
            right + 1.1,
            3.1,
            boxstyle="round,pad=0.05",
            facecolor=_PALE,
            edgecolor=INK,
            zorder=0,
        )
    )
    _arrow(ax, (right, -6.9), (right, -7.45))
    told = right + 0.75
    for height, text in (
        (0, "une lettre à chaque place"),
        (-1.55, f"{width} nombres par lettre :\nlaquelle, et à quelle place"),
        (-3.75, "attention : chaque lettre\nlit celles d\u2019avant"),
        (-4.95, "perceptron : chacune\npour soi"),
        (-6.3, f"le bloc se répète : × {blocks}"),
    ):
        ax.text(told, height, text, va="center", fontsize=10.5)


def _draw_chances(ax: Axes, letters: Sequence[str], chances: Mapping[str, float]) -> None:
    places = np.arange(len(chances))
    values = np.array(list(chances.values()))
    ax.barh(places, values, color=_MAIN, height=0.7)
    for place, value in zip(places, values, strict=True):
        ax.annotate(
            percent(value, 0),
            (value, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    ax.set_yticks(places, list(chances))
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.15 * values.max()), title=f"après « {''.join(letters[1:])} »")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.grid(visible=False)


def _tile(ax: Axes, x: float, y: float, letter: str) -> None:
    ax.add_patch(
        FancyBboxPatch(
            (x - 0.32, y - 0.32),
            0.64,
            0.64,
            boxstyle="round,pad=0.06",
            facecolor=_PAPER,
            edgecolor=INK,
        )
    )
    ax.text(x, y, letter, ha="center", va="center", fontsize=15 if len(letter) == 1 else 9)


def _stack(ax: Axes, x: float, y: float) -> None:
    """Quelques cases l'une sur l'autre : une liste de nombres."""
    for rank in range(4):
        ax.add_patch(
            Rectangle(
                (x - 0.2, y - 0.5 + 0.25 * rank),
                0.4,
                0.25,
                facecolor=_PAPER,
                edgecolor=INK,
                linewidth=1,
            )
        )


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = INK
) -> None:
    ax.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, color=colour, linewidth=1.2)
    )
