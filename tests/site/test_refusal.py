"""Chez qui refuse de rien garder : témoins bloqués, ou cadre d'une plateforme de cours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.site.visits import DESKTOP, KINDS, LESSONS, PHONE, opened, window

LESSON = LESSONS[0] if LESSONS else ""
SANDBOX = '<!doctype html><title>Cours</title><iframe sandbox="allow-scripts" src="{}" \
style="border:0;position:fixed;inset:0;width:100%;height:100%"></iframe>'
# Ce que font les navigateurs réglés pour tout refuser : l'accès échoue, ou ne donne rien.
REFUSALS = {
    "throws": "get() { throw new DOMException('refusé', 'SecurityError'); }",
    "null": "value: null",
    "full": """value: { getItem: () => null, removeItem() {},
      setItem() { throw new DOMException('plein', 'QuotaExceededError'); } }""",
}
REFUSE = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {{ {}, configurable: true }});"""


@contextmanager
def framed(browser: Browser, address: str, name: str, size: tuple[int, int]) -> Iterator[Frame]:
    """Une page dans un cadre qui n'a droit qu'aux scripts ; aucune erreur n'y est admise."""
    errors: list[str] = []

    def note(error: str) -> None:
        # Un serveur ne donne une police qu'à ses propres pages : là, celle du système la remplace.
        # Le navigateur note qu'il refuse de copier, ce dont la page dit quoi faire.
        if ".woff" not in error and "Clipboard API" not in error:
            errors.append(error)

    with window(browser, address, size) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda one: one.type == "error" and note(f"{one.text} {one.location}"))
        page.route(
            f"{address}/cadre",
            lambda route: route.fulfill(
                body=SANDBOX.format(f"{address}/{name}"), content_type="text/html"
            ),
        )
        page.goto(f"{address}/cadre", wait_until="load")
        frame = page.frames[1]
        assert frame.evaluate("origin") == "null"
        yield frame
    assert errors == []


def use_controls(page: Page | Frame, keyboard: Page) -> None:
    """Bouton clair ou sombre, explorateur, exercice fait, et recherche, jusqu'à son résultat."""
    mode = page.evaluate("document.documentElement.dataset.mode")
    page.locator(".theme-switch-button:visible").first.click()
    expect(page.locator("html")).not_to_have_attribute("data-mode", mode)
    slider = page.locator("pruning-explorer input[type=range]").first
    slider.press("ArrowLeft")
    expect(page.locator("pruning-explorer .stat b").first).to_contain_text("79,5")
    page.locator("input[data-exercice]").first.check()
    expect(page.locator(".exercise .refus")).to_contain_text("ne garde rien")
    page.locator(".search-button-field:visible, .search-button:visible").first.click()
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    keyboard.keyboard.type("saillance")
    keyboard.keyboard.press("Enter")
    expect(page.locator("#search-results a[href*='8_1_']").first).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("kind", REFUSALS)
def test_every_control_lives_without_storage(browser: Browser, address: str, kind: str) -> None:
    """Sans mémoire, quelle que soit la façon de la refuser, chaque réglage répond."""
    with window(browser, address, DESKTOP) as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(REFUSE.format(REFUSALS[kind]))
        page.goto(f"{address}/{LESSON}", wait_until="load")
        use_controls(page, page)
    assert errors == []


def test_every_control_lives_in_a_sandbox(browser: Browser, address: str) -> None:
    """Dans un cadre qui n'a droit qu'aux scripts, chaque réglage répond."""
    with framed(browser, address, LESSON, DESKTOP) as frame:
        use_controls(frame, frame.page)


def test_phone_s_menus_live_in_a_sandbox(browser: Browser, address: str) -> None:
    """Sur un téléphone, le sommaire et le plan de la page s'ouvrent aussi dans un tel cadre."""
    with framed(browser, address, LESSON, PHONE) as frame:
        for button, opens in (("primary", "#pst-primary"), ("secondary", "#pst-secondary")):
            frame.locator(f"button.{button}-toggle").click()
            dialog = frame.locator(f"dialog{opens}-sidebar-modal")
            expect(dialog.locator("a").first).to_be_visible()
            frame.page.keyboard.press("Escape")
            expect(dialog).not_to_be_visible()


def test_page_says_nothing_wrong_in_a_sandbox(browser: Browser, address: str) -> None:
    """Dans un tel cadre, aucune sorte de page n'échoue, diapositives comprises."""
    for name in KINDS:
        with framed(browser, address, name, PHONE) as frame:
            expect(frame.locator("h1").first).to_be_attached()


def test_memory_serves_the_page_and_leaves_no_trace(browser: Browser, address: str) -> None:
    """Là où le navigateur garde, rien n'est changé ni écrit en passant."""
    with opened(browser, address, "book/index.html", DESKTOP) as (page, _):
        assert page.evaluate("localStorage instanceof Storage && sessionStorage instanceof Storage")
        assert page.evaluate("document.documentElement.hasAttribute('data-forgets')") is False
        assert page.evaluate("Object.keys(localStorage).filter((key) => /essai/.test(key))") == []
