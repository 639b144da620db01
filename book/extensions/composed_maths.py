"""Les formules, composées à la construction du site par MathJax.

La page reçoit le HTML fini de chaque formule : ni script ni attente, et les formules sont là sans
JavaScript. MathJax tourne dans le Node.js qu'apporte Playwright, le temps de la construction.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from fonts import shrink
from playwright._impl._driver import compute_driver_executable
from sphinx.application import Sphinx
from sphinx.ext.mathjax import html_visit_displaymath, html_visit_math
from sphinx.util.logging import getLogger

STYLE, FONTS = "maths.css", "maths"
_SCRIPT = Path(__file__).with_name("compose_maths.js")
# Ce que Sphinx écrit pour MathJax : \(...\) dans une phrase, \[...\] à part.
_FORMULA = re.compile(r"\\\((.*)\\\)|\\\[(.*)\\\]", re.DOTALL)
_CONTENT = re.compile(r'content: "((?:[^"\\]|\\.)+)"')
_LOGGER = getLogger(__name__)

Visitor = Callable[[Any, nodes.Element], None]


def mathjax_folder() -> Path:
    """Dossier de MathJax, livré par un paquet dont le nom n'est pas un identifiant."""
    return Path(str(import_module("sphinx-mathjax-offline").__file__)).parent / "static" / "mathjax"


class Composer:
    """MathJax dans un processus, lancé à la première formule."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def compose(self, latex: str, *, display: bool) -> str:
        """Rend le HTML d'une formule ; avertit si MathJax n'y comprend rien."""
        composed = self._ask({"latex": latex, "display": display})
        if "data-mjx-error" in composed:
            _LOGGER.warning("formule incomprise : reçu %s ; attendu du LaTeX de MathJax", latex)
        return composed

    def finish(self) -> str | None:
        """Rend la feuille de style des formules composées, s'il y en a, et s'arrête."""
        if self._process is None:
            return None
        style = self._ask({})
        self._process.communicate()
        self._process = None
        return style

    def _ask(self, request: dict[str, Any]) -> str:
        if self._process is None:
            node, _ = compute_driver_executable()
            command = [node, str(_SCRIPT), str(mathjax_folder()), FONTS]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"MathJax s'est arrêté sur {request} (son message est ci-dessus)")
        return str(json.loads(answer))


def composed(visit: Visitor, composer: Composer) -> Visitor:
    """Enveloppe un visiteur de Sphinx : ce qu'il écrit pour MathJax est composé."""

    def visitor(translator: Any, node: nodes.Element) -> None:
        start = len(translator.body)
        try:
            visit(translator, node)
        except nodes.SkipNode:
            written = "".join(translator.body[start:])
            translator.body[start:] = [_compose_in(written, node, composer)]
            raise

    return visitor


def _compose_in(written: str, node: nodes.Element, composer: Composer) -> str:
    if node.get("nowrap"):  # un environnement complet, sans délimiteurs
        opening, end = written.index(">") + 1, written.rindex("</div>")
        latex = html.unescape(written[opening:end])
        return written[:opening] + composer.compose(latex, display=True) + written[end:]

    def replace(match: re.Match[str]) -> str:
        inline, display = match.groups()
        latex = inline if display is None else display
        return composer.compose(html.unescape(latex), display=display is not None)

    return _FORMULA.sub(replace, written, count=1)


def write_style(app: Sphinx, composer: Composer) -> None:
    """Écrit la feuille de style et les polices, réduites aux signes employés."""
    style = composer.finish()
    if style is None:
        return
    static = Path(app.outdir) / "_static"
    (static / STYLE).write_text(style, encoding="utf-8", newline="\n")
    signs = {ord(sign) for text in _CONTENT.findall(style) for sign in _unescape(text)}
    (static / FONTS).mkdir(exist_ok=True)
    source = mathjax_folder() / "output" / "chtml" / "fonts" / "woff-v2"
    for font in source.glob("*.woff"):
        shrink(font, static / FONTS / font.name, signs)


def _unescape(text: str) -> str:
    """Texte d'une propriété « content » : les échappements hexadécimaux y deviennent des signes."""
    text = re.sub(r"\\([0-9a-fA-F]{1,6}) ?", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)


def setup(app: Sphinx) -> dict[str, Any]:
    composer = Composer()
    app.add_html_math_renderer(
        "composed",
        (composed(html_visit_math, composer), None),
        (composed(html_visit_displaymath, composer), None),
    )
    app.connect("build-finished", lambda app, exception: write_style(app, composer))
    # Un seul processus MathJax, et une feuille de style qui connaît toutes les formules.
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
