"""La référence de pruning_core : ce que napoleon laisse en anglais dans ses docstrings."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from typography import NO_BREAK

TITLES = {"Attributes": "Attributs", "Yields": "Produit"}
_DASH = re.compile(r"^(|[^-]*\)) --(?= |$)")


def write_in_french(app: Sphinx, doctree: nodes.document) -> None:
    """Traduit les titres de section, et met un deux-points au lieu de deux tirets."""
    for name in doctree.findall(nodes.field_name):
        if title := TITLES.get(name.astext()):
            name.children = [nodes.Text(title)]
    for body in doctree.findall(nodes.field_body):
        for text in list(body.findall(nodes.Text)):
            if _DASH.match(text):
                text.parent.replace(text, nodes.Text(_DASH.sub(f"\\1{NO_BREAK}:", text, count=1)))


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", write_in_french)
