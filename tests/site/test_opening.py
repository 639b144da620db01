"""Ce que la page remet à plus tard pour s'ouvrir vite arrive quand même, et sans rien déplacer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.site.visits import LESSONS, PHONE, SITE, Visit, every_lesson, wear

SECTIONS = "article > section > section"
WAITING = """sections => sections.filter(
  (section) => getComputedStyle(section).contentVisibility !== "visible").length"""
OPEN = "(all) => all.forEach((one) => { one.open = true; })"
OVERFLOWING = """(all) => all
  .filter((pre) => pre.scrollWidth > pre.clientWidth || pre.scrollHeight > pre.clientHeight)
  .map((pre) => ({ tabindex: pre.getAttribute("tabindex"),
    folded: Boolean(pre.closest("details")) }))"""
THEMES = """
  window.themes = [];
  new MutationObserver(() => themes.push(document.documentElement.dataset.theme))
    .observe(document, { attributes: true, subtree: true, attributeFilter: ["data-theme"] });
"""


@every_lesson
def test_whole_lesson_is_laid_out_without_scrolling(
    browser: Browser, address: str, page_name: str
) -> None:
    """Chaque section est mise en page sans attendre : ses polices sont là si le réseau se coupe."""
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.goto(f"{address}/{page_name}", wait_until="load")
    assert page.locator(SECTIONS).count() > 5
    assert page.locator(SECTIONS).evaluate_all(WAITING) > 0
    for _ in range(150):
        if not page.locator(SECTIONS).evaluate_all(WAITING):
            break
        page.wait_for_timeout(100)
    assert page.locator(SECTIONS).evaluate_all(WAITING) == 0
    page.close()


@every_lesson
def test_overflowing_code_can_be_scrolled_by_keyboard(phone: Visit) -> None:
    """Le clavier atteint chaque bloc de code trop large, même dans un volet ouvert."""
    wear(phone.page, PHONE)
    phone.page.locator("article details").evaluate_all(OPEN)
    phone.page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go, 100)))")
    wide = phone.page.locator("article pre").evaluate_all(OVERFLOWING)
    assert len(wide) > 5
    assert {block["tabindex"] for block in wide} == {"0"}
    assert any(block["folded"] for block in wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_is_decided_once(browser: Browser, address: str, scheme: str) -> None:
    """Les couleurs sont choisies une seule fois, avant le premier affichage."""
    context = browser.new_context(color_scheme=scheme)
    context.add_init_script(THEMES)
    page = context.new_page()
    page.goto(f"{address}/{LESSONS[0]}")
    page.wait_for_load_state("networkidle")
    assert set(page.evaluate("themes")) <= {scheme, "auto"}
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    context.close()


@every_lesson
def test_colourless_code_has_no_tag(page_name: str) -> None:
    """Un code sans couleur n'a pas de balise : c'étaient deux tiers des nœuds d'une leçon."""
    page = (SITE / page_name).read_text(encoding="utf-8")
    assert not any(f'<span class="{name}">' in page for name in ("n", "p", "w"))
