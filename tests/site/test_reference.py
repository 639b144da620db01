"""Les pages de référence, et la recherche telle que le navigateur la fait."""

from __future__ import annotations

import pytest
from french_search import FoldedFrench
from playwright.sync_api import Browser

from tests.book.test_reference import search_options
from tests.site.visits import DESKTOP, PAGES, opened

STEMS = "(words) => { const found = new Stemmer(); return words.map((w) => found.stemWord(w)); }"


@pytest.mark.parametrize("asked", ["elagage", "élaguer", "pruning", "saliency", "parcimonie"])
def test_search_understands_variants(browser: Browser, address: str, asked: str) -> None:
    """La recherche trouve un mot sans accent, d'une autre forme ou anglais."""
    with opened(browser, address, f"search.html?q={asked}", DESKTOP) as (page, _):
        page.locator("#search-results a[href*='notebooks/8_1_']").first.wait_for(timeout=10_000)


def test_browser_stems_as_the_index_does(browser: Browser, address: str) -> None:
    """Le navigateur calcule les mêmes radicaux que l'index."""
    options = search_options()
    told = options["synonyms"]
    words = [*told, *told.values(), "Élagués".lower(), "nœuds", "hessiennes", "poids"]
    french = FoldedFrench(options)
    with opened(browser, address, "search.html", DESKTOP) as (page, _):
        assert page.evaluate(STEMS, words) == [french.stem(word) for word in words]


def test_reference_pages_are_built() -> None:
    """Chaque page de référence est au sommaire."""
    names = ("errata", "glossaire", "notation", "figures", "api", "changements")
    names += ("accessibilite", "confiance", "navigateurs")
    assert [name for name in names if f"book/reference/{name}.html" not in PAGES] == []


def test_api_sections_are_french(browser: Browser, address: str) -> None:
    """Les rubriques des docstrings sont en français, sans tirets après les paramètres."""
    with opened(browser, address, "book/reference/api.html", DESKTOP) as (page, _):
        titles = set(page.locator("dl.field-list > dt").all_inner_texts())
        text = page.locator("article").inner_text()
    allowed = {"Paramètres", "Renvoie", "Lève", "Avertissements", "Attributs"}
    allowed |= {"Type renvoyé", "Produit"}
    assert {title.rstrip("\u00a0:\n ") for title in titles} <= allowed
    assert " -- " not in text
