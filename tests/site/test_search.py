"""La recherche et la page d'entrée, comme un lecteur s'en sert."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.site.visits import DESKTOP, SITE, opened


# Depuis le disque, Sphinx ne peut pas lire les pages pour en montrer un extrait : liens seuls.
@pytest.mark.parametrize("door", ["http", "file"])
def test_search_finds_the_lesson(browser: Browser, address: str, door: str) -> None:
    """La recherche trouve la leçon, même depuis le disque."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, "search.html?q=magnitude", DESKTOP) as (page, visit):
        link = page.locator("#search-results a[href*='8_1_1_magnitude']").first
        link.wait_for(timeout=10_000)
    assert door == "file" or visit.failures == []


@pytest.mark.parametrize("door", ["http", "file"])
def test_root_opens_the_home_page(browser: Browser, address: str, door: str) -> None:
    """L'adresse racine ouvre le cours."""
    base = address if door == "http" else SITE.as_uri()
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{base}/index.html")
        page.wait_for_url("**/book/index.html", timeout=10_000)
        assert page.locator("article h1").inner_text().startswith("Élaguer")
