"""L'accueil : on y élague un réseau sans descendre, sans attendre, sans réseau ni serveur."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.site.visits import DESKTOP, PHONE, SITE, opened

HOME = "book/index.html"
sizes = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


def share(text: str) -> float:
    """La part qu'écrit « 96,2 % »."""
    return float(text.replace("\u00a0%", "").replace(",", ".")) / 100


def numbers(page: Page) -> list[str]:
    """Les grands nombres : élagués, restants, exactitude."""
    page.wait_for_timeout(100)  # le calcul suit le geste à l'image suivante
    return page.locator("pruning-explorer .stat b").all_text_contents()


@sizes
@pytest.mark.parametrize("door", ["http", "file"])
def test_visitor_prunes_without_scrolling(
    browser: Browser, address: str, door: str, size: tuple[int, int]
) -> None:
    """Sitôt la page ouverte, le curseur est dans l'écran, et un geste élague."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, HOME, size) as (page, visit):
        slider = page.locator("pruning-explorer input[type=range]")
        box = slider.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < size[1]
        before = numbers(page)
        at = (box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
        page.mouse.click(*at)
        pruned, left, accuracy = numbers(page)
        assert share(pruned) == pytest.approx(0.9, abs=0.05)
        assert left != before[1]
        assert share(accuracy) < share(before[2]) - 0.1
        assert page.evaluate("scrollY") == 0
        wrong = page.locator("pruning-explorer .tile.wrong").count()
        assert wrong > 3
    assert visit.errors == []


@sizes
def test_what_reacts_is_in_view(browser: Browser, size: tuple[int, int]) -> None:
    """Le curseur et les images que lit le réseau se voient ensemble."""
    with opened(browser, SITE.as_uri(), HOME, size) as (page, _):
        box = page.locator("pruning-explorer .strip").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < size[1]


def test_opening_sentence_holds(browser: Browser) -> None:
    """Au départ, la moitié des poids est partie, et l'exactitude a perdu moins d'un point."""
    with opened(browser, SITE.as_uri(), HOME, DESKTOP) as (page, _):
        pruned, _left, accuracy = numbers(page)
        page.locator("pruning-explorer input[type=range]").press("Home")
        dense = numbers(page)[2]
    assert pruned == "50\u00a0%"
    assert 0 < share(dense) - share(accuracy) < 0.01


def test_home_reads_without_javascript(browser: Browser) -> None:
    """Sans JavaScript, le graphique et le tableau de chaque méthode sont à la place du curseur."""
    with opened(browser, SITE.as_uri(), HOME, PHONE, java_script_enabled=False) as (page, _):
        assert page.locator("pruning-explorer svg").is_visible()
        assert page.locator("pruning-explorer table").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
