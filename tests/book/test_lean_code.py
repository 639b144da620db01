"""Le code allégé dit la même chose, de la même couleur."""

from __future__ import annotations

import html
import re
from io import StringIO
from types import SimpleNamespace

import lean_code
import pytest
from pygments.lexers import PythonLexer
from pygments.styles import get_style_by_name
from sphinx.highlighting import PygmentsBridge

CODE = '@wraps(f)\ndef cut(w, s=0.5):\n    """Coupe."""\n    return w[abs(w) > s]  # reste\n'
STYLES = ("a11y-high-contrast-light", "a11y-high-contrast-dark")
_PIECE = re.compile(r'<span class="([^"]*)">([^<]*)</span>|([^<]+)')


@pytest.fixture
def formatter(monkeypatch: pytest.MonkeyPatch) -> lean_code.LeanFormatter:
    """Ce que le site emploie, avec ses deux styles."""
    monkeypatch.setattr(PygmentsBridge, "html_formatter", PygmentsBridge.html_formatter)
    light, dark = STYLES
    options = {"pygments_light_style": light, "pygments_dark_style": dark}
    lean_code.use_lean_code(None, SimpleNamespace(html_theme_options=options))
    return PygmentsBridge.html_formatter(nowrap=True)


def written(formatter: lean_code.LeanFormatter) -> str:
    text = StringIO()
    formatter.format_unencoded(PythonLexer().get_tokens(CODE), text)
    return text.getvalue()


def test_lean_code_keeps_every_sign(formatter: lean_code.LeanFormatter) -> None:
    """Sans ses balises, le code garde chacun de ses signes."""
    text = html.unescape(re.sub("<[^>]+>", "", written(formatter)))
    assert text == CODE


def test_lean_code_drops_only_colourless_tags(formatter: lean_code.LeanFormatter) -> None:
    """Mots-clés, nombres et commentaires sont balisés ; noms, ponctuation et espaces, non."""
    pieces = {(name, text) for name, text, _ in _PIECE.findall(written(formatter)) if name}
    assert {("k", "def"), ("nf", "cut"), ("mf", "0.5"), ("o", "&gt;"), ("nb", "abs")} <= pieces
    assert {("nd", "@wraps"), ("c1", "# reste")} <= pieces
    assert not {name for name, _ in pieces} & {"n", "p", "w"}


@pytest.mark.parametrize("style", STYLES)
def test_every_sign_keeps_its_colour(formatter: lean_code.LeanFormatter, style: str) -> None:
    """Un signe sans balise a, dans les deux styles, la couleur du texte."""
    rules = get_style_by_name(style)
    base = rules.style_for_token(lean_code.Text)
    for kind, text in PythonLexer().get_tokens(CODE):
        alone = StringIO()
        formatter.format_unencoded([(kind, text)], alone)
        tagged = "<span" in alone.getvalue()
        assert tagged or not text.strip() or rules.style_for_token(kind) == base, kind
