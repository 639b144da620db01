"""Les pages allégées disent la même chose, de la même couleur."""

from __future__ import annotations

import html
import re
from io import StringIO
from types import SimpleNamespace

import lightness
import pytest
from pygments.lexers import PythonLexer
from pygments.styles import get_style_by_name
from sphinx.errors import ExtensionError
from sphinx.highlighting import PygmentsBridge

CODE = '@wraps(f)\ndef cut(w, s=0.5):\n    """Coupe."""\n    return w[abs(w) > s]  # reste\n'
STYLES = ("a11y-high-contrast-light", "a11y-high-contrast-dark")
_PIECE = re.compile(r'<span class="([^"]*)">([^<]*)</span>|([^<]+)')

PAGE = """\
<script data-cfasync="false">
    document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";
    document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
</script>
"""


@pytest.fixture
def formatter(monkeypatch: pytest.MonkeyPatch) -> lightness.LeanFormatter:
    """Ce que le site emploie, avec ses deux styles."""
    monkeypatch.setattr(PygmentsBridge, "html_formatter", PygmentsBridge.html_formatter)
    light, dark = STYLES
    options = {"pygments_light_style": light, "pygments_dark_style": dark}
    lightness.use_lean_code(None, SimpleNamespace(html_theme_options=options))
    return PygmentsBridge.html_formatter(nowrap=True)


def written(formatter: lightness.LeanFormatter) -> str:
    text = StringIO()
    formatter.format_unencoded(PythonLexer().get_tokens(CODE), text)
    return text.getvalue()


def test_lean_code_keeps_every_sign(formatter: lightness.LeanFormatter) -> None:
    """Un signe perdu ou ajouté avec les balises ôtées."""
    text = html.unescape(re.sub("<[^>]+>", "", written(formatter)))
    assert text == CODE


def test_lean_code_drops_only_colourless_tags(formatter: lightness.LeanFormatter) -> None:
    """Un nom encore balisé, ou un mot-clé, un nombre, un commentaire qui a perdu sa couleur."""
    pieces = {(name, text) for name, text, _ in _PIECE.findall(written(formatter)) if name}
    assert {("k", "def"), ("nf", "cut"), ("mf", "0.5"), ("o", "&gt;"), ("nb", "abs")} <= pieces
    assert {("nd", "@wraps"), ("c1", "# reste")} <= pieces
    assert not {name for name, _ in pieces} & {"n", "p", "w"}


@pytest.mark.parametrize("style", STYLES)
def test_every_sign_keeps_its_colour(formatter: lightness.LeanFormatter, style: str) -> None:
    """Un genre de signe qui a une couleur dans un des deux styles, et plus de balise."""
    rules = get_style_by_name(style)
    base = rules.style_for_token(lightness.Text)
    for kind, text in PythonLexer().get_tokens(CODE):
        alone = StringIO()
        formatter.format_unencoded([(kind, text)], alone)
        tagged = "<span" in alone.getvalue()
        assert tagged or not text.strip() or rules.style_for_token(kind) == base, kind


def test_theme_is_decided_before_the_page_shows() -> None:
    """Un thème encore « auto » au premier affichage, ou qui oublie le choix du lecteur."""
    page = lightness.decide_theme(PAGE)
    assert '|| "auto";\n    document.documentElement.dataset.theme = {light: "light"' in page
    assert 'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");' in page


def test_theme_script_hands_over_its_blocks() -> None:
    """Le thème qui mesure encore chaque bloc, ou un script inconnu pris pour le sien."""
    measured = "e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight"
    known = f"all.forEach(e=>{{e.tabIndex={measured}?0:-1}})"
    assert lightness.observe_scrollables(known) == "all.forEach(e=>tabStops.observe(e))"
    with pytest.raises(ExtensionError, match="script du thème changé"):
        lightness.observe_scrollables("all.forEach(e=>{})")
