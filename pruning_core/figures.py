"""Les figures du livre : un style, une couleur par méthode, des étiquettes sur les courbes.

Chaque fonction rend une ``Figure`` de Matplotlib ; rien n'est affiché ni enregistré ici.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from pruning_core.formatting import number, percent
from pruning_core.masks import Masks
from pruning_core.sparsity import layer_sparsities


class Method(NamedTuple):
    """Nom affiché d'une méthode, sa couleur et son trait, partout dans le livre."""

    label: str
    colour: str
    dash: str


# Teintes d'Okabe et Ito, assombries là où il le faut pour garder un contraste de 3:1 sur blanc.
METHODS: dict[str, Method] = {
    "random": Method("hasard", "#767676", ":"),
    "magnitude": Method("magnitude", "#0072b2", "-"),
    "magnitude_layerwise": Method("magnitude par couche", "#2f8fbd", "--"),
    "gradient": Method("gradient", "#b87400", "-"),
    "obd": Method("OBD", "#00835f", "-"),
    "obd_inverted": Method("OBD inversé", "#d55e00", ":"),
    "obs": Method("OBS", "#a8478b", "-"),
}
KEPT, CUT, INK = "#0072b2", "#d55e00", "#333333"

_STYLE: Any = {  # les clés de matplotlib sont un type fermé
    "figure.figsize": (5.2, 3.5),
    "figure.dpi": 144,
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.2,
    "lines.markersize": 5,
    "legend.frameon": False,
}


@contextmanager
def _book_style() -> Iterator[None]:
    with mpl.rc_context(_STYLE):
        yield


def _french_axis(axis: Any, digits: int) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, digits)))


def _percent_axis(axis: Any, digits: int = 0) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, digits)))


def _label_ends(ax: Axes, ends: Sequence[tuple[float, float, str, str]], gap: float) -> None:
    """Écrit chaque étiquette au bout de sa courbe, en les écartant d'au moins ``gap``."""
    low, high = ax.get_ylim()
    step = gap * (high - low)
    previous = low - step
    placed = []
    for x, y, text, colour in sorted(ends, key=lambda end: end[1]):
        previous = max(y, previous + step)
        placed.append((x, previous, text, colour))
    overflow = max(0.0, previous - high)
    for x, y, text, colour in placed:
        ax.annotate(
            text,
            (x, y - overflow),
            xytext=(7, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def accuracy_curves(
    sparsities: ArrayLike,
    accuracies: Mapping[str, ArrayLike],
    *,
    dense: float | None = None,
) -> Figure:
    """Trace l'exactitude en fonction de la sparsité, une courbe par méthode.

    Parameters
    ----------
    sparsities : array_like
        Sparsités, forme [m], entre 0 et 1.
    accuracies : mapping of str to array_like
        Pour chaque clé de :data:`METHODS`, les exactitudes entre 0 et 1, forme [graines, m] :
        moyenne en trait, écart type en bande.
    dense : float, optional
        Exactitude du réseau dense, tracée en pointillé.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans :data:`METHODS`.
    """
    x = np.asarray(sparsities, dtype=float)
    with _book_style():
        figure, ax = plt.subplots()
        if dense is not None:
            ax.axhline(dense, color=INK, linewidth=1, linestyle=(0, (1, 2)))
            ax.annotate("dense", (x[0], dense), xytext=(0, 4), textcoords="offset points")
        ends = []
        for key, values in accuracies.items():
            method = METHODS[key]
            runs = np.atleast_2d(np.asarray(values, dtype=float))
            mean, spread = runs.mean(axis=0), runs.std(axis=0)
            ax.plot(x, mean, method.dash, color=method.colour, marker="o")
            ax.fill_between(
                x, mean - spread, mean + spread, color=method.colour, alpha=0.15, linewidth=0
            )
            ends.append((float(x[-1]), float(mean[-1]), method.label, method.colour))
        ax.set(xlabel="sparsité", ylabel="exactitude sur le test", ylim=(0, 1.03))
        _percent_axis(ax.xaxis)
        _percent_axis(ax.yaxis)
        _label_ends(ax, ends, gap=0.075)
        return figure


def accuracy_table(sparsities: Sequence[float], accuracies: Mapping[str, ArrayLike]) -> DataFrame:
    """Écrit les mêmes courbes en tableau : moyenne ± écart type, en pour cent.

    Parameters
    ----------
    sparsities : sequence of float
        Sparsités, m valeurs entre 0 et 1.
    accuracies : mapping of str to array_like
        Pour chaque clé de :data:`METHODS`, les exactitudes entre 0 et 1, forme [graines, m].

    Returns
    -------
    DataFrame
        Une ligne par sparsité, une colonne par méthode.
    """
    columns = {}
    for key, values in accuracies.items():
        runs = 100 * np.atleast_2d(np.asarray(values, dtype=float))
        columns[METHODS[key].label] = [
            f"{number(mean, 1)} ± {number(spread, 1)}"
            for mean, spread in zip(runs.mean(axis=0), runs.std(axis=0), strict=True)
        ]
    return DataFrame(columns, index=[percent(s, 0) for s in sparsities])


def weight_histogram(weights: torch.Tensor, kept: torch.Tensor, *, bins: int = 81) -> Figure:
    """Trace la distribution des poids et ce que le masque en retire.

    Parameters
    ----------
    weights : torch.Tensor
        Poids, forme quelconque.
    kept : torch.Tensor
        Masque booléen de même forme, vrai là où le poids est gardé.
    bins : int
        Nombre de classes de l'histogramme.

    Returns
    -------
    Figure
        La figure : poids gardés et poids retirés, empilés.
    """
    values = weights.detach().double().flatten().cpu().numpy()
    mask = kept.flatten().cpu().numpy()
    edges = np.linspace(-abs(values).max(), abs(values).max(), bins + 1)
    with _book_style():
        figure, ax = plt.subplots()
        ax.hist(
            [values[~mask], values[mask]],
            bins=edges.tolist(),
            stacked=True,
            color=[CUT, KEPT],
            label=[
                f"retirés : {number((~mask).sum())}",
                f"gardés : {number(mask.sum())}",
            ],
        )
        ax.set(xlabel="valeur du poids", ylabel="nombre de poids")
        _french_axis(ax.xaxis, 1)
        _french_axis(ax.yaxis, 0)
        ax.legend()
        return figure


def layer_sparsity_bars(masks: Mapping[str, Masks]) -> Figure:
    """Trace la sparsité de chaque couche, une barre par méthode.

    Parameters
    ----------
    masks : mapping of str to Masks
        Pour chaque clé de :data:`METHODS`, les masques ; tous sur les mêmes couches.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans :data:`METHODS`.
    """
    table = {key: layer_sparsities(one) for key, one in masks.items()}
    layers = list(next(iter(table.values())))
    positions = np.arange(len(layers), dtype=float)
    height = 0.8 / len(table)
    with _book_style():
        figure, ax = plt.subplots(figsize=(5.2, 1.2 + 0.36 * len(layers) * len(table)))
        for rank, (key, sparsity) in enumerate(table.items()):
            method = METHODS[key]
            bars = ax.barh(
                positions + (rank - (len(table) - 1) / 2) * height,
                [sparsity[layer] for layer in layers],
                height=0.9 * height,
                color=method.colour,
            )
            labels = [f"{method.label} {percent(sparsity[layer])}" for layer in layers]
            ax.bar_label(bars, labels=labels, padding=4, color=method.colour, fontsize=11)
        ax.set(xlabel="sparsité de la couche", xlim=(0, 1.75))
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.set_yticks(positions, [f"couche {rank}" for rank in range(1, len(layers) + 1)])
        ax.invert_yaxis()
        ax.grid(visible=False, axis="y")
        _percent_axis(ax.xaxis)
        return figure


def predicted_and_real(
    sparsities: ArrayLike, predicted: ArrayLike, real: ArrayLike, *, method: str = "obd"
) -> Figure:
    """Trace l'augmentation de perte prédite par le modèle quadratique et celle qu'on mesure.

    Parameters
    ----------
    sparsities : array_like
        Sparsités, forme [m].
    predicted, real : array_like
        Augmentations de la perte, forme [m], strictement positives (échelle logarithmique).
    method : str
        Clé de :data:`METHODS`, pour la couleur.

    Returns
    -------
    Figure
        La figure.
    """
    x, forecast, measure = (np.asarray(a, dtype=float) for a in (sparsities, predicted, real))
    colour = METHODS[method].colour
    with _book_style():
        figure, ax = plt.subplots()
        ax.semilogy(x, measure, "-o", color=colour)
        ax.semilogy(x, forecast, "--o", color=colour, markerfacecolor="white")
        ax.set(xlabel="sparsité", ylabel="augmentation de la perte")
        _percent_axis(ax.xaxis)
        for values, text in ((measure, "mesurée"), (forecast, "prédite")):
            ax.annotate(
                text,
                (x[-1], values[-1]),
                xytext=(7, 0),
                textcoords="offset points",
                color=colour,
                va="center",
                annotation_clip=False,
            )
        return figure


def score_scatter(scores: Mapping[str, NDArray[np.float64]], real: NDArray[np.float64]) -> Figure:
    """Compare des scores à ce que change vraiment à la perte chaque poids retiré seul.

    Parameters
    ----------
    scores : mapping of str to ndarray
        Pour chaque clé de :data:`METHODS`, les scores positifs de n poids, forme [n].
    real : ndarray
        Variation de la perte à chaque suppression, forme [n]. On en trace la valeur absolue, en
        échelle logarithmique ; un poids qui ne change rien, ou de score nul, n'y est pas.

    Returns
    -------
    Figure
        Un panneau par méthode, côte à côte.
    """
    with _book_style():
        figure, axes = plt.subplots(
            1, len(scores), figsize=(2.6 * len(scores), 3.2), sharey=True, squeeze=False
        )
        for ax, (key, values) in zip(axes[0], scores.items(), strict=True):
            method = METHODS[key]
            shown = (values > 0) & (real != 0)
            ax.loglog(values[shown], abs(real[shown]), ".", color=method.colour, alpha=0.6)
            ax.set(title=method.label, xlabel="score")
        axes[0, 0].set_ylabel("variation réelle de la perte")
        return figure


def batch_size_overlap(batch_sizes: Sequence[int], overlaps: ArrayLike) -> Figure:
    """Trace la part des poids les mieux notés qui restent les mêmes quand le lot grandit.

    Parameters
    ----------
    batch_sizes : sequence of int
        Tailles de lot, croissantes (axe en log₂).
    overlaps : array_like
        Part commune avec le lot de taille 1, entre 0 et 1, forme [graines, m].

    Returns
    -------
    Figure
        La figure.
    """
    runs = np.atleast_2d(np.asarray(overlaps, dtype=float))
    mean, spread = runs.mean(axis=0), runs.std(axis=0)
    colour = METHODS["gradient"].colour
    with _book_style():
        figure, ax = plt.subplots()
        ax.plot(batch_sizes, mean, "-o", color=colour)
        ax.fill_between(
            batch_sizes, mean - spread, mean + spread, color=colour, alpha=0.15, linewidth=0
        )
        ax.set_xscale("log", base=2)
        ax.set_xticks(list(batch_sizes), [number(size) for size in batch_sizes])
        ax.set(xlabel="taille des lots", ylabel="poids en commun", ylim=(0, 1.03))
        _percent_axis(ax.yaxis)
        return figure
