"""L'accueil s'ouvre sur un explorateur : le premier de la première leçon, réduit à l'essentiel.

Ses données sont celles de la leçon ; la page n'a rien de plus à calculer, ni à tenir à jour.
"""

from __future__ import annotations

import json
import re
from typing import Any

from docutils import nodes
from embedding import elements
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from pruning_core.course.explorer.packing import to_json

_PLACE = "<!-- explorateur -->"
_TAG, _BIG = "<pruning-explorer ", '"source":'  # les données d'un grand réseau sont dans un fichier
_DATA = re.compile(r'(?<=<script type="application/json">).*?(?=</script>)', re.DOTALL)
_ROOM = re.compile(r'(?<=<pruning-explorer style=")[^"]*')
# Comme dans la leçon : son tableau fixe s'y compose, et y défile.
_OUTPUT = '<div class="cell_output ouverture"><div class="output text_html">{}</div></div>'
# La moitié : assez pour surprendre, pas assez pour que le réseau se trompe.
_SPARSITY = 0.5
# La place de l'essentiel, sur un écran large et sur un téléphone.
_HEIGHTS = "--wide:448px;--narrow:636px"


def brief(element: str) -> str:
    """L'explorateur d'une leçon, réduit à l'essentiel, réglé pour l'accueil."""
    data = json.loads(_DATA.search(element)[0])  # type: ignore[index]
    data["state"]["sparsity"] = _SPARSITY
    data["brief"] = True
    return _DATA.sub(lambda _: to_json(data), _ROOM.sub(_HEIGHTS, element))


def _first(app: Sphinx) -> str | None:
    """Le premier explorateur qui porte ses données, dans l'ordre du sommaire."""
    found = (one for page in app.env.collect_relations() for one in elements(app, page))
    return next((one for one in found if one.startswith(_TAG) and _BIG not in one), None)


def open_with_explorer(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Pose l'explorateur à la place que dit la page."""
    if _PLACE not in context.get("body", ""):
        return
    element = _first(app)
    if element is None:
        raise ExtensionError(f"{page} : aucune leçon n'a d'explorateur à montrer")
    shown = _OUTPUT.format(brief(element))
    context["body"] = context["body"].replace(_PLACE, shown)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", open_with_explorer, priority=400)  # avant la dernière main
