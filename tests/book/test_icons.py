"""Les icônes du thème, réduites à celles du site."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from fonts import shrink
from fontTools.ttLib import TTFont
from icons import keep_used, signs_of

STYLE = (
    '.fa-lg{font-size:1.2em}.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}'
    '.fa-leaf:before{content:"\\f06c"}.note:before{content:"\\f05a"}'
    '@font-face{src:url(../w/fa-solid-900.woff2) format("woff2"),'
    'url(../w/fa-solid-900.ttf) format("truetype")}'
)


def test_unused_icons_go() -> None:
    """Seules les icônes employées restent."""
    assert keep_used(STYLE, {"fa-bars", "fa-lg"}) == (
        '.fa-lg{font-size:1.2em}.fa-bars:before{content:"\\f0c9"}.note:before{content:"\\f05a"}'
        '@font-face{src:url(../w/fa-solid-900.woff) format("woff")}'
    )


def test_signs_are_found_written_or_escaped() -> None:
    """Le signe d'un encadré est trouvé, écrit tel quel ou échappé."""
    assert signs_of(['a{content:"\\f0c9"}', 'b{--icon:"\uf05a"}', "é"]) == {0xF0C9, 0xF05A}


def test_font_keeps_its_date(tmp_path: Path) -> None:
    """Deux constructions donnent la même police, à la même date."""
    source = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    target = tmp_path / "petite.woff"
    shrink(source, target, {ord("A")})
    with TTFont(source) as before, TTFont(target) as after:
        assert after["head"].modified == before["head"].modified
        assert set(after.getBestCmap()) == {ord("A")}
