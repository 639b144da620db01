"""L'explorateur dans les pages publiées, comme un lecteur s'en sert."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from visits import LESSONS, PHONE, SITE, opened

every_lesson = pytest.mark.parametrize("page_name", LESSONS)


def shown(page: Page) -> list[str]:
    """Les grands nombres en tête de l'explorateur : élagués, restants, exactitude."""
    page.wait_for_timeout(100)  # le calcul suit le geste à l'image suivante
    return page.locator("pruning-explorer .stat b").all_text_contents()


def number(text: str) -> int:
    return int("".join(filter(str.isdigit, text)))


@every_lesson
def test_slider_prunes_by_keyboard(browser: Browser, page_name: str) -> None:
    """Un explorateur inerte sur la page publiée, ou qui ne répond pas au clavier."""
    with opened(browser, SITE.as_uri(), page_name, PHONE) as (page, visit):
        slider = page.locator("pruning-explorer input[type=range]").first
        slider.focus()
        page.keyboard.press("Home")
        pruned, left, dense = shown(page)[:3]
        assert pruned == "0\u00a0%"
        assert number(left) > 1000
        page.keyboard.press("End")
        pruned, left_all, accuracy_all = shown(page)[:3]
        assert pruned == "100\u00a0%"
        page.keyboard.press("ArrowLeft")
        assert slider.get_attribute("aria-valuetext").startswith("99,5\u00a0%")
    assert number(left_all) < number(left) / 10  # OBS garde le dernier réseau de son trajet
    assert dense != accuracy_all
    assert visit.errors == []


@every_lesson
def test_table_stands_in_without_javascript(browser: Browser, page_name: str) -> None:
    """Un trou blanc à la place de l'explorateur quand le JavaScript est coupé."""
    with opened(browser, SITE.as_uri(), page_name, PHONE, java_script_enabled=False) as (page, _):
        table = page.locator("pruning-explorer table").first
        assert table.is_visible()
        assert table.locator("td").count() > 5


@pytest.mark.parametrize("page_name", ["book/index.html"])
def test_script_is_only_where_it_serves(page_name: str) -> None:
    """Le script de l'explorateur chargé par des pages qui n'en ont pas."""
    assert "explorer.js" not in (SITE / page_name).read_text(encoding="utf-8")
