"""axe-core sur chaque page, claire et sombre, en grand et sur un téléphone : aucune exception."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.site.visits import DESKTOP, LESSONS, PAGES, PHONE, opened

SCHEMES = ("light", "dark")
SIZES = (DESKTOP, PHONE)
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


def wear(page: Page, scheme: str, size: tuple[int, int]) -> None:
    """Donne à la page des couleurs et une taille, sans la recharger."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if "/diapositives/" not in page.url:  # elles restent claires : un projecteur les montre
        page.locator(f"html[data-theme={scheme}]").wait_for(state="attached")


@pytest.mark.parametrize("page_name", PAGES)
def test_axe_finds_nothing(browser: Browser, address: str, page_name: str) -> None:
    """Contrastes, noms, titres et rôles : axe ne trouve aucune barrière à la lecture."""
    found = {}
    still = {"color_scheme": "light", "reduced_motion": "reduce"}  # sans couleurs de passage
    with opened(browser, address, page_name, DESKTOP, **still) as (page, _):
        for size in SIZES:
            for scheme in SCHEMES:
                wear(page, scheme, size)
                found[f"{scheme} {size[0]}"] = violations(page)
    assert {look: faults for look, faults in found.items() if faults} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_once_opened(browser: Browser, address: str, scheme: str) -> None:
    """Ce qui ne paraît qu'à la demande est accessible : solutions, quiz, bulle, refus."""
    with opened(browser, address, LESSON, DESKTOP, color_scheme=scheme) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(CLICK_ALL, "button.toggle-button-hidden")
        page.locator("input[data-exercice]").first.check()
        page.locator("a.terme").first.hover()
        page.get_by_role("tooltip").wait_for()
        assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_the_phone_s_menu(browser: Browser, address: str, scheme: str) -> None:
    """Le sommaire qu'ouvre un téléphone est accessible."""
    with opened(browser, address, LESSON, PHONE, color_scheme=scheme) as (page, _):
        page.locator("button.primary-toggle").click()
        page.locator("dialog#pst-primary-sidebar-modal[open] nav").first.wait_for()
        assert violations(page) == []


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<img src='a.png'>", "image-alt"),
        ("<input type='checkbox'>", "label"),
        ("<p style='color: #bbb; background: #fff'>Pâle</p>", "color-contrast"),
        ("<button></button>", "button-name"),
        ("<a class='terme' href='#'></a>", "link-name"),
    ],
)
def test_axe_finds_a_planted_fault(browser: Browser, address: str, fault: str, rule: str) -> None:
    """Une barrière plantée est vue."""
    with opened(browser, address, "book/index.html", DESKTOP, color_scheme="light") as (page, _):
        page.locator("article").evaluate(
            "(a, html) => a.insertAdjacentHTML('afterbegin', html)", fault
        )
        assert rule in {violation.split(" : ")[0] for violation in violations(page)}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_hovered_link_stays_readable(browser: Browser, address: str, scheme: str) -> None:
    """Un lien survolé reste lisible, ce qu'axe ne regarde pas."""
    with opened(browser, address, LESSON, DESKTOP, color_scheme=scheme) as (page, _):
        for css in ("article a.terme", "article p > a.reference.internal:not(.terme)"):
            link = page.locator(css).first
            link.hover()
            page.wait_for_timeout(300)  # la transition du thème
            assert page.evaluate(CONTRAST, link.evaluate(COLOURS)) >= 4.5
