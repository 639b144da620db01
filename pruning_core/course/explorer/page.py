"""L'explorateur sur une page : l'élément et ses données, et de quoi lire sans JavaScript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from pruning_core.course.explorer.lasting import hidden_by_its_view
from pruning_core.course.formatting import number, percent
from pruning_core.methods import METHODS

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 300, 44, 170, 12, 34
_DASHES = {"-": "", "--": ' stroke-dasharray="7 4"', ":": ' stroke-dasharray="2 4"'}

# Avec JavaScript, la place de l'explorateur est réservée et le repli caché : rien ne saute au
# démarrage. Si le script n'est pas là au bout de quatre secondes, le repli se montre.
_STYLE = """\
TAG{display:block;margin:1.5rem 0}
.output:has(>TAG){overflow:visible!important}
TAG svg{max-width:100%;height:auto}
@media (scripting:enabled){
TAG{min-height:var(--wide)}
TAG>.pruning-static{height:0;overflow:hidden;animation:pruning-static 0s 4s forwards}
TAG:defined>.pruning-static{display:none}
@keyframes pruning-static{to{height:auto}}
@media (max-width:720px){TAG{min-height:var(--narrow)}}
}
@media (scripting:enabled){
TAG:not(:defined){animation:pruning-room 0s 4s forwards}
@keyframes pruning-room{to{min-height:0}}
}
"""


def how_to_move(what: str) -> str:
    """La phrase du repli : comment bouger soi-même ce qu'il montre, fixe.

    Parameters
    ----------
    what : str
        Ce que l'on bouge, avec son article.
    """
    return (
        f"<p>Pour bouger {what} vous-même : sur le site, activez JavaScript dans un navigateur "
        "récent ; dans Jupyter, exécutez la cellule.</p>"
    )


HOW_TO_MOVE = how_to_move("la sparsité")


def static_style(tag: str) -> str:
    """La feuille de style d'un explorateur et de son repli, que cache une vue vivante de Jupyter.

    Parameters
    ----------
    tag : str
        Nom de l'élément.
    """
    return _STYLE.replace("TAG", tag) + hidden_by_its_view(tag)


def explorer_html(
    data: str,
    sparsities: Sequence[float],
    accuracies: Mapping[str, Sequence[float | None]],
    description: str,
    heights: tuple[int, int],
) -> str:
    """Écrit l'explorateur en HTML autonome.

    Parameters
    ----------
    data : str
        JSON de `packing.to_json`.
    sparsities : suite de float
        Sparsités du tableau et de la figure fixes, croissantes.
    accuracies : dict[str, suite de float]
        Pour chaque clé de `METHODS`, l'exactitude à chacune de ces sparsités ; None là où la
        méthode n'a pas de réseau (un tiret dans le tableau, un trou dans la courbe).
    description : str
        Le réseau et les images, en une ligne.
    heights : tuple[int, int]
        Place à réserver, en pixels, sur un écran large et sur un téléphone.

    Returns
    -------
    str
        Élément `<pruning-explorer>` ; la page inclut `explorer.js` une fois.
    """
    wide, narrow = heights
    return (
        f'<pruning-explorer style="--wide:{wide}px;--narrow:{narrow}px">'
        f"<style>{static_style('pruning-explorer')}</style>"
        '<div class="pruning-static">'
        f"{_curves(sparsities, accuracies)}{_table(sparsities, accuracies, description)}"
        f"{HOW_TO_MOVE}</div>"
        f'<script type="application/json">{data}</script></pruning-explorer>'
    )


def _table(
    sparsities: Sequence[float],
    accuracies: Mapping[str, Sequence[float | None]],
    description: str,
) -> str:
    head = "".join(f'<th scope="col">{percent(s, 0)}</th>' for s in sparsities)
    rows = "".join(
        f'<tr><th scope="row">{escape(METHODS[key].label)}</th>'
        + "".join(f"<td>{'–' if value is None else percent(value)}</td>" for value in values)
        + "</tr>"
        for key, values in accuracies.items()
    )
    return (
        f"<table><caption>Exactitude sur les images de test selon la sparsité ({description})."
        f'</caption><thead><tr><th scope="col">Méthode</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _curves(sparsities: Sequence[float], accuracies: Mapping[str, Sequence[float | None]]) -> str:
    last = sparsities[-1]

    def x(s: float) -> float:
        return _LEFT + s / last * (_WIDTH - _LEFT - _RIGHT)

    def y(a: float) -> float:
        return _TOP + (1 - a) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<path d="M{_LEFT} {y(a):.0f}H{_WIDTH - _RIGHT}" stroke="currentColor" opacity=".2"/>'
        f'<text x="{_LEFT - 6}" y="{y(a) + 4:.0f}" text-anchor="end">{number(100 * a)}</text>'
        for a in (0, 0.25, 0.5, 0.75, 1)
    ]
    parts += [
        f'<text x="{x(s):.0f}" y="{_HEIGHT - 10}" text-anchor="middle">{percent(s, 0)}</text>'
        for s in sparsities
        if s == last or x(last) - x(s) > 32
    ]
    # Les étiquettes, au bout de chaque courbe, s'écartent d'au moins une ligne.
    lowest = float(_HEIGHT - _BOTTOM)
    ends = {key: [a for a in values if a is not None][-1] for key, values in accuracies.items()}
    for key in sorted(ends, key=ends.__getitem__):
        label, colour, dash, _ = METHODS[key]
        for run in _runs(sparsities, accuracies[key]):
            line = " ".join(f"{x(s):.0f},{y(a):.0f}" for s, a in run)
            parts.append(
                f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"'
                f"{_DASHES[dash]}/>"
            )
        lowest = min(y(ends[key]) + 4, lowest - 15)
        parts.append(
            f'<text x="{x(last) + 8:.0f}" y="{lowest:.0f}" fill="{colour}">{escape(label)}</text>'
        )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" font-size="12" '
        'fill="currentColor" aria-label="Exactitude de chaque méthode selon la sparsité ; '
        f'les valeurs sont dans le tableau.">{"".join(parts)}</svg>'
    )


def _runs(
    sparsities: Sequence[float], values: Sequence[float | None]
) -> Iterator[list[tuple[float, float]]]:
    """Les points d'une courbe, interrompue là où une valeur manque."""
    pairs = zip(sparsities, values, strict=True)
    for _, group in groupby(pairs, key=lambda pair: pair[1] is None):
        run = [(s, a) for s, a in group if a is not None]
        if len(run) > 1:
            yield run
