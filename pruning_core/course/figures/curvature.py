"""Ce que prédit le modèle quadratique de la perte, à côté de ce qu'on mesure."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pruning_core.course.figures.style import End, book_style, french_axis, label_end
from pruning_core.methods import METHODS


def predicted_and_real(
    sparsities: ArrayLike, predicted: ArrayLike, real: ArrayLike, *, method: str = "obd"
) -> Figure:
    """Trace l'augmentation de perte prédite par le modèle quadratique et celle qu'on mesure.

    Parameters
    ----------
    sparsities : ArrayLike
        Sparsités, forme [m].
    predicted, real : ArrayLike
        Augmentations de la perte, forme [m], strictement positives (échelle logarithmique).
    method : str
        Clé de `METHODS`, pour la couleur.

    Returns
    -------
    Figure
        La figure.
    """
    x, forecast, measure = (np.asarray(a, dtype=float) for a in (sparsities, predicted, real))
    colour = METHODS[method].colour
    with book_style():
        figure, ax = plt.subplots()
        ax.semilogy(x, measure, "-o", color=colour)
        ax.semilogy(x, forecast, "--o", color=colour, markerfacecolor="white")
        ax.set(xlabel="sparsité", ylabel="augmentation de la perte")
        french_axis(ax.xaxis, percentage=True)
        for values, text in ((measure, "mesurée"), (forecast, "prédite")):
            label_end(ax, End(x[-1], values[-1], text, colour))
        return figure


def score_scatter(scores: Mapping[str, NDArray[np.float64]], real: NDArray[np.float64]) -> Figure:
    """Compare des scores à ce que change vraiment à la perte chaque poids retiré seul.

    Parameters
    ----------
    scores : dict[str, ndarray]
        Pour chaque clé de `METHODS`, les scores positifs de n poids, forme [n].
    real : ndarray
        Variation de la perte à chaque suppression, forme [n]. On en trace la valeur absolue, en
        échelle logarithmique ; un poids qui ne change rien, ou de score nul, n'y est pas.

    Returns
    -------
    Figure
        Un panneau par méthode, côte à côte.
    """
    with book_style():
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
