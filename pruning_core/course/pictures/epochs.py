"""L'affinage en image : sparsité, époques et calendrier, méthode par méthode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pruning_core.course.formatting import number, percent
from pruning_core.course.pictures.base import Picture, bars, table
from pruning_core.course.protocols import read_regime
from pruning_core.methods import METHODS

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {"seed", "asked", "method", "regime", "accuracy"}
_DENSE = "dense"


@dataclass(frozen=True)
class Accuracy:
    """L'exactitude d'une méthode sur plusieurs graines.

    Attributes
    ----------
    mean, low, high : float
        Moyenne, pire et meilleure, dans [0, 1].
    """

    mean: float
    low: float
    high: float


class Epochs(Picture):
    """Deux curseurs, sparsité et époques d'affinage, et le calendrier : d'un coup, ou peu à peu.

    Chaque méthode a sa barre, et l'étendue de ses graines.

    Parameters
    ----------
    measures : DataFrame
        Tableau « retraining » de `read_table`, ou un autre de mêmes colonnes : "seed", "asked",
        "method", "regime" et "accuracy". Chaque méthode y est à chaque sparsité et chaque régime.
    sparsity : float
        Celle du départ, une de "asked".
    epochs : int
        Époques du départ, d'un des régimes.

    Raises
    ------
    ValueError
        S'il manque une colonne ou une mesure, ou si un régime est inconnu.
    """

    kind = "epochs"

    def __init__(self, measures: pd.DataFrame, *, sparsity: float = 0.95, epochs: int = 15) -> None:
        missing = _COLUMNS - set(measures.columns)
        if missing:
            raise ValueError(f"measures : il manque {sorted(missing)} ; attendu {sorted(_COLUMNS)}")
        dense = measures["method"] == _DENSE
        pruned = measures[~dense]
        self._found = {
            (str(method), float(asked), *read_regime(str(regime))): Accuracy(
                *(round(float(value), 6) for value in (one.mean(), one.min(), one.max()))
            )
            for (method, asked, regime), one in pruned.groupby(["method", "asked", "regime"])[
                "accuracy"
            ]
        }
        self.dense = float(measures[dense]["accuracy"].mean())
        names = set(pruned["method"])
        self.methods = [key for key in METHODS if key in names]
        self.sparsities: list[float] = sorted({float(asked) for asked in pruned["asked"]})
        self.epochs = sorted({key[2] for key in self._found})
        self.sparsity, self.start = sparsity, epochs
        _check_choice("sparsity", sparsity, self.sparsities)
        _check_choice("epochs", epochs, self.epochs)
        self.heights = (max(300, 60 + 40 * len(self.methods)), 350 + 40 * len(self.methods))
        looks = [METHODS[key] for key in self.methods]
        super().__init__(
            {
                **{"sparsities": self.sparsities, "epochs": self.epochs},
                "labels": [look.label for look in looks],
                "colours": [look.colour for look in looks],
                "dense": round(self.dense, 6),
                "measures": [
                    [
                        [self._row(asked, count, gradual) for gradual in (False, True)]
                        for count in self.epochs
                    ]
                    for asked in self.sparsities
                ],
                "start": [self.sparsities.index(sparsity), self.epochs.index(epochs)],
            }
        )

    def accuracy(self, method: str, sparsity: float, epochs: int, *, gradual: bool) -> Accuracy:
        """Ce que la page montre d'une méthode, à ces réglages.

        Parameters
        ----------
        method : str
            Clé de `METHODS`.
        sparsity : float
            Une des sparsités mesurées.
        epochs : int
            Époques d'affinage, 0 s'il n'y en a pas.
        gradual : bool
            Vrai si l'élagage se fait peu à peu ; sans époque, cela ne change rien.
        """
        key = (method, sparsity, epochs, gradual and epochs > 0)
        if key not in self._found:
            raise ValueError(
                f"measures : il manque la mesure {key} (méthode, sparsité, époques, graduel)"
            )
        return self._found[key]

    def _row(self, sparsity: float, epochs: int, gradual: bool) -> list[list[float]]:
        found = [self.accuracy(one, sparsity, epochs, gradual=gradual) for one in self.methods]
        return [[one.mean, one.low, one.high] for one in found]

    def static_html(self) -> str:
        """Les barres du départ, et un tableau de toutes les époques à cette sparsité."""
        asked = percent(self.sparsity, 0)
        shown = [
            (METHODS[key].label, mean, percent(mean))
            for key in self.methods
            for mean in [self.accuracy(key, self.sparsity, self.start, gradual=False).mean]
        ]
        regimes = [(0, False)] * (0 in self.epochs) + [
            (count, gradual) for count in self.epochs if count for gradual in (False, True)
        ]
        rows = [
            [
                number(count) + (", peu à peu" if gradual else ""),
                *(
                    percent(self.accuracy(key, self.sparsity, count, gradual=gradual).mean)
                    for key in self.methods
                ),
            ]
            for count, gradual in regimes
        ]
        return bars(
            f"Exactitude de chaque méthode à {asked} de sparsité, élaguée d'un coup puis affinée "
            f"{self.start} époques.",
            shown,
            [METHODS[key].colour for key in self.methods],
        ) + table(
            f"Exactitude moyenne à {asked} de sparsité, selon les époques d'affinage (sans "
            f"élagage : {percent(self.dense)}).",
            ["Époques", *(METHODS[key].label for key in self.methods)],
            rows,
        )

    def __repr__(self) -> str:
        """Les méthodes et la sparsité de départ."""
        return f"Epochs({len(self.methods)} méthodes, {percent(self.sparsity, 0)} de sparsité)"


def _check_choice(name: str, value: float, offered: list[float] | list[int]) -> None:
    if value not in offered:
        raise ValueError(f"{name} : reçu {value} ; attendu une des valeurs mesurées, {offered}")
