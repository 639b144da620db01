"""Le code coloré, sans balise autour de ce qui n'a pas de couleur à soi.

Sur une leçon, l'attente vient du style et de la mise en page de milliers de nœuds, plus que des
scripts ; le code coloré en était les deux tiers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import ClassVar, TextIO

from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import Text, _TokenType
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.highlighting import PygmentsBridge


class LeanFormatter(HtmlFormatter[str]):
    """La coloration de Pygments, allégée pour un ou plusieurs styles."""

    styles: ClassVar[tuple[str, ...]] = ()

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

    LeanFormatter.styles = (options["pygments_light_style"], options["pygments_dark_style"])
    PygmentsBridge.html_formatter = LeanFormatter


def setup(app: Sphinx) -> None:
    app.connect("config-inited", use_lean_code)
