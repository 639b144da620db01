"""Ce que le site promet dans Chromium, Firefox et WebKit : chaque page, à trois largeurs.

Dans Chromium, ``test_pages`` et ``test_layout`` ouvrent déjà chaque page par les deux portes : il
n'y reste à voir que les explorateurs, démarrés. Dans les deux autres, chaque page est servie, et
une de chaque sorte, avec chaque leçon, ouverte du disque : ce qui tient à la porte est dans les
gabarits et les scripts, les mêmes dans toutes les pages d'une sorte.
"""

from __future__ import annotations

import re

import pytest
from builder.browser import CHROMIUM

from tests.browsers import NAMES
from tests.engines.tab import Tab
from tests.site.test_access import violations
from tests.site.visits import KINDS, LESSONS, PAGES, SITE

WIDTHS = (1280, 390, 320)
MOVES = re.compile("<(?:pruning-explorer|pruning-words|moving-picture) ")
MOVING = [name for name in PAGES if MOVES.search((SITE / name).read_text(encoding="utf-8"))]
EXPLORERS = "[...document.querySelectorAll('pruning-explorer, pruning-words, moving-picture')]"
# Un explorateur démarre quand on s'en approche.
START = f"""async () => {{
  const all = {EXPLORERS};
  for (const one of all) {{
    one.scrollIntoView({{ block: "center", behavior: "instant" }});
    for (let turn = 0; turn < 200 && !one.shadowRoot?.querySelector("[type=range]"); turn += 1)
      await new Promise((go) => setTimeout(go, 50));
  }}
  return all.filter((one) => !one.shadowRoot?.querySelector("[type=range]")).length;
}}"""
WIDTH = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => " + (
    "go(document.documentElement.scrollWidth))))"
)


def visits() -> list[tuple[str, str, str]]:
    """Moteur, porte et page de chaque visite."""
    elsewhere = {"http": PAGES, "file": sorted({*KINDS, *LESSONS})}
    return [
        (engine, door, name)
        for engine in NAMES
        for door, names in elsewhere.items()
        for name in (MOVING if engine == CHROMIUM.playwright_name else names)
    ]


@pytest.mark.parametrize(("tab", "door", "page_name"), visits(), indirect=["tab"])
def test_page_is_at_ease(tab: Tab, doors: dict[str, str], door: str, page_name: str) -> None:
    """Une page s'ouvre sans erreur, ne demande rien ailleurs, et ne déborde à aucune largeur."""
    tab.resize(WIDTHS[0], 800)
    tab.open(f"{doors[door]}/{page_name}")
    asleep = tab.run(START)
    widths = {}
    for width in WIDTHS:
        tab.resize(width, 800)
        widths[width] = tab.run(WIDTH)
    assert asleep == 0
    assert {width: found for width, found in widths.items() if found > width} == {}
    assert tab.faults() == []
    assert tab.outside() == []


@pytest.mark.parametrize("tab", ["firefox"], indirect=True)
@pytest.mark.parametrize("page_name", KINDS)
def test_axe_finds_nothing_in_firefox(tab: Tab, doors: dict[str, str], page_name: str) -> None:
    """Axe ne reproche rien, dans Firefox non plus, à une page de chaque sorte, claire et sombre."""
    tab.resize(1280, 900)
    tab.open(f"{doors['http']}/{page_name}")
    for scheme in ("light", "dark"):
        tab.wear(scheme)
        assert violations(tab.page) == []
