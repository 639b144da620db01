"""Les bulles : au survol, au clavier et au toucher ; WCAG 1.4.13."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.site.visits import DESKTOP, LESSONS, PHONE, SITE, Visit, every_lesson, opened

LESSON = next((name for name in LESSONS if "8_1_3_obs" in name), "")
DOORS = ("http", "file")
TERM = "article a.terme"
EQUATION = "article a.reference[href^='#equation-']"
# Ce qu'un lecteur d'écran dit d'un lien, les définitions comprises.
DESCRIPTIONS = """(all) => all.map((link) => [
  link.getAttribute("aria-describedby").split(" ")
    .map((id) => document.getElementById(id).textContent.trim()).join(" "),
  link.hash.slice(1)])"""
OUTSIDE = "h1, h2, h3, h4, pre, code, .math, .admonition-title, figcaption, summary, .fiche, em"


@every_lesson
def test_terms_are_linked_in_prose_only(desktop: Visit) -> None:
    """Chaque terme a un lien vers le glossaire, un seul, dans le texte courant."""
    targets = desktop.page.locator(TERM).evaluate_all("all => all.map((link) => link.hash)")
    misplaced = desktop.page.locator(f":is({OUTSIDE}) a.terme").count()
    assert len(targets) >= 10
    assert len(set(targets)) == len(targets)
    assert misplaced == 0


@every_lesson
def test_each_term_has_a_short_definition(desktop: Visit) -> None:
    """Chaque lien dit une courte définition, et mène à son entrée du glossaire."""
    glossary = (SITE / "book/reference/glossaire.html").read_text(encoding="utf-8")
    for told, anchor in desktop.page.locator(TERM).evaluate_all(DESCRIPTIONS):
        assert 20 <= len(told) <= 200, told
        assert told.endswith("."), told
        assert " ." not in told and " :." not in told, told
        assert f'id="{anchor}"' in glossary


@pytest.mark.parametrize("door", DOORS)
def test_hover_opens_and_leaving_closes(browser: Browser, address: str, door: str) -> None:
    """La bulle s'ouvre au survol, se laisse survoler, et se ferme au départ."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, LESSON, DESKTOP) as (page, visit):
        bubble = page.get_by_role("tooltip")
        page.locator(TERM).first.hover()
        expect(bubble).to_be_visible()
        bubble.hover()
        page.wait_for_timeout(500)
        expect(bubble).to_be_visible()
        page.mouse.move(5, 5)
        expect(bubble).to_have_count(0)
        assert visit.errors == []


def test_keyboard_opens_and_escape_closes(browser: Browser, address: str) -> None:
    """Le clavier ouvre une définition, et la ferme sans quitter le lien."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        term, bubble = page.locator(TERM).first, page.get_by_role("tooltip")
        page.locator("#main-content").focus()
        page.keyboard.press("Tab")  # le navigateur passe en mode clavier
        term.focus()
        expect(bubble).to_be_visible()
        page.keyboard.press("Escape")
        expect(bubble).to_have_count(0)
        expect(term).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/glossaire.html#term-*")


def test_tap_shows_then_follows(browser: Browser, address: str) -> None:
    """Le premier toucher montre la définition, le second mène au glossaire."""
    with opened(browser, address, LESSON, PHONE, has_touch=True, is_mobile=True) as (page, _):
        term, bubble = page.locator(TERM).first, page.get_by_role("tooltip")
        term.tap()
        expect(bubble).to_contain_text("Touchez encore")
        assert page.url.endswith(LESSON)
        page.locator("article h1").tap()
        expect(bubble).to_have_count(0)
        term.tap()
        expect(bubble).to_be_visible()
        term.tap()
        page.wait_for_url("**/glossaire.html#term-*")


def test_equation_is_shown_where_it_is_cited(browser: Browser, address: str) -> None:
    """Une équation citée se lit sans remonter la page."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        link, bubble = page.locator(EQUATION).first, page.get_by_role("tooltip")
        link.hover()
        expect(bubble.locator("mjx-container")).not_to_have_count(0)
        assert link.get_attribute("aria-describedby") == bubble.get_attribute("id")
        page.mouse.move(5, 5)
        expect(bubble).to_have_count(0)
        assert link.get_attribute("aria-describedby") is None


@pytest.mark.parametrize("width", [320, 1280])
def test_bubble_stays_on_the_page(browser: Browser, address: str, width: int) -> None:
    """Chaque bulle tient dans la page, sans l'élargir."""
    with opened(browser, address, LESSON, (width, 800)) as (page, _):
        for link in [*page.locator(TERM).all(), *page.locator(EQUATION).all()]:
            if not link.is_visible():
                continue
            link.scroll_into_view_if_needed()
            link.hover()
            place = page.get_by_role("tooltip").bounding_box()
            assert place is not None
            assert place["x"] >= 0
            assert place["x"] + place["width"] <= width
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.keyboard.press("Escape")


def test_link_works_without_script(browser: Browser, address: str) -> None:
    """Sans JavaScript, un terme mène au glossaire."""
    with opened(browser, address, LESSON, DESKTOP, java_script_enabled=False) as (page, _):
        page.locator(TERM).first.click()
        page.wait_for_url("**/glossaire.html#term-*")
        assert page.locator(":target").is_visible()
