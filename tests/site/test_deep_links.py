"""Un lien profond mène où il dit, même à froid, dans une page où des sections attendent."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.engines.tab import Tab
from tests.site.visits import LESSONS, PHONE, window

NEAR = 8  # pixels
SECTIONS = "article > section section[id]"
STAYS = 0.8  # secondes sans que la page bouge, une fois tout ce qui démarre démarré
# De combien la cible est loin du haut qui lui est réservé ; rien, si la page est à son bout.
OFF = """() => {
  const target = document.querySelector(":target");
  const page = document.documentElement;
  const top = parseFloat(getComputedStyle(page).scrollPaddingTop);
  const margin = parseFloat(getComputedStyle(target).scrollMarginTop);
  const atEnd = scrollY + innerHeight >= page.scrollHeight - 1;
  const off = target.getBoundingClientRect().top - Math.max(top, 0) - margin;
  return Math.abs(atEnd && off > 0 ? 0 : off);
}"""
# Ce qui viendrait encore pousser la page (polices, sections qui attendent d'être mises en page,
# explorateurs ; un grand, seulement s'il est proche), puis sa hauteur, et où l'on en est.
STATE = """async () => {
  await document.fonts.ready;
  const isNear = (one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > -800 && top < innerHeight + 800;
  };
  const starts = (one) => !one.textContent.includes('"source"') || isNear(one);
  const asleep = [...document.querySelectorAll("pruning-explorer, pruning-words, moving-picture")]
    .filter((one) => starts(one) && !one.shadowRoot?.querySelector("[type=range]"));
  const page = document.documentElement;
  return [asleep.length + page.hasAttribute("data-waits"), page.scrollHeight, scrollY];
}"""
# La section après le dernier explorateur, dont le démarrage la pousse, et la dernière de la page.
TARGETS = """(css) => {
  const sections = [...document.querySelectorAll(css)];
  const explorer = [...document.querySelectorAll("pruning-explorer, pruning-words")].at(-1);
  const after = sections.find((one) =>
    explorer?.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  return [...new Set([after, sections.at(-1)].map((one) => one?.id).filter(Boolean))];
}"""


def settled(evaluate: Callable[[str], Any]) -> float:
    """L'écart, une fois les polices arrivées, les explorateurs démarrés et la page au repos."""
    state, since, end = evaluate(STATE), time.monotonic(), time.monotonic() + 60
    while (now := time.monotonic()) - since < STAYS and now < end:
        time.sleep(0.1)
        new = evaluate(STATE)
        if new[0] or new != state:
            state, since = new, time.monotonic()
    assert state[0] == 0, "la page n'est pas au repos après une minute"
    return evaluate(OFF)


@pytest.mark.parametrize("name", LESSONS)
def test_deep_link_lands_where_it_says(tab: Tab, doors: dict[str, str], name: str) -> None:
    """Ouverte à froid sur une section, la page s'arrête à son titre, et y reste."""
    tab.resize(*PHONE)
    tab.open(f"{doors['http']}/{name}")
    off = {}
    for fragment in tab.run(TARGETS, SECTIONS):
        tab.go("about:blank")
        tab.go(f"{doors['http']}/{name}#{fragment}")
        off[fragment] = settled(tab.run)
    assert off
    assert {fragment: by for fragment, by in off.items() if by > NEAR} == {}


def test_reader_who_leaves_a_deep_link_is_not_brought_back(browser: Browser, address: str) -> None:
    """Dès que l'on défile, la page ne ramène plus à la section du lien."""
    with window(browser, address, PHONE) as page:
        page.goto(f"{address}/{LESSONS[0]}", wait_until="load")
        fragment = page.evaluate(TARGETS, SECTIONS)[0]
        page.goto("about:blank")
        page.goto(f"{address}/{LESSONS[0]}#{fragment}", wait_until="load")
        page.mouse.move(200, 400)
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(500)
        page.locator("article").evaluate(
            "(one) => one.insertAdjacentHTML('afterbegin', '<div style=\"height: 30px\"></div>')"
        )
        assert settled(page.evaluate) > 200


@pytest.mark.parametrize("how", ["click", "address"])
def test_link_followed_at_once_lands_where_it_says(
    browser: Browser, address: str, how: str
) -> None:
    """Un lien suivi avant que toute la page soit mise en page mène au bon endroit."""
    with window(browser, address, PHONE) as page:
        page.goto(f"{address}/{LESSONS[0]}", wait_until="load")
        assert page.evaluate("document.documentElement.hasAttribute('data-waits')")
        fragment = page.evaluate(TARGETS, SECTIONS)[0]
        if how == "click":
            page.evaluate(
                "(id) => document.querySelector(`#pst-secondary-sidebar a[href='#${id}']`).click()",
                fragment,
            )
        else:
            page.evaluate("(id) => { location.hash = id; }", fragment)
        assert settled(page.evaluate) <= NEAR


def test_reload_stays_where_it_was(browser: Browser, address: str) -> None:
    """Rechargée, la page revient où on la lisait."""
    with window(browser, address, PHONE) as page:
        page.goto(f"{address}/{LESSONS[0]}#x", wait_until="load")
        fragment = page.evaluate(TARGETS, SECTIONS)[0]
        place = "(id) => document.getElementById(id).getBoundingClientRect().top"
        page.evaluate("(id) => document.getElementById(id).scrollIntoView()", fragment)
        page.wait_for_timeout(300)
        before = page.evaluate(place, fragment)
        page.reload(wait_until="load")
        page.wait_for_timeout(1500)
        assert abs(page.evaluate(place, fragment) - before) <= NEAR
