"""Les courbes qui ne sont pas celles d'une méthode, avec leur dispersion sur les graines."""

from __future__ import annotations

from collections.abc import Mapping

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
    french_log_axis,
    label_ends,
    plot_runs,
    reference_line,
    runs_of,
)


def named_curves(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    reference: tuple[str, float] | None = None,
    log_y: bool = False,
    percent_x: bool = True,
    percent_y: bool = True,
) -> Figure:
    """Trace des courbes nommées librement, chacune avec sa couleur, son trait et sa marque.

    Parameters
    ----------
    x : ArrayLike
        Abscisses, forme [m].
    curves : dict[str, ArrayLike]
        Pour chaque nom (court : il s'écrit au bout de la courbe), les ordonnées, forme [m] ou
        [graines, m] : moyenne en trait, écart type en bande.
    xlabel, ylabel : str
        Noms des axes, avec leur unité.
    reference : tuple[str, float], optionnel
        Nom et hauteur d'un repère horizontal en pointillé.
    log_y : bool
        Vrai pour une échelle logarithmique en ordonnée (valeurs strictement positives).
    percent_x, percent_y : bool
        Vrai pour graduer l'axe en pour cent, les valeurs étant des proportions.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    ValueError
        S'il n'y a aucune courbe, ou plus que de couleurs dans la palette ; si une courbe n'a pas
        m points ; si `log_y` et qu'une moyenne n'est pas strictement positive.
    """
    if not 0 < len(curves) <= len(LOOKS):
        raise ValueError(f"courbes : reçu {len(curves)} ; attendu entre 1 et {len(LOOKS)}.")
    abscissas = np.asarray(x, dtype=float)
    with book_style():
        figure, ax = plt.subplots()
        if log_y:
            ax.set_yscale("log", nonpositive="clip")
        ends = []
        for (name, values), look in zip(curves.items(), LOOKS, strict=False):
            runs = runs_of(values, len(abscissas), name)
            if log_y and not (runs.mean(axis=0) > 0).all():
                raise ValueError(
                    f"{name} : reçu une moyenne négative ou nulle ; attendu des moyennes "
                    "strictement positives (échelle logarithmique)."
                )
            last = plot_runs(ax, abscissas, runs, *look)
            ends.append(End(abscissas[-1], last, name, look.colour))
        if reference is not None:
            text, height = reference
            ends.append(End(ax.get_xlim()[1], height, text, INK))
            reference_line(ax, height)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        french_axis(ax.xaxis, percentage=percent_x)
        (french_log_axis if log_y else french_axis)(ax.yaxis, percentage=percent_y)
        label_ends(ax, ends)
        return figure
