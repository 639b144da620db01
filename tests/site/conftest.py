"""Le site construit, un serveur, et des visites faites une seule fois."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from playwright.sync_api import Browser

from tests.site.visits import DESKTOP, FACTS, PAGES, PHONE, SITE, Visit, opened, served


@pytest.fixture(scope="session", autouse=True)
def built_site() -> None:
    """Rien à éprouver sans site."""
    if not PAGES:
        pytest.fail("le site n'est pas construit : lancez make site", pytrace=False)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served(SITE) as base:
        yield base


@pytest.fixture(scope="module")
def visit(browser: Browser, address: str):
    """Visite une page, une seule fois : par http en grand, ou par file:// sur un téléphone."""

    @cache
    def once(door: str, page_name: str) -> Visit:
        base, size = (address, DESKTOP) if door == "http" else (SITE.as_uri(), PHONE)
        with opened(browser, base, page_name, size) as (page, notes):
            notes.facts = page.evaluate(FACTS)
        return notes

    return once
