"""Onze idées reçues sur l'élagage, chacune face à ce que le cours a mesuré.

Les nombres viennent des tableaux "beliefs", "retraining" et "sparse_speed" : rien n'est écrit à
la main, sauf la parabole, qui se calcule de tête.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from pruning_core.course.experiments.tables import read_table
from pruning_core.course.formatting import number, percent
from pruning_core.course.protocols import accuracies, lead, pruning_epochs


class Belief(NamedTuple):
    """Une idée reçue, ce que l'on a mesuré, et la leçon qui le montre."""

    believed: str
    measured: str
    lesson: str


class Beliefs:
    """Les onze idées reçues ; dans un carnet, un tableau.

    Attributes
    ----------
    rows : list[Belief]
        Dans l'ordre des leçons.
    """

    def __init__(self) -> None:
        found = (*_one_shot_rows(), *_retraining_rows(), *_speed_rows())
        self.rows = [Belief(*one) for one in found]

    def _repr_html_(self) -> str:
        # Un tableau de pandas couperait ces phrases et les alignerait à droite.
        heads = ("on croit souvent que", "ici, nous avons mesuré", "vu en")
        head = "".join(f'<th scope="col">{one}</th>' for one in heads)
        body = "".join(
            f'<tr><th scope="row">{html.escape(believed)}</th><td>{html.escape(measured)}</td>'
            f"<td>{lesson}</td></tr>"
            for believed, measured, lesson in self.rows
        )
        parts = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<table class="phrases">{parts}</table>'

    def __repr__(self) -> str:
        return "\n".join(f"{one.believed} ({one.lesson}) : {one.measured}" for one in self.rows)


def _one_shot_rows() -> Iterator[tuple[str, str, str]]:
    runs = read_table("beliefs").groupby(["belief", "measure"])["value"]
    found = runs.mean()
    fair, stays, inverted, diagonal, fisher = (
        found[belief]
        for belief in (
            "global_is_fair",
            "mask_stays",
            "inverted",
            "diagonal_is_enough",
            "fisher_is_the_hessian",
        )
    )
    yield (
        "classer tous les poids ensemble est équitable",
        f"à 70 %, {percent(fair['original'])} d'exactitude ; la même fonction, deux couches "
        f"écrites à une autre échelle : {percent(fair['rescaled'])}",
        "8.1.1",
    )
    yield (
        "un masque appliqué reste",
        f"{percent(stays['before'], 0)} de zéros, puis, selon le réseau, de "
        f"{percent(runs.min()['mask_stays', 'after'], 0)} à "
        f"{percent(runs.max()['mask_stays', 'after'], 0)} après un seul pas d'Adam",
        "8.1.1",
    )
    behind = 100 * _gradient_behind()
    yield (
        "le gradient vaut mieux que la magnitude",
        f"à 90 %, {number(behind.mean(), 1)} points de moins que la magnitude en moyenne ; selon "
        f"le réseau, de {number(behind.max(), 1)} de moins à {number(-behind.min(), 1)} de plus : "
        "rien ne le montre meilleur",
        "8.1.2",
    )
    yield (
        "un poids de petit gradient est inutile",
        f"au fond d'une parabole, gradient {number(0)} ; retirer le poids coûte "
        f"{number(0.5 * 10 * 3**2)}",
        "8.1.2",
    )
    yield (
        "la saillance d'OBD est w² / 2H",
        f"à 70 %, {percent(inverted['inverted'])} ; avec ½ H w², {percent(inverted['obd'])}",
        "8.1.3, OBD",
    )
    yield (
        "la Fisher empirique est la hessienne",
        f"OBD à 90 % : {percent(fisher['empirical_fisher'])} avec elle, {percent(fisher['ggn'])} "
        f"avec la GGN ; sa somme n'est que {number(fisher['ratio'], 2)} fois celle de la GGN",
        "8.1.3, OBD",
    )
    yield (
        "la diagonale de la hessienne suffit",
        f"à 90 %, par les mêmes quinze pas : {percent(diagonal['obd'])} ; avec les termes croisés, "
        f"qui compensent, {percent(diagonal['obs'])}",
        "8.1.3, OBS",
    )


def _gradient_behind() -> pd.Series[float]:
    """Retard du gradient sur la magnitude, par réseau, en moyenne de huit ordres des exemples."""
    runs = read_table("beliefs").query("belief == 'gradient_wins'")
    found = runs.pivot(index="seed", columns="measure", values="value")
    return found["magnitude"] - found["gradient"]


def _retraining_rows() -> Iterator[tuple[str, str, str]]:
    table = read_table("retraining")
    epochs = pruning_epochs(table, 0.95, "obs")
    alone = accuracies(table, "obs", "none")[0.95].mean()
    patient = accuracies(table, "magnitude", "70 epochs")[0.95].mean()
    gap = 100 * lead(table, "obs", "magnitude", "200 epochs")[0.95].mean()
    yield (
        "le second ordre coûte trop cher",
        f"à 95 %, OBS coûte {number(epochs)} époques d'affinage, et laisse {percent(alone)} "
        f"d'exactitude sans affinage ; 70 époques après la magnitude, {percent(patient)}",
        "8.1.4",
    )
    yield (
        "l'affinage efface toute différence",
        f"à 95 %, élagué d'un coup puis affiné deux cents époques, OBS garde {number(gap, 1)} "
        "points d'avance sur la magnitude",
        "8.1.4",
    )


def _speed_rows() -> Iterator[tuple[str, str, str]]:
    ratios = read_table("sparse_speed").groupby(["asked", "batch"])["ratio"].median()
    for asked, belief in (
        (0.5, "50 % de zéros, c'est deux fois plus vite"),
        (0.9, "90 % de zéros, c'est dix fois plus vite"),
    ):
        yield (
            belief,
            f"en CSR, la vitesse est multipliée par {number(ratios[asked, 1], 1)} pour un vecteur, "
            f"par {number(ratios[asked, 64], 1)} pour un lot de 64",
            "8.1.4",
        )
