"""axe-core sur chaque page, en clair et en sombre : aucune exception n'est admise."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from visits import DESKTOP, PAGES, opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page_name", PAGES)
def test_axe_finds_nothing(browser: Browser, address: str, page_name: str, scheme: str) -> None:
    """Contraste, noms, titres, rôles : une barrière à la lecture."""
    with opened(browser, address, page_name, DESKTOP, color_scheme=scheme) as (page, _):
        violations = Axe().run(page).response["violations"]
    assert [
        f"{violation['id']} : {node['html'][:160]} : {node['failureSummary'][:300]}"
        for violation in violations
        for node in violation["nodes"]
    ] == []
