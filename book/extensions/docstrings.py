"""La référence de pruning_core : ses docstrings, NumPy et en français, lues par napoleon."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from typography import NO_BREAK

# Titres que napoleon ne traduit pas, et la façon dont il doit lire leur section.
STYLES = {"Attributes": "params_style", "Yields": "returns_style"}
TITLES = {"Attributes": "Attributs", "Yields": "Produit"}

_SETTINGS = {
    "autodoc_typehints": "none",  # les types, et les formes, sont dans les docstrings
    "autodoc_member_order": "bysource",
    "add_module_names": False,
    "napoleon_google_docstring": False,
    "napoleon_use_param": False,
    "napoleon_use_rtype": False,
    "napoleon_custom_sections": list(STYLES.items()),
    "default_role": "py:obj",  # `nom` devient un lien si la référence le décrit
}
# « Tensor » ou « sparsity » ne sont pas dans cette référence : seuls nos noms doivent se résoudre.
_ELSEWHERE = (r"py:.*", r"(?!pruning_core\.).*")
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


def set_up_autodoc(app: Sphinx, config: Config) -> None:
    for name, value in _SETTINGS.items():
        setattr(config, name, value)
    config.nitpick_ignore_regex = [*config.nitpick_ignore_regex, _ELSEWHERE]


def setup(app: Sphinx) -> dict[str, Any]:
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.napoleon"):
        app.setup_extension(extension)
    app.connect("config-inited", set_up_autodoc, priority=100)
    app.connect("doctree-read", write_in_french)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
