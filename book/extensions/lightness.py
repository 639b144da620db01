"""Des pages qui s'ouvrent vite sur un téléphone : moins de nœuds, rien de calculé deux fois.

Sur une leçon, l'attente vient du style et de la mise en page de milliers de nœuds, plus que des
scripts. Le code coloré en était les deux tiers ; le thème faisait calculer le style de la page deux
fois, et sa mise en page une fois par bloc de code.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import Text, _TokenType
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.highlighting import PygmentsBridge

SCRIPT = "opening.js"
# Le script du thème, en fin de page, en décide : le style de toute la page est à refaire.
_UNDECIDED = 'dataset.theme = localStorage.getItem("theme") || "auto"'
_DECIDED = (
    'dataset.theme = {light: "light", dark: "dark"}[document.documentElement.dataset.mode] || '
    '(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")'
)
_MEASURED_AT_ONCE = (
    "e=>{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1}"
)


class LeanFormatter(HtmlFormatter[str]):
    """La coloration du code, sans balise autour de ce qui n'a pas de couleur à soi."""

    styles: tuple[str, ...] = ()

    def format_unencoded(
        self, tokensource: Iterable[tuple[_TokenType, str]], outfile: TextIO
    ) -> None:
        lean = ((Text if self._is_plain(kind) else kind, text) for kind, text in tokensource)
        super().format_unencoded(lean, outfile)

    @classmethod
    @cache
    def _is_plain(cls, kind: _TokenType) -> bool:
        """Vrai si ce genre de signe s'écrit comme du texte, en clair comme en sombre."""
        return all(
            style.style_for_token(kind) == style.style_for_token(Text)
            for style in map(get_style_by_name, cls.styles)
        )


def use_lean_code(app: Sphinx, config: Config) -> None:
    """Donne au code la coloration allégée, pour les deux styles du site."""
    options = config.html_theme_options

    class SiteFormatter(LeanFormatter):
        styles = (options["pygments_light_style"], options["pygments_dark_style"])

    PygmentsBridge.html_formatter = SiteFormatter


def decide_theme(page: str) -> str:
    """Fait choisir clair ou sombre avant le premier affichage."""
    return page.replace(_UNDECIDED, _DECIDED)


def observe_scrollables(script: str) -> str:
    """Confie à un observateur les blocs que le thème mesurait un par un, page non affichée.

    Raises
    ------
    ExtensionError
        Si le script du thème n'est plus celui que l'on connaît.
    """
    if script.count(_MEASURED_AT_ONCE) != 1:
        raise ExtensionError("script du thème changé : mesure des blocs attendue, non trouvée")
    return script.replace(_MEASURED_AT_ONCE, "e=>tabStops.observe(e)")


def copy_script(app: Sphinx) -> None:
    """Copie le script de ce qui est remis à plus tard."""
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    text = Path(__file__).with_name(SCRIPT).read_text(encoding="utf-8")
    (folder / SCRIPT).write_text(text, encoding="utf-8", newline="\n")


def hasten(app: Sphinx, exception: Exception | None) -> None:
    """Retouche les pages écrites et le script du thème."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    for path in folder.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        path.write_text(decide_theme(page), encoding="utf-8", newline="\n")
    theme = folder / "_static/scripts/pydata-sphinx-theme.js"
    script = observe_scrollables(theme.read_text(encoding="utf-8"))
    theme.write_text(script, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", use_lean_code)
    app.add_js_file(SCRIPT)
    app.connect("builder-inited", copy_script)
    app.connect("build-finished", hasten, priority=910)  # avant la politique de sécurité
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
