"""La mise en page de qui agrandit, imprime, ou ne supporte pas le mouvement."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.site.visits import DESKTOP, LESSONS, PHONE, Visit, opened, wear

LESSON = LESSONS[0] if LESSONS else ""
NARROW = (320, 800)  # 1280 px agrandis à 400 % (WCAG 1.4.10)
# Ce qui dépasse de la page, ou dont le texte est coupé par sa boîte.
OVERFLOWS = """() => {
  const wide = document.documentElement.scrollWidth > innerWidth + 1;
  const cut = [...document.querySelectorAll("article *, .bd-header-article *, .sidebar-head *")]
    .filter((one) => {
      const style = getComputedStyle(one);
      return one.checkVisibility() && ["hidden", "clip"].includes(style.overflowX)
        && one.textContent.trim() && !one.closest(".math, .toggle-hidden")
        && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1;
    });
  return [...(wide ? [`page : ${document.documentElement.scrollWidth} px`] : []),
    ...cut.map((one) => one.outerHTML.slice(0, 120))];
}"""
MOVES = """() => [...document.querySelectorAll("*")].flatMap((one) =>
  [null, "::before", "::after"].filter((pseudo) => {
    const style = getComputedStyle(one, pseudo);
    const lasts = (durations) => durations.split(",").some((d) => parseFloat(d) > 0);
    return lasts(style.transitionDuration) || lasts(style.animationDuration)
      || style.scrollBehavior === "smooth";
  }).map((pseudo) => `${one.tagName}${pseudo ?? ""}.${one.className}`))"""
TWICE = "html { font-size: 200% !important; }"


def test_page_reflows_at_320_pixels(phone: Visit) -> None:
    """Agrandie à 400 %, ou sur un petit téléphone, la page ne défile que de haut en bas."""
    wear(phone.page, NARROW)
    assert phone.page.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_text_may_be_twice_as_big(desktop: Visit, size: tuple[int, int]) -> None:
    """Un texte deux fois plus grand reste dans la page et dans sa boîte (WCAG 1.4.4)."""
    wear(desktop.page, size)
    style = desktop.page.add_style_tag(content=TWICE)
    overflows = desktop.page.evaluate(OVERFLOWS)
    style.evaluate("(style) => style.remove()")
    assert overflows == []


def test_overflow_is_seen(browser: Browser, address: str) -> None:
    """Une page trop large et un texte coupé sont vus."""
    with opened(browser, address, "book/index.html", NARROW) as (page, _):
        page.add_style_tag(content="article h1 { width: 500px; }")
        assert page.evaluate(OVERFLOWS) != []
        page.add_style_tag(
            content="article h1 { width: 9rem; overflow: hidden; white-space: nowrap; }"
        )
        assert any("<h1" in fault for fault in page.evaluate(OVERFLOWS))


def test_nothing_moves_for_who_asked(browser: Browser, address: str) -> None:
    """Rien n'est animé pour qui a demandé `prefers-reduced-motion`."""
    with opened(browser, address, LESSON, DESKTOP, reduced_motion="reduce") as (page, _):
        assert page.evaluate(MOVES) == []
        page.add_style_tag(content="h1::after { transition: all 1s !important; }")
        assert page.evaluate(MOVES) != []


def printed(page: Page) -> str:
    pdf = page.pdf(format="A4")
    text = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u202f", " "))


@pytest.mark.parametrize("script", [True, False], ids=["script", "bare"])
def test_printed_lesson_is_whole_and_bare(browser: Browser, address: str, script: bool) -> None:
    """Le papier a les solutions, les réponses et le code repliés, et aucun menu."""
    with opened(browser, address, LESSON, DESKTOP, java_script_enabled=script) as (page, _):
        text = printed(page)
    assert "le quantile vaut la magnitude commune" in text  # une réponse du quiz
    assert "Le quantile à 40 % vaut 0,1" in text  # une solution
    assert "import matplotlib.pyplot as plt" in text  # une cellule repliée
    assert "Les poids du réseau, et ceux que retire" in text  # une légende
    controls = ("Recherche", "Montrer le code", "Effacer mon", "Confidentialité et", "encore 1 h")
    assert [control for control in controls if control in text] == []


def test_printed_links_say_where_they_lead(browser: Browser, address: str) -> None:
    """L'adresse d'un lien externe s'imprime."""
    with opened(browser, address, "book/index.html", DESKTOP) as (page, _):
        text = printed(page).replace(" ", "")
    assert "(https://creativecommons.org/licenses/by/4.0/deed.fr)" in text


HIDDEN_ON_PAPER = (
    *("#pst-primary-sidebar", "#pst-secondary-sidebar", ".bd-header-article", "footer"),
    *("label.fait", ".avancement", "button.copybtn", "a.headerlink", "button.toggle-button"),
    *("pruning-explorer .options", "pruning-explorer .buttons"),
)


def test_controls_are_not_printed(browser: Browser, address: str) -> None:
    """Ni bouton ni curseur sur le papier : l'explorateur y est une image."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        page.locator("pruning-explorer").first.scroll_into_view_if_needed()
        page.locator("pruning-explorer input[type=range]").first.wait_for()
        page.emulate_media(media="print")
        shown = [
            css
            for css in HIDDEN_ON_PAPER
            if page.locator(css).evaluate_all("all => all.some((one) => one.checkVisibility())")
        ]
        pictures = page.locator("pruning-explorer svg").evaluate_all(
            "all => all.filter((one) => one.checkVisibility()).length"
        )
        page.emulate_media(media="screen")
        unseen = [css for css in HIDDEN_ON_PAPER if not page.locator(css).count()]
    assert shown == []
    assert unseen == []
    assert pictures >= 1


def test_printed_explorer_hides_nothing(browser: Browser, address: str) -> None:
    """L'explorateur imprimé montre toutes ses courbes, sans blanc à la place des réglages."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        explorer = page.locator("pruning-explorer").first
        explorer.scroll_into_view_if_needed()
        explorer.locator("input[type=range]").wait_for()
        page.emulate_media(media="print")
        position = explorer.locator(".stick").evaluate("one => getComputedStyle(one).position")
        empty = explorer.evaluate(
            "one => one.clientHeight - one.shadowRoot.querySelector('.px').offsetHeight"
        )
    assert position == "static"
    assert empty == 0
