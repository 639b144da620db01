"""L'explorateur de mots sur une page : l'élément, et de quoi lire sans JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from pruning_core.course.explorer.page import HOW_TO_MOVE, static_style
from pruning_core.course.formatting import number
from pruning_core.methods import METHODS

TAG = "pruning-words"


class Sample(NamedTuple):
    """Ce qu'un réseau élagué écrit : ses bits par lettre, et quelques mots."""

    bits: float
    words: Sequence[str]


def words_html(
    state: str,
    percents: Sequence[int],
    samples: Mapping[str, Sequence[Sample]],
    heights: tuple[int, int],
) -> str:
    """Écrit l'explorateur de mots en HTML autonome.

    Parameters
    ----------
    state : str
        JSON de `packing.to_json` : le nom du fichier de données, et les réglages.
    percents : suite de int
        Sparsités du tableau fixe, en pour cent.
    samples : dict[str, suite de Sample]
        Pour chaque clé de `METHODS`, ce qu'elle écrit à chacune de ces sparsités.
    heights : tuple[int, int]
        Place à réserver, en pixels, sur un écran large et sur un téléphone.

    Returns
    -------
    str
        Élément `<pruning-words>` ; la page inclut `words_explorer.js` une fois.
    """
    wide, narrow = heights
    return (
        f'<{TAG} style="--wide:{wide}px;--narrow:{narrow}px"><style>{static_style(TAG)}</style>'
        f'<div class="pruning-static">{_table(percents, samples)}'
        f"{HOW_TO_MOVE}</div>"
        f'<script type="application/json">{state}</script></{TAG}>'
    )


def _table(percents: Sequence[int], samples: Mapping[str, Sequence[Sample]]) -> str:
    head = "".join(f'<th scope="col">{escape(METHODS[key].label)}</th>' for key in samples)
    rows = "".join(
        f'<tr><th scope="row">{percent}\u00a0%</th>'
        + "".join(f"<td>{_cell(column[rank])}</td>" for column in samples.values())
        + "</tr>"
        for rank, percent in enumerate(percents)
    )
    return (
        "<table><caption>Ce qu'invente le modèle élagué, selon la sparsité et la méthode, et ses "
        "bits par lettre sur des mots jamais vus (moins, c'est mieux).</caption>"
        f'<thead><tr><th scope="col">Sparsité</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _cell(sample: Sample) -> str:
    words = ", ".join(word or "(rien)" for word in sample.words)
    return f"<b>{number(sample.bits, 2)}</b>\u00a0: {escape(words)}"
