"""Un navigateur et un serveur pour toute la session."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from builder.browser import FLAGS, ensure_browser
from builder.failure import Failure
from playwright.sync_api import Browser, sync_playwright
from visits import DESKTOP, FACTS, PAGES, PHONE, SITE, Visit, opened, served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not PAGES:
        pytest.fail("le site n'est pas construit : lancez make site", pytrace=False)
    try:
        executable = ensure_browser()
    except Failure as failure:
        pytest.fail(str(failure), pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served(SITE) as base:
        yield base


@pytest.fixture(scope="session")
def visit(browser: Browser, address: str):
    """Visite une page, une seule fois : par http en grand, ou par file:// sur un téléphone."""

    @cache
    def once(door: str, page_name: str) -> Visit:
        base, size = (address, DESKTOP) if door == "http" else (SITE.as_uri(), PHONE)
        with opened(browser, base, page_name, size) as (page, notes):
            notes.facts = page.evaluate(FACTS)
        return notes

    return once
