"""Le gradient par lots : ce que changent la taille des lots et l'ordre des exemples."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from pruning_core.course.figures.style import (
    INK,
    LOOKS,
    End,
    book_style,
    french_axis,
    label_ends,
    plot_runs,
    runs_of,
)
from pruning_core.course.formatting import number
from pruning_core.methods import METHODS


def batch_size_overlap(
    batch_sizes: Sequence[int], with_single: ArrayLike, between_shuffles: ArrayLike
) -> Figure:
    """Trace la part des poids les mieux notés qui restent les mêmes quand le lot grandit.

    Parameters
    ----------
    batch_sizes : suite de int
        Tailles de lot, croissantes (axe en log₂).
    with_single : ArrayLike
        Part commune avec le lot de taille 1, entre 0 et 1, forme [graines, m].
    between_shuffles : ArrayLike
        Part commune à deux mélanges des mêmes exemples, en lots de même taille, même forme.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    ValueError
        Si les parts communes n'ont pas une colonne par taille de lot.
    """
    x = np.asarray(batch_sizes, dtype=float)
    with book_style():
        figure, ax = plt.subplots()
        ax.set_xscale("log", base=2)
        ends = []
        for name, values, look in (
            ("avec le\nlot de 1", with_single, (METHODS["gradient"].colour, "-", "o")),
            ("entre deux\nmélanges", between_shuffles, LOOKS[0]),
        ):
            runs = runs_of(values, len(batch_sizes), "parts communes")
            last = plot_runs(ax, x, runs, *look)
            ends.append(End(x[-1], last, name, look[0]))
        ax.set_xticks(list(batch_sizes), [number(size) for size in batch_sizes])
        ax.set(xlabel="taille des lots", ylabel="poids en commun", ylim=(0, 1.03))
        french_axis(ax.yaxis, percentage=True)
        label_ends(ax, ends, gap=0.15)
        return figure


def shuffle_dots(shuffles: ArrayLike, *, per_sample: ArrayLike, magnitude: ArrayLike) -> Figure:
    """Trace l'exactitude de chaque réseau pour chaque mélange, à côté de ce qui n'en dépend pas.

    Parameters
    ----------
    shuffles : ArrayLike
        Exactitudes du gradient par lots, entre 0 et 1, forme [réseaux, mélanges].
    per_sample, magnitude : ArrayLike
        Exactitudes du gradient par exemple et de la magnitude, forme [réseaux].

    Returns
    -------
    Figure
        La figure : une colonne par réseau.

    Raises
    ------
    ValueError
        Si les formes ne vont pas ensemble.
    """
    runs = np.atleast_2d(np.asarray(shuffles, dtype=float))
    x = np.arange(1, len(runs) + 1, dtype=float)
    with book_style():
        figure, ax = plt.subplots()
        for shift, values, colour, marker, size, name in (
            (-0.18, magnitude, METHODS["magnitude"].colour, "_", 12, "magnitude"),
            (0.18, per_sample, INK, "D", 6, "gradient par exemple"),
        ):
            (alone,) = runs_of(values, len(x), name)
            ax.plot(x + shift, alone, marker, color=colour, markersize=size, mew=2, label=name)
        dots = ax.plot(x, runs, "o", color=METHODS["gradient"].colour, alpha=0.75)
        dots[0].set_label("gradient par lots, chaque mélange")
        ax.set(xlabel="réseau", ylabel="exactitude sur le test", ylim=(0, 1.03))
        ax.set_xticks(x, [number(rank) for rank in x])
        french_axis(ax.yaxis, percentage=True)
        figure.legend(loc="outside upper left")
        return figure
