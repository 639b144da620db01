"""Partager ce que l'on voit : une adresse qui le rouvre, une image, aussi dans un cadre."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.site.test_refusal import framed
from tests.site.visits import DESKTOP, LESSONS, PHONE, SITE, opened

TWO = "notebooks/8_1_4_comparaison.html"  # un petit réseau, puis un grand


@pytest.mark.parametrize("door", ["http", "file"])
def test_address_opens_the_explorer_it_names(browser: Browser, address: str, door: str) -> None:
    """De deux explorateurs, l'adresse règle celui qu'elle nomme, et y mène ; l'autre attend."""
    base = address if door == "http" else SITE.as_uri()
    shared = f"{TWO}#explorateur=2&sparsite=98&methode=obs&comparer=magnitude"
    with opened(browser, base, shared, PHONE) as (page, visit):
        first, second = page.locator("pruning-explorer").all()
        slider = second.locator("input[type=range]")
        expect(slider).to_have_value("98", timeout=20_000)
        expect(slider).to_be_in_viewport()
        expect(second.get_by_label("comparer à")).to_have_value("magnitude")
        expect(first.locator("input[type=range]")).to_have_value("90")
        page.evaluate("location.hash = '#explorateur=1&sparsite=50&methode=obd'")
        expect(first.locator("input[type=range]")).to_have_value("50")
        expect(first.locator("input[type=range]")).to_be_in_viewport()
        expect(slider).to_have_value("98")
        assert visit.errors == []


@pytest.mark.parametrize(
    "hostile",
    ["%", "explorateur=1&sparsite=%3Cimg src=x onerror=alert(1)%3E&methode=__proto__&comparer=%00"],
)
def test_hostile_address_changes_nothing(browser: Browser, address: str, hostile: str) -> None:
    """Une adresse fabriquée ne règle rien et n'arrête rien."""
    with opened(browser, address, f"{LESSONS[0]}#{hostile}", DESKTOP) as (page, visit):
        explorer = page.locator("pruning-explorer").first
        expect(explorer.locator("input[type=range]")).to_have_value("80")
        expect(explorer.locator("input[value=magnitude]")).to_be_checked()
        expect(explorer.locator("img")).to_have_count(0)
        assert visit.errors == []


def test_sharing_says_what_to_do_in_a_sandbox(browser: Browser, address: str) -> None:
    """Un cadre qui ne copie ni ne télécharge montre l'adresse et l'image, et dit quoi faire."""
    with framed(browser, address, LESSONS[0], DESKTOP) as frame:
        explorer = frame.locator("pruning-explorer").first
        explorer.scroll_into_view_if_needed()
        explorer.get_by_role("button", name="Copier l’adresse").click()
        told = explorer.get_by_text("l’adresse ci-dessous")
        expect(told.or_(explorer.get_by_text("Adresse copiée"))).to_be_visible()
        expect(explorer.get_by_label("Adresse à copier")).to_have_value(
            f"{address}/{LESSONS[0]}#explorateur=1&sparsite=80&methode=magnitude"
        )
        explorer.get_by_role("button", name="Télécharger l’image").click()
        expect(explorer.get_by_text("appui long")).to_be_visible()
        picture = explorer.get_by_role("img", name="Image de l’explorateur")
        expect(picture).to_be_visible()
        assert picture.evaluate("(one) => one.naturalWidth") == 1520
