"""Une leçon entière au clavier : tout s'atteint, le focus se voit, l'en-tête ne le cache pas."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.visits import DESKTOP, LESSONS, SITE, opened

LESSON = LESSONS[0] if LESSONS else ""
MOST = 600  # arrêts : bien plus que n'en a la leçon
# Ce qui a le focus : où il est, s'il est marqué, si l'en-tête ou autre chose le cache.
FOCUS = """() => {
  let one = document.activeElement;
  if (!one || one === document.body) return null;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const box = one.getClientRects()[0] ?? one.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].map(([x, y]) =>
    one.getRootNode().elementFromPoint(box.x + x * box.width, box.y + y * box.height));
  const shown = points.some((top) => top && (one.contains(top) || top.contains(one) ||
    one.labels?.[0]?.contains(top)));
  const header = document.querySelector(".bd-header-article").getBoundingClientRect();
  const inArticle = Boolean(one.closest("article, pruning-explorer") ?? one.getRootNode().host);
  return {
    name: `${one.tagName.toLowerCase()}.${[...one.classList].join(".")}#${one.id}`,
    text: (one.getAttribute("aria-label") ?? one.textContent ?? "").trim().slice(0, 40),
    // la marque d'un curseur est sur son bouton, qu'un script ne voit pas : voir plus bas
    marked: outlined || style.boxShadow !== "none" || one.matches("input[type=range]"),
    shown,
    hidden: inArticle && box.top < header.bottom - 1 && box.height < innerHeight / 2,
  };
}"""
# À atteindre par la seule tabulation : ce qu'il faut pour lire une leçon de bout en bout.
LANDMARKS = {
    "lien d'évitement": "#pst-skip-link a",
    "recherche": ".search-button-field, .search-button",
    "menu": ".primary-toggle",
    "thème": ".theme-switch-button",
    "sommaire": "#pst-primary-sidebar a.reference",
    "terme": "a.terme",
    "copier": "button.copybtn",
    "code caché": "details.hide > summary",
    "curseur": "pruning-explorer input[type=range]",
    "exercice fait": "input[data-exercice]",
    "solution": "button.toggle-button",
    "quiz": "details.sd-dropdown > summary",
    "page suivante": "a.right-next",
    "plan": "#pst-secondary-sidebar a",
}


def walk(page: Page, key: str) -> list[dict[str, Any]]:
    """Parcourt la page d'un bout à l'autre ; rend ce qui a eu le focus, dans l'ordre."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST):
        page.keyboard.press(key)
        stop = page.evaluate(FOCUS)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"un piège : {stops[-3:]}")


def told(stops: list[dict[str, Any]]) -> list[str]:
    return [f"{stop['name']} : {stop['text']}" for stop in stops]


def settle(page: Page) -> None:
    """Ôte les transitions, qui décaleraient ce que l'on mesure, et démarre l'explorateur."""
    page.add_style_tag(content="* { transition: none !important; }")
    page.locator("pruning-explorer").first.scroll_into_view_if_needed()
    page.locator("pruning-explorer input[type=range]").first.wait_for()
    page.evaluate("scrollTo(0, 0)")


def reached(page: Page) -> list[str]:
    return [name for name, css in LANDMARKS.items() if page.locator(f":is({css})[data-vu]").count()]


def test_tab_reaches_everything_and_shows_it(browser: Browser, address: str) -> None:
    """La tabulation atteint chaque réglage, et le focus se voit toujours."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        settle(page)
        page.evaluate(
            "addEventListener('focusin', (f) => f.composedPath()[0].setAttribute('data-vu', ''))"
        )
        forth = walk(page, "Tab")
        assert sorted(reached(page)) == sorted(LANDMARKS)
        back = walk(page, "Shift+Tab")
    assert len(back) >= len(forth) - 2
    for stops in (forth, back):
        assert told([stop for stop in stops if not stop["marked"]]) == []
        assert told([stop for stop in stops if not stop["shown"]]) == []
        assert told([stop for stop in stops if stop["hidden"]]) == []


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        ("button.copybtn:focus-visible { outline: none !important; }", "marked"),
        ("html { scroll-padding: 0 !important; }", "hidden"),
        ("article::before { content: ''; position: fixed; inset: 0; z-index: 9; }", "shown"),
    ],
)
def test_planted_fault_is_seen(browser: Browser, address: str, style: str, fault: str) -> None:
    """Un focus effacé ou caché est vu."""
    wrong = fault == "hidden"
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        settle(page)
        page.add_style_tag(content=style)
        page.locator("input[data-exercice]").first.focus()
        stops = []
        for _ in range(60):
            page.keyboard.press("Shift+Tab")
            stops.append(page.evaluate(FOCUS))
    assert any(stop[fault] is wrong for stop in stops if stop)


def test_focused_slider_looks_focused(browser: Browser, address: str) -> None:
    """Un curseur montre qu'il a le focus."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        settle(page)
        slider = page.locator("pruning-explorer input[type=range]").first
        before = slider.screenshot()
        slider.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(slider).to_be_focused()
        assert slider.screenshot() != before


def test_skip_link_skips(browser: Browser, address: str) -> None:
    """Le lien d'évitement mène au texte."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        page.keyboard.press("Tab")
        skip = page.locator("#pst-skip-link a")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("Boolean(document.activeElement.closest('main'))")


def press_on(page: Page, css: str, key: str) -> None:
    page.locator(css).first.focus()
    page.keyboard.press(key)


@pytest.mark.parametrize("door", ["http", "file"])
def test_lesson_is_done_with_the_keyboard(browser: Browser, address: str, door: str) -> None:
    """Tous les gestes de la leçon se font au clavier."""
    base = address if door == "http" else SITE.as_uri()
    context = {"permissions": ["clipboard-read", "clipboard-write"]} if door == "http" else {}
    with opened(browser, base, LESSON, DESKTOP, **context) as (page, visit):
        settle(page)
        press_on(page, "details.hide > summary", "Enter")
        expect(page.locator("details.hide").first).to_have_attribute("open", "")

        copied = page.locator("button.copybtn:visible").first
        copied.focus()
        assert "Copier" in copied.locator("title").inner_html()
        page.keyboard.press("Enter")
        expect(page.locator("button[data-tooltip='Copié !']")).to_have_count(1)

        slider = page.locator("pruning-explorer input[type=range]").first
        before = slider.input_value()
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert slider.input_value() != before

        press_on(page, "input[data-exercice]", "Space")
        expect(page.locator("input[data-exercice]").first).to_be_checked()

        solution = page.locator("button.toggle-button").first
        solution.focus()
        page.keyboard.press("Enter")
        expect(solution).to_have_attribute("aria-expanded", "true")

        press_on(page, "details.sd-dropdown > summary", "Space")
        expect(page.locator("details.sd-dropdown").first).to_have_attribute("open", "")

        press_on(page, ".primary-toggle", "Enter")
        expect(page.locator("#pst-primary-sidebar")).not_to_be_in_viewport()
        press_on(page, ".primary-toggle", "Enter")

        press_on(page, ".search-button-field:visible, .search-button:visible", "Enter")
        expect(page.locator("#pst-search-dialog input")).to_be_focused()
        page.keyboard.press("Escape")

        press_on(page, "a.right-next", "Enter")
        page.wait_for_url(lambda url: LESSON not in url)
        expect(page.locator("article h1")).to_be_visible()
        assert visit.errors == []
