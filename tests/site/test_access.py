"""axe-core sur chaque page, claire et sombre, en grand et sur un téléphone : aucune exception.

Une page de chaque sorte a les quatre aspects ; les autres, qui ont le même gabarit, deux.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.site.visits import DESKTOP, KINDS, LESSONS, PHONE, Visit, opened, wear

SCHEMES = ("light", "dark")
LOOKS = [(DESKTOP, "light"), (PHONE, "dark")]
OTHER_LOOKS = [(DESKTOP, "dark"), (PHONE, "light")]
LESSON = LESSONS[0] if LESSONS else ""
# Rapport de contraste de WCAG, d'après les couleurs calculées.
CONTRAST = """([text, background]) => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const [low, high] = [light(text), light(background)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""
CLICK_ALL = "(css) => document.querySelectorAll(css).forEach((one) => one.click())"
COLOURS = (
    """(link) => [getComputedStyle(link).color, getComputedStyle(document.body).backgroundColor]"""
)


def violations(page: Page) -> list[str]:
    """Ce qu'axe reproche à la page telle qu'elle est."""
    return [
        f"{violation['id']} : {node['html'][:160]} : {node['failureSummary'][:300]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]


def test_axe_finds_nothing(desktop: Visit, page_name: str) -> None:
    """Contraste, noms, titres, rôles : axe ne reproche rien à une page."""
    found = {}
    for size, scheme in [*LOOKS, *(OTHER_LOOKS if page_name in KINDS else [])]:
        wear(desktop.page, size, scheme)
        found[f"{scheme} {size[0]}"] = violations(desktop.page)
    assert {look: faults for look, faults in found.items() if faults} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_once_opened(browser: Browser, address: str, scheme: str) -> None:
    """Axe ne reproche rien à ce qui ne paraît qu'à la demande : solutions, quiz, bulle."""
    with opened(browser, address, LESSON, DESKTOP, color_scheme=scheme) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(CLICK_ALL, "button.toggle-button-hidden")
        page.locator("input[data-exercice]").first.check()
        page.locator("a.terme").first.hover()
        page.get_by_role("tooltip").wait_for()
        assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_the_phone_s_menu(browser: Browser, address: str, scheme: str) -> None:
    """Axe ne reproche rien au sommaire qu'ouvre un téléphone."""
    with opened(browser, address, LESSON, PHONE, color_scheme=scheme) as (page, _):
        page.locator("button.primary-toggle").click()
        page.locator("dialog#pst-primary-sidebar-modal[open] nav").first.wait_for()
        assert violations(page) == []


PLANTED = {
    "image-alt": "<img src='a.png'>",
    "label": "<input type='checkbox'>",
    "color-contrast": "<p style='color: #bbb; background: #fff'>Pâle</p>",
    "button-name": "<button></button>",
    "link-name": "<a class='terme' href='#'></a>",
}


def test_axe_finds_every_planted_fault(browser: Browser, address: str) -> None:
    """Axe voit chaque faute plantée, et rien d'autre."""
    with opened(browser, address, "book/index.html", DESKTOP) as (page, _):
        page.locator("article").evaluate(
            "(a, html) => a.insertAdjacentHTML('afterbegin', html)", "".join(PLANTED.values())
        )
        assert {violation.split(" : ")[0] for violation in violations(page)} == set(PLANTED)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_hovered_link_stays_readable(browser: Browser, address: str, scheme: str) -> None:
    """Un lien survolé, ce qu'axe ne fait pas, garde son contraste."""
    with opened(browser, address, LESSON, DESKTOP, color_scheme=scheme) as (page, _):
        for css in ("article a.terme", "article p > a.reference.internal:not(.terme)"):
            link = page.locator(css).first
            link.hover()
            page.wait_for_timeout(300)  # la transition du thème
            assert page.evaluate(CONTRAST, link.evaluate(COLOURS)) >= 4.5
