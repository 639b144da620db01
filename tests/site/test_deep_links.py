"""Un lien profond mène où il dit, même à froid, dans une page où des sections attendent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.site.visits import DESKTOP, LESSONS, PHONE, window

NEAR = 8  # pixels
SECTIONS = "article > section section[id]"
# De combien la cible est loin du haut qui lui est réservé ; rien, si la page est à son bout.
OFF = """() => {
  const target = document.querySelector(":target");
  const page = document.documentElement;
  const top = parseFloat(getComputedStyle(page).scrollPaddingTop);
  const margin = parseFloat(getComputedStyle(target).scrollMarginTop);
  const atEnd = scrollY + innerHeight >= page.scrollHeight - 1;
  const off = target.getBoundingClientRect().top - Math.max(top, 0) - margin;
  return atEnd && off > 0 ? 0 : off;
}"""


def settled(page: Page) -> float:
    """L'écart une fois les polices arrivées, les explorateurs démarrés et la page au repos."""
    page.evaluate("document.fonts.ready")
    for _ in range(10):  # sur une machine occupée, un explorateur démarre tard
        page.wait_for_timeout(1500)
        if abs(page.evaluate(OFF)) <= NEAR:
            break
    page.wait_for_timeout(500)
    return abs(page.evaluate(OFF))


def some(page: Page) -> list[str]:
    """Deux sections : au milieu de la page, et la dernière."""
    ids = page.locator(SECTIONS).evaluate_all("all => all.map((one) => one.id)")
    return [ids[len(ids) // 2], ids[-1]]


@pytest.mark.parametrize(
    ("page_name", "size"),
    [*((name, PHONE) for name in LESSONS), (LESSONS[-1], DESKTOP)],
    ids=lambda one: str(one[0]) if isinstance(one, tuple) else one,
)
def test_deep_link_lands_where_it_says(
    browser: Browser, address: str, page_name: str, size: tuple[int, int]
) -> None:
    """Ouverte à froid sur une section, la page s'arrête à son titre."""
    with window(browser, address, size) as page:
        page.goto(f"{address}/{page_name}", wait_until="domcontentloaded")
        fragments = some(page)
    off = {}
    for fragment in fragments:
        with window(browser, address, size) as page:
            page.goto(f"{address}/{page_name}#{fragment}", wait_until="load")
            off[fragment] = settled(page)
    assert {fragment: by for fragment, by in off.items() if by > NEAR} == {}


@pytest.mark.parametrize("how", ["click", "address"])
def test_link_followed_at_once_lands_where_it_says(
    browser: Browser, address: str, how: str
) -> None:
    """Un lien suivi avant que toute la page soit mise en page mène au bon endroit."""
    with window(browser, address, PHONE) as page:
        page.goto(f"{address}/{LESSONS[0]}", wait_until="load")
        assert page.evaluate("document.documentElement.hasAttribute('data-waits')")
        fragment = some(page)[0]
        if how == "click":
            page.evaluate(
                "(id) => document.querySelector(`#pst-secondary-sidebar a[href='#${id}']`).click()",
                fragment,
            )
        else:
            page.evaluate("(id) => { location.hash = id; }", fragment)
        assert settled(page) <= NEAR


def test_reload_stays_where_it_was(browser: Browser, address: str) -> None:
    """Rechargée, la page revient où on la lisait."""
    with window(browser, address, PHONE) as page:
        page.goto(f"{address}/{LESSONS[0]}#x", wait_until="load")
        fragment = some(page)[0]
        place = "(id) => document.getElementById(id).getBoundingClientRect().top"
        page.evaluate("(id) => document.getElementById(id).scrollIntoView()", fragment)
        page.wait_for_timeout(300)
        before = page.evaluate(place, fragment)
        page.reload(wait_until="load")
        page.wait_for_timeout(1500)
        assert abs(page.evaluate(place, fragment) - before) <= NEAR
