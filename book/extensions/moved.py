"""L'ancienne adresse d'une page : elle mène où est maintenant ce qu'elle nommait.

Chaque repère des nouvelles pages est dans l'ancienne, à côté du lien de la sienne. Le script y va
seul ; sans lui, on choisit dans une courte liste, où le repère est souligné.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# L'ancienne page -> les nouvelles, la première d'abord : elle reçoit qui ne demande rien de plus.
MOVED = {
    "notebooks/8_1_3_second_ordre": (
        "notebooks/8_1_3_obd",
        "notebooks/8_1_3_obs",
        "notebooks/annexes/resultats_classiques",
        "notebooks/annexes/inverse_a_jour",
    ),
}


def former_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Pour chaque ancienne adresse : la page, ce qu'elle montre, et son gabarit."""
    for former, pages in MOVED.items():
        seen: set[str] = set()
        places = []
        for page in pages:
            found = app.env.get_doctree(page).findall(nodes.Element)
            names = dict.fromkeys(name for node in found for name in node.get("ids", ()))
            title = app.env.titles[page].astext()
            places.append(
                {"page": page, "title": title, "names": [one for one in names if one not in seen]}
            )
            seen |= names.keys()
        yield former, {"places": places}, "moved.html"


def setup(app: Sphinx) -> None:
    app.connect("html-collect-pages", former_pages)
