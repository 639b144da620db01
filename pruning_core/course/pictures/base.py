"""Ce que toute image que l'on bouge a en commun : un widget, deux portes, comme l'explorateur."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import traitlets

from pruning_core.course.explorer.lasting import LastingWidget
from pruning_core.course.explorer.packing import to_json
from pruning_core.course.explorer.page import how_to_move, static_style
from pruning_core.methods import METHODS

TAG = "moving-picture"
PAGE = "pictures.js"
JUPYTER = "pictures.mjs"
BUILT = files("pruning_core.course.pictures") / "built"

_INSIDE = (  # le repli n'est pas dans une figure : son tableau se lit comme un texte
    f"{TAG} svg text{{fill:currentColor}}{TAG} caption{{caption-side:top;text-align:start}}"
)


class Picture(LastingWidget):
    """Une image que l'on bouge : ses données, et de quoi la lire sans JavaScript.

    Une image hérite d'elle, nomme sa sorte (`kind`, que lit `js/kinds.js`), réserve sa place
    (`heights`, en pixels, sur un écran large et sur un téléphone), écrit son repli (`static_html`)
    et se dit en une ligne (`__repr__`, sans adresse en mémoire : nbval compare ce texte).

    Parameters
    ----------
    data : dict
        Ce que la page doit savoir, en valeurs que JSON sait écrire.
    """

    _esm = (BUILT / JUPYTER).read_text(encoding="utf-8")
    _data = traitlets.Unicode().tag(sync=True)
    kind: str
    heights: tuple[int, int]

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(_data=to_json({"kind": self.kind, **data}))

    def static_html(self) -> str:
        """L'image fixe, et ses nombres en tableau : ce qui s'imprime."""
        raise NotImplementedError

    def _html(self) -> str:
        wide, narrow = self.heights
        return (
            f'<{TAG} style="--wide:{wide}px;--narrow:{narrow}px">'
            f"<style>{static_style(TAG)}{_INSIDE}</style>"
            f'<div class="pruning-static">{self.static_html()}{how_to_move("cette image")}</div>'
            f'<script type="application/json">{self._data}</script></{TAG}>'
        )


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Un tableau : la première cellule de chaque ligne la nomme.

    Parameters
    ----------
    caption : str
        Ce que disent ses nombres, en une phrase.
    head : suite de str
        Noms des colonnes, la première comprise.
    rows : suite de suites de str
        Textes déjà écrits à la française.
    """
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    return (
        f"<table><caption>{caption}</caption><thead><tr>{columns}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )


def drawing(width: int, height: int, label: str, *content: str) -> str:
    """Une image vectorielle fixe, de la couleur du texte.

    Parameters
    ----------
    width, height : int
        Dimensions, en pixels.
    label : str
        Ce qu'elle montre, pour qui ne la voit pas.
    content : str
        Ses éléments, déjà écrits.
    """
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" font-size="12" '
        f'fill="currentColor" aria-label="{label}">{"".join(content)}</svg>'
    )


def bars(label: str, rows: Sequence[tuple[str, float, str]], colours: Sequence[str] = ()) -> str:
    """Des barres fixes : un nom, une part de la longueur, ce que l'on en lit.

    Parameters
    ----------
    label : str
        Ce qu'elles montrent, pour qui ne les voit pas.
    rows : suite de (str, float, str)
        Part dans [0, 1].
    colours : suite de str
        Une par barre ; par défaut, le bleu du cours.
    """
    width, line = 340, 34
    parts = [
        f'<text x="0" y="{line * rank + 14}">{name}</text>'
        f'<text x="{width}" y="{line * rank + 14}" text-anchor="end">{text}</text>'
        f'<rect y="{line * rank + 19}" width="{width}" height="9" opacity=".12"/>'
        f'<rect y="{line * rank + 19}" width="{width * share:.1f}" height="9" '
        f'fill="{colours[rank] if colours else METHODS["magnitude"].colour}"/>'
        for rank, (name, share, text) in enumerate(rows)
    ]
    return drawing(width, line * len(rows), label, *parts)
