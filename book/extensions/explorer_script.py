"""Le script de l'explorateur, livré avec pruning_core, sur les seules pages qui s'en servent."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SCRIPT = "explorer.js"
# Que le premier va chercher à côté de lui, s'il en a besoin.
DATA = "lenet.js"
ELEMENT = "<pruning-explorer"


def add_script(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Ajoute le script à la page si elle contient l'élément de l'explorateur."""
    if ELEMENT in context.get("body", ""):
        app.add_js_file(SCRIPT, loading_method="defer")


def copy_script(app: Sphinx) -> None:
    """Copie les scripts du paquet installé, pour que la page et Jupyter aient les mêmes."""
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    for name in (SCRIPT, DATA):
        script = files("pruning_core.course.explorer").joinpath(name)
        text = script.read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_script)
    app.connect("builder-inited", copy_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
