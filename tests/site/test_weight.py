"""Ce qui n'est chargé qu'à la demande, et les icônes que l'on a gardées."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser

from tests.site.budget import transferred
from tests.site.visits import LESSONS, PAGES, PHONE, SITE, opened

DATA_LIMIT = 900_000
WITH_BIG_DATA = [
    (name, source)
    for name in LESSONS
    for source in ("lenet", "words")
    if f'"source":"{source}"' in (SITE / name).read_text(encoding="utf-8")
]
THEME = SITE / "_static/styles/pydata-sphinx-theme.css"
FAMILIES = {
    "fa-solid": "fa-solid-900",
    "fa-regular": "fa-regular-400",
    "fa-brands": "fa-brands-400",
}
SHORT = {"fas": "fa-solid", "far": "fa-regular", "fab": "fa-brands"}
ADJUSTMENTS = {"fa-lg", "fa-fw", "fa-sm", "fa-xs", "fa-2x"}


@pytest.mark.parametrize(("page_name", "source"), WITH_BIG_DATA)
def test_big_data_come_on_demand(
    browser: Browser, address: str, page_name: str, source: str
) -> None:
    """Les données de LeNet, ou des mots, ne se chargent que si l'on descend jusqu'à eux."""
    with opened(browser, address, page_name, PHONE) as (page, visit):
        assert not any(url.endswith(f"{source}.js") for url in visit.requests)
        explorers = page.locator("pruning-explorer, pruning-words")
        sources = explorers.evaluate_all(
            '(all, source) => all.map((one) => one.textContent.includes(`"${source}"`))', source
        )
        big = explorers.nth(sources.index(True))
        big.scroll_into_view_if_needed()
        big.locator("input[type=range]").first.wait_for(timeout=20_000)
    asked = [url for url in visit.requests if url.endswith(f"/{source}.js")]
    assert len(asked) == 1
    assert transferred(SITE, asked[0]) < DATA_LIMIT
    assert visit.errors == []


@cache
def glyphs(family: str) -> set[int]:
    return set(
        TTFont(THEME.parent / Path(f"../vendor/fontawesome/webfonts/{family}.woff")).getBestCmap()
    )


@pytest.mark.parametrize("page_name", PAGES)
def test_every_icon_has_its_glyph(page_name: str) -> None:
    """Chaque icône employée est dans la police et dans la feuille de style."""
    rules = re.findall(
        r'\.(fa-[a-z0-9-]+):before[^{}]*\{content:"\\([0-9a-f]+)"', THEME.read_text("utf-8")
    )
    codes = {name: int(code, 16) for name, code in rules}
    page = (SITE / page_name).read_text(encoding="utf-8")
    for classes in {tuple(c.split()) for c in re.findall(r'class="([^"]*\bfa-[^"]*)"', page)}:
        families = {SHORT.get(name, name) for name in classes} & set(FAMILIES)
        icons = {name for name in classes if name.startswith("fa-")} - set(FAMILIES) - ADJUSTMENTS
        assert len(families) == 1, classes
        assert icons, classes
        for icon in icons:
            assert codes[icon] in glyphs(FAMILIES[families.copy().pop()]), icon


def test_theme_keeps_its_own_icons() -> None:
    """Les icônes des encadrés du thème, qui sont des signes, restent."""
    signs = {
        ord(sign) for sign in re.findall(r'--pst-icon-[a-z-]+:"(.)"', THEME.read_text("utf-8"))
    }
    assert len(signs) > 10
    brands = glyphs(FAMILIES["fa-brands"])
    assert signs - brands <= glyphs(FAMILIES["fa-solid"])
