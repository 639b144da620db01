"""L'explorateur démarré et bougé, aux tailles et dans les textes inconfortables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.site.visits import LESSONS, SITE, Visit, every_lesson, opened, wear

NARROW, NARROW_PHONE, PHONE = (320, 800), (360, 800), (390, 844)
EXPLORERS = "pruning-explorer, pruning-words, moving-picture"
LOW = ((320, 256), (568, 320), (667, 375), (844, 390))  # 1280 x 1024 à 400 %, téléphones couchés
# WCAG 1.4.12 : le lecteur espace le texte, aussi dans l'ombre de l'explorateur.
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }"""
SPACE = """(css) => [document, ...[...document.querySelectorAll("*")].flatMap((one) =>
  one.shadowRoot ?? [])].forEach((root) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  })"""
# Dans chaque carte : ce qui en sort, ce que sa boîte coupe, et les textes l'un sur l'autre.
FAULTS = """() => [...document.querySelectorAll("*")].flatMap((host) => {
  const card = host.shadowRoot?.querySelector("[role=group]");
  if (!card) return [];
  const frame = card.getBoundingClientRect();
  const told = (one) => `${one.tagName} ${one.getAttribute("class")} ${one.textContent.trim()}`;
  const unseen = ".sr, legend, select, .cut"; // .cut : ce qu'un dessin coupe exprès à son bord
  const seen = [...card.querySelectorAll("*")]
    .filter((one) => one.checkVisibility() && !one.closest(unseen));
  const out = seen.filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    return width && (left < frame.left - 1 || right > frame.right + 1);
  });
  const cut = seen.filter((one) => one.clientWidth && one.textContent.trim()
    && ["hidden", "clip"].includes(getComputedStyle(one).overflowX)
    && one.scrollWidth > one.clientWidth + 1);
  const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const [node, parent] = [walker.currentNode, walker.currentNode.parentElement];
    const drawn = parent.closest(`${unseen}, svg`);
    if (!node.data.trim() || !parent.checkVisibility() || drawn) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    // ce qui reste en vue passe, exprès, sur le reste
    const layer = Boolean(parent.closest(".stick"));
    for (const box of range.getClientRects()) texts.push({ text: node.data.trim(), box, layer });
  }
  const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
  const over = texts.flatMap((one, rank) => texts.slice(rank + 1)
    .filter((other) => one.layer === other.layer
      && shared(one.box, other.box, "left", "right") > 1
      && shared(one.box, other.box, "top", "bottom") > 4)
    .map((other) => `${one.text} sur ${other.text}`));
  return [...out.map((one) => `sort : ${told(one)}`), ...cut.map((one) => `coupé : ${told(one)}`),
    ...over];
})"""
# La part de la hauteur que prennent, au milieu, l'en-tête et le curseur restés en vue.
COVERED = """() => {
  const x = innerWidth / 2;
  const heights = Array.from({ length: Math.floor(innerHeight / 4) }, (_, rank) => 4 * rank);
  const onTop = heights.filter((y) => {
    const top = document.elementFromPoint(x, y);
    const inner = top?.shadowRoot?.elementFromPoint(x, y) ?? top;
    return inner?.closest(".stick, .bd-header-article");
  });
  return onTop.length / heights.length;
}"""


@contextmanager
def moved(browser: Browser, page_name: str) -> Iterator[Page]:
    """Une page dont chaque explorateur a démarré, a été bougé, et se repose."""
    with opened(browser, SITE.as_uri(), page_name, NARROW) as (page, _):
        for slider in started(page):
            slider.fill(slider.get_attribute("max") or "")
            slider.press("ArrowLeft")
        page.wait_for_timeout(500)  # les autres méthodes donnent alors leur exactitude
        yield page


def started(page: Page) -> list[Locator]:
    """Les curseurs de la page, une fois tous ses explorateurs démarrés."""
    for explorer in page.locator(EXPLORERS).all():
        explorer.scroll_into_view_if_needed()
        explorer.locator("input[type=range]").first.wait_for(timeout=20_000)
    return page.locator(f":is({EXPLORERS}) input[type=range]").all()


def faults(page: Page) -> list[str]:
    """Ce que l'on voit de travers, étroit ou très étroit, texte espacé ou non."""
    found = []
    for spaced in ("", SPACED):
        page.evaluate(SPACE, spaced)
        for width, height in (NARROW, NARROW_PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(100)
            told = [f"page : {page.evaluate('document.documentElement.scrollWidth')}"]
            told = [one for one in told if one != f"page : {width}"] + page.evaluate(FAULTS)
            found += [f"{width} px{', espacé' * bool(spaced)} : {one}" for one in told]
    page.evaluate(SPACE, "")
    return found


@every_lesson
def test_moved_explorer_stays_in_its_card(browser: Browser, page_name: str) -> None:
    """Bougé, un explorateur tient dans sa carte à 320 et 360 px, texte espacé ou non."""
    with moved(browser, page_name) as page:
        assert faults(page) == []
        for choice in page.get_by_label("comparer à").all():
            choice.select_option(index=1)
        page.wait_for_timeout(100)
        assert faults(page) == []


@pytest.mark.parametrize(
    "style", [".stat { min-width: 24em; }", ".top { flex-wrap: nowrap; }", ".row { height: 1em; }"]
)
def test_planted_fault_is_seen(browser: Browser, style: str) -> None:
    """Un nombre qui sort de la carte, ou deux textes l'un sur l'autre, sont vus."""
    with moved(browser, LESSONS[0]) as page:
        page.evaluate(SPACE, f"{SPACED} {style}")
        assert page.evaluate(FAULTS) != []


def test_nothing_covers_a_low_window(browser: Browser) -> None:
    """En-tête et curseur laissent toute une fenêtre basse au texte ; ailleurs, le curseur reste."""
    with moved(browser, LESSONS[0]) as page:
        seen = {}
        for width, height in (*LOW, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.locator("pruning-explorer .layers").first.evaluate(
                "(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })"
            )
            seen[width] = page.evaluate(COVERED)
    assert 0.1 < seen.pop(PHONE[0]) < 0.33
    assert set(seen.values()) == {0}


def test_page_reflows_with_spaced_text(phone: Visit) -> None:
    """À 320 px, aucune page ne défile de côté quand son lecteur espace le texte."""
    wear(phone.page, NARROW)
    phone.page.evaluate(SPACE, SPACED)
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    phone.page.evaluate(SPACE, "")
    assert width == NARROW[0]
