"""L'exactitude selon la sparsité : courbes, petits panneaux, tableau."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from pruning_core.course.figures.style import (
    INK,
    End,
    book_style,
    french_axis,
    label_ends,
    plot_runs,
    reference_line,
    runs_of,
)
from pruning_core.course.formatting import number, percent
from pruning_core.methods import METHODS


def accuracy_curves(
    sparsities: ArrayLike,
    accuracies: Mapping[str, ArrayLike],
    *,
    dense: float | None = None,
) -> Figure:
    """Trace l'exactitude en fonction de la sparsité, une courbe par méthode.

    Parameters
    ----------
    sparsities : ArrayLike
        Sparsités, forme [m], entre 0 et 1.
    accuracies : dict[str, ArrayLike]
        Pour chaque clé de `METHODS`, les exactitudes entre 0 et 1, forme [graines, m] :
        moyenne en trait, écart type en bande.
    dense : float, optionnel
        Exactitude du réseau dense, tracée en pointillé.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans `METHODS`.
    ValueError
        Si des exactitudes n'ont pas m colonnes.
    """
    x = np.asarray(sparsities, dtype=float)
    with book_style():
        figure, ax = plt.subplots()
        ends = _draw(ax, x, accuracies, dense)
        if dense is not None:
            ends["dense"] = _dense_end(ax, dense)
        ax.set(xlabel="sparsité", ylabel="exactitude sur le test")
        label_ends(ax, list(ends.values()))
        return figure


def accuracy_panels(
    sparsities: ArrayLike,
    panels: Mapping[str, Mapping[str, ArrayLike]],
    *,
    dense: float | Mapping[str, float] | None = None,
) -> Figure:
    """Trace plusieurs `accuracy_curves` côte à côte, aux mêmes échelles.

    Chaque méthode est nommée une fois par rangée, dans le panneau le plus à droite qui la montre.

    Parameters
    ----------
    sparsities : ArrayLike
        Sparsités, forme [m], entre 0 et 1.
    panels : dict[str, dict[str, ArrayLike]]
        Pour chaque titre de panneau, les exactitudes comme dans `accuracy_curves`.
    dense : float ou dict[str, float], optionnel
        Exactitude du réseau dense, la même partout ou une par titre.

    Returns
    -------
    Figure
        La figure, sur deux colonnes, ou une seule si le nombre de panneaux est impair.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans `METHODS`, ou si `dense` oublie un panneau.
    ValueError
        S'il n'y a aucun panneau, ou si des exactitudes n'ont pas m colonnes.
    """
    if not panels:
        raise ValueError("panneaux : reçu un dictionnaire vide ; attendu au moins un panneau.")
    x = np.asarray(sparsities, dtype=float)
    # Davantage de colonnes ne se lirait plus sur un téléphone.
    columns = 2 if len(panels) % 2 == 0 else 1
    rows = len(panels) // columns
    with book_style():
        figure, axes = plt.subplots(
            rows,
            columns,
            figsize=(5.6, 0.4 + 2.4 * rows),
            sharex=True,
            sharey=True,
            squeeze=False,
        )
        for row, start in zip(axes, range(0, len(panels), columns), strict=True):
            titles = list(panels)[start : start + columns]
            ends = []
            for ax, title in zip(row, titles, strict=True):
                reference = dense[title] if isinstance(dense, Mapping) else dense
                ends.append(_draw(ax, x, panels[title], reference))
                if reference is not None:
                    ends[-1]["dense"] = _dense_end(ax, reference)
                ax.set_title(title)
                ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))  # étroit
            _label_row(row, ends)
        figure.supxlabel("sparsité", fontsize="medium")
        figure.supylabel("exactitude sur le test", fontsize="medium")
        return figure


def _draw(
    ax: Axes, x: NDArray[np.float64], accuracies: Mapping[str, ArrayLike], dense: float | None
) -> dict[str, End]:
    if dense is not None:
        reference_line(ax, dense)
    ends = {}
    for key, values in accuracies.items():
        method = METHODS[key]
        runs = runs_of(values, len(x), method.label)
        last = plot_runs(ax, x, runs, method.colour, method.dash)
        ends[key] = End(x[-1], last, method.label, method.colour)
    ax.set(ylim=(0, 1.03))
    french_axis(ax.xaxis, percentage=True)
    french_axis(ax.yaxis, percentage=True)
    return ends


def _dense_end(ax: Axes, dense: float) -> End:
    # À droite, où les courbes sont descendues : ailleurs, le mot serait posé sur elles.
    return End(ax.get_xlim()[1], dense, "dense", INK)


def _label_row(axes: Sequence[Axes], ends: Sequence[Mapping[str, End]]) -> None:
    named: set[str] = set()
    for ax, found in reversed(list(zip(axes, ends, strict=True))):
        label_ends(ax, [end for key, end in found.items() if key not in named], gap=0.12)
        named |= set(found)


def accuracy_table(sparsities: Sequence[float], accuracies: Mapping[str, ArrayLike]) -> DataFrame:
    """Écrit les mêmes courbes en tableau : moyenne ± écart type, en pour cent.

    Parameters
    ----------
    sparsities : suite de float
        Sparsités, m valeurs entre 0 et 1.
    accuracies : dict[str, ArrayLike]
        Pour chaque clé de `METHODS`, les exactitudes entre 0 et 1, forme [graines, m].

    Returns
    -------
    DataFrame
        Une ligne par sparsité, une colonne par méthode.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans `METHODS`.
    ValueError
        Si des exactitudes n'ont pas m colonnes.
    """
    columns = {}
    for key, values in accuracies.items():
        runs = 100 * runs_of(values, len(sparsities), METHODS[key].label)
        columns[METHODS[key].label] = [
            f"{number(mean, 1)} ± {number(spread, 1)}"
            for mean, spread in zip(runs.mean(axis=0), runs.std(axis=0), strict=True)
        ]
    return DataFrame(columns, index=[percent(s, 0) for s in sparsities])
