"""Lire les tableaux d'affinage : par protocole et par méthode, graine par graine.

Un protocole est une façon de dépenser des époques : après l'élagage (« 70 epochs »), ou entre les
marches d'un calendrier (« gradual 70 epochs »). Les tableaux sont ceux de `read_table`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pandas import DataFrame, Series

from pruning_core.course.formatting import number
from pruning_core.methods import METHODS

_REGIME = re.compile(r"(gradual )?(\d+) epochs")


def read_regime(name: str) -> tuple[int, bool]:
    """Lit le nom d'un protocole : ses époques, et s'il élague peu à peu.

    Raises
    ------
    ValueError
        Si ce n'est ni « none », ni un nombre d'époques.
    """
    if name == "none":
        return 0, False
    match = _REGIME.fullmatch(name)
    if not match:
        raise ValueError(
            f"regime : reçu {name!r} ; attendu « none », « 15 epochs », « gradual 15 epochs »..."
        )
    return int(match[2]), bool(match[1])


def accuracies(table: DataFrame, method: str, regime: str) -> DataFrame:
    """Exactitudes d'une méthode sous un protocole.

    Parameters
    ----------
    table : DataFrame
        Colonnes "seed", "asked", "method", "regime" et "accuracy" (dans [0, 1]).
    method, regime : str
        Des valeurs de ses colonnes.

    Returns
    -------
    DataFrame
        Une ligne par graine, une colonne par sparsité.

    Raises
    ------
    ValueError
        Si le tableau n'a pas cette méthode sous ce protocole.
    """
    rows = table[(table["method"] == method) & (table["regime"] == regime)]
    if rows.empty:
        known = sorted(set(zip(table["method"], table["regime"], strict=True)))
        raise ValueError(f"protocole : reçu {(method, regime)} ; attendu l'un de {known}.")
    return rows.pivot(index="seed", columns="asked", values="accuracy")


def lead(table: DataFrame, first: str, second: str, regime: str) -> DataFrame:
    """Avance de la première méthode sur la seconde, de la forme de `accuracies`."""
    return accuracies(table, first, regime) - accuracies(table, second, regime)


def protocol_table(
    table: DataFrame, asked: float, regimes: Mapping[str, str], methods: Sequence[str]
) -> DataFrame:
    """Écrit les exactitudes à une sparsité : une ligne par méthode, une colonne par protocole.

    Parameters
    ----------
    table : DataFrame
        Comme dans `accuracies`.
    asked : float
        Sparsité, l'une de celles du tableau.
    regimes : dict
        Titre de colonne -> protocole.
    methods : suite de str
        Des clefs de `METHODS`.

    Returns
    -------
    DataFrame
        Moyenne ± écart type sur les graines, en pour cent.

    Raises
    ------
    KeyError
        Si la sparsité n'est pas dans le tableau.
    ValueError
        Si un protocole ou une méthode n'y est pas.
    """
    return DataFrame(
        {
            title: [_points(accuracies(table, method, regime)[asked]) for method in methods]
            for title, regime in regimes.items()
        },
        index=[METHODS[method].label for method in methods],
    )


def _points(runs: Series) -> str:
    return f"{number(100 * runs.mean(), 1)} ± {number(100 * runs.std(ddof=0), 1)}"


def cost_table(
    table: DataFrame, asked: float, regimes: Mapping[str, str], methods: Sequence[str]
) -> DataFrame:
    """Écrit de même les temps de processeur, en secondes : moyennes sur les graines."""
    prices = _prices(table, asked)
    return DataFrame(
        {
            title: [number(prices.loc[method, regime], 2) for method in methods]
            for title, regime in regimes.items()
        },
        index=[METHODS[method].label for method in methods],
    )


def pruning_epochs(table: DataFrame, asked: float, method: str) -> float:
    """Ce que coûte un élagage, compté en époques d'affinage du même réseau."""
    prices = _prices(table, asked)
    epoch = (prices.loc["magnitude", "200 epochs"] - prices.loc["magnitude", "none"]) / 200
    return float(prices.loc[method, "none"] / epoch)


def _prices(table: DataFrame, asked: float) -> DataFrame:
    """Secondes moyennes à une sparsité : une ligne par méthode, une colonne par protocole."""
    return table[table["asked"] == asked].pivot_table("seconds", "method", "regime")
