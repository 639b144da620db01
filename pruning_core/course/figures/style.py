"""Le style commun : les couleurs, les axes en français, les étiquettes au bout des courbes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, LogLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

from pruning_core.course.formatting import number, percent

KEPT, CUT, INK = "#0072b2", "#d55e00", "#333333"


class Look(NamedTuple):
    """Couleur, trait et marque d'une courbe qui n'est pas celle d'une méthode."""

    colour: str
    dash: Any  # un nom de trait, ou un motif (décalage, longueurs) de matplotlib
    marker: str


# Palette « muted » de Paul Tol, assombrie de même : aucune couleur n'y est celle d'une méthode.
LOOKS = (
    Look("#332288", "-", "o"),
    Look("#c4526a", "--", "s"),
    Look("#1f8a7d", "-.", "^"),
    Look("#882255", ":", "D"),
    Look("#8a7a12", (0, (8, 2, 1, 2, 1, 2)), "v"),
    Look("#4a4a4a", (0, (1, 1)), "P"),
)

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
def book_style() -> Iterator[None]:
    """Applique le style du livre aux figures créées dans ce bloc."""
    with mpl.rc_context(_STYLE):
        yield


class FrenchFormatter(Formatter):
    """Écrit les graduations d'un axe à la française, avec le même nombre de décimales.

    Parameters
    ----------
    percentage : bool
        Vrai pour écrire une proportion en pour cent.
    alike : bool
        Faux pour n'écrire que les décimales utiles à chaque graduation (échelle logarithmique).
    """

    def __init__(self, *, percentage: bool = False, alike: bool = True) -> None:
        self._write: Callable[[float, int], str] = percent if percentage else number
        self._unit = 100 if percentage else 1
        self._alike = alike

    def __call__(self, value: float, position: int | None = None) -> str:
        """Écrit une valeur seule, avec ses décimales utiles."""
        return self._write(value, _decimals(self._unit * value))

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Écrit les graduations d'un axe."""
        if not self._alike:
            return [self(value) for value in values]
        digits = max((_decimals(self._unit * value) for value in values), default=0)
        return [self._write(value, digits) for value in values]


def _decimals(value: float) -> int:
    digits = f"{value:.6f}".rstrip("0")
    return len(digits) - digits.index(".") - 1


def french_axis(axis: Any, *, percentage: bool = False) -> None:
    """Gradue un axe en nombres français, ou en pour cent."""
    axis.set_major_formatter(FrenchFormatter(percentage=percentage))


def french_log_axis(axis: Any, *, percentage: bool = False) -> None:
    """Gradue de même un axe logarithmique : 1, 2, 5, puis les puissances de dix seules."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    axis.set_major_formatter(FrenchFormatter(percentage=percentage, alike=False))
    axis.set_minor_formatter(NullFormatter())


def runs_of(values: ArrayLike, points: int, what: str) -> NDArray[np.float64]:
    """Met des valeurs en forme [graines, m].

    Raises
    ------
    ValueError
        Si les valeurs ne sont pas de forme [m] ou [graines, m], m valant `points`.
    """
    runs = np.atleast_2d(np.asarray(values, dtype=float))
    if runs.ndim != 2 or runs.shape[1] != points or not len(runs):
        raise ValueError(
            f"{what} : reçu la forme {list(np.shape(values))} ; "
            f"attendu [{points}] ou [graines, {points}]."
        )
    return runs


def plot_runs(
    ax: Axes,
    x: NDArray[np.float64],
    runs: NDArray[np.float64],
    colour: str,
    dash: Any = "-",
    marker: str = "o",
) -> float:
    """Trace la moyenne des graines, et leur écart type en bande ; rend la moyenne au bout."""
    mean, spread = runs.mean(axis=0), runs.std(axis=0)
    ax.plot(x, mean, linestyle=dash, color=colour, marker=marker)
    ax.fill_between(x, mean - spread, mean + spread, color=colour, alpha=0.15, linewidth=0)
    return float(mean[-1])


def reference_line(ax: Axes, height: float) -> None:
    """Trace un repère horizontal en pointillé."""
    ax.axhline(height, color=INK, linewidth=1, linestyle=(0, (1, 2)))


class End(NamedTuple):
    """Bout d'une courbe, où s'écrit son étiquette."""

    x: float
    y: float
    text: str
    colour: str


def label_ends(ax: Axes, ends: Sequence[End], gap: float = 0.075) -> None:
    """Écrit chaque étiquette au bout de sa courbe.

    Parameters
    ----------
    ax : Axes
        Axes des courbes, à l'échelle définitive.
    ends : suite de End
        Bouts des courbes.
    gap : float
        Écart minimal entre deux étiquettes, en part de la hauteur des axes.
    """
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.asarray(ax.get_ylim()))
    step = gap * (high - low)
    previous = low - step
    placed = []
    for end in sorted(ends, key=lambda end: end.y):
        previous = max(float(scale.transform(end.y)), previous + step)
        placed.append((end, previous))
    ceiling = high
    for end, height in reversed(placed):
        ceiling = min(height, ceiling)
        label_end(ax, end._replace(y=float(scale.inverted().transform(ceiling))))
        ceiling -= step


def label_end(ax: Axes, end: End) -> None:
    """Écrit une étiquette à droite d'un point."""
    ax.annotate(
        end.text,
        (end.x, end.y),
        xytext=(7, 0),
        textcoords="offset points",
        color=end.colour,
        va="center",
        annotation_clip=False,
    )
