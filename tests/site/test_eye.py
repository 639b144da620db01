"""Ce que voit l'œil : rien de coupé sans le dire, rien de couvert, rien d'illisible en sombre."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.site.visits import DESKTOP, LESSONS, PHONE, SITE, Visit, every_lesson, opened, wear

LEAST_CONTRAST = 3  # WCAG 1.4.11, pour ce qui est dessiné
TOUCH = {"has_touch": True, "is_mobile": True}
LESSON = LESSONS[0] if LESSONS else ""
WIDE = "notebooks/8_1_4_comparaison.html"  # les plus larges tableaux

# Une figure telle qu'on la voit : l'écart de son fond à celui de la page, et le pire contraste, en
# sombre, de ce qui en a assez sur du blanc. Le dessin reçoit ici le filtre que lui donne la page.
FIGURES = """([least]) => {
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const paint = (image, filter) => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const pen = canvas.getContext("2d");
    pen.filter = filter;
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const page = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
  return [...document.querySelectorAll("article :is(figure, .cell_output) img")].map((image) => {
    const { filter, padding } = getComputedStyle(image);
    const [drawn, seen] = [paint(image, "none"), paint(image, filter)];
    const colours = new Map(); // une figure en a peu
    const whole = new Uint32Array(drawn.buffer);
    for (let i = 0; i < whole.length; i++) colours.set(whole[i], 4 * i);
    const marked = [...colours.values()].filter(
      (i) => contrast([...drawn.slice(i, i + 3)], [255, 255, 255]) >= least,
    );
    const worst = Math.min(...marked.map((i) => contrast([...seen.slice(i, i + 3)], page)));
    const off = Math.max(...page.map((value, rank) => Math.abs(value - seen[rank])));
    return { source: image.src.split("/").pop(), worst, off, padding };
  });
}"""


@every_lesson
def test_figures_are_readable_in_the_dark(desktop: Visit, page_name: str) -> None:
    """En sombre, le fond d'une figure est celui de la page, et ce qui s'y lisait s'y lit encore."""
    wear(desktop.page, DESKTOP, "dark")
    figures = desktop.page.evaluate(FIGURES, [LEAST_CONTRAST])
    wear(desktop.page, DESKTOP)
    assert figures
    assert [one for one in figures if one["off"] > 1 or one["padding"] != "0px"] == []
    assert [one for one in figures if one["worst"] < LEAST_CONTRAST] == []


# Ce qui déborde de sa boîte, et n'a pas l'ombre qui le dit.
UNTOLD = """() => [...document.querySelectorAll("article *")].filter((one) => {
  const style = getComputedStyle(one);
  // Une formule dans le texte est mesurée sans le MathML caché qu'elle porte.
  const inline = one.matches("span.math");
  const width = inline ? one.querySelector("mjx-math").offsetWidth : one.scrollWidth;
  const cut = one.clientWidth && width > one.clientWidth + 1
    && /auto|scroll|hidden/.test(style.overflowX);
  return cut && one.checkVisibility() && !/local.*scroll/.test(style.backgroundAttachment)
    && !one.closest("mjx-container, .gloses, .toggle-hidden");
}).map((one) => one.outerHTML.slice(0, 120))"""


@every_lesson
def test_what_is_cut_says_so(phone: Visit, page_name: str) -> None:
    """Sur un téléphone, tableau, code et formule trop larges portent une ombre à leur bord."""
    wear(phone.page, PHONE)
    assert phone.page.evaluate(UNTOLD) == []


def pixels(element: Locator) -> np.ndarray:
    """Les niveaux de gris d'un élément, tel qu'il est peint."""
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("L"), dtype=float)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("css", ["div.highlight > pre", ".text_html"])
def test_the_shadow_is_seen_until_the_end(
    browser: Browser, address: str, css: str, scheme: str
) -> None:
    """L'ombre se voit sur ce qui déborde, et quitte un bord quand on y arrive."""
    with opened(browser, address, WIDE, PHONE, color_scheme=scheme) as (page, _):
        blocks = page.locator(f"{css}:visible")
        ranks = blocks.evaluate_all(
            "all => all.flatMap((one, i) => one.scrollWidth > one.clientWidth + 20 ? [i] : [])"
        )
        block = blocks.nth(ranks[0])

        def shadow() -> float:
            columns = np.median(pixels(block), axis=0)
            return float(abs(columns[-3] - np.median(columns)))

        assert shadow() > 25
        block.evaluate("one => one.scrollTo(one.scrollWidth, 0)")
        assert shadow() < 8


COVERED = """() => [...document.querySelectorAll("div.highlight > button.copybtn")]
  .filter((button) => button.checkVisibility() && getComputedStyle(button).opacity > 0)
  .filter((button) => {
    const range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("pre"));
    const own = button.getBoundingClientRect();
    return [...range.getClientRects()].some((line) =>
      line.width && line.right > own.left && line.left < own.right
        && line.bottom > own.top && line.top < own.bottom);
  }).length"""


@pytest.fixture(scope="module")
def touched(browser: Browser, address: str) -> Iterator[Page]:
    """La dernière leçon sur un téléphone, que l'on touche."""
    with opened(browser, address, WIDE, PHONE, **TOUCH) as (page, _):
        yield page


def test_copy_button_covers_no_code(touched: Page) -> None:
    """Au doigt, le bouton de copie se voit toujours, et ne couvre aucune ligne."""
    buttons = touched.locator("div.highlight > button.copybtn")
    assert buttons.count() > 5
    assert float(buttons.first.evaluate("one => getComputedStyle(one).opacity")) > 0.5
    assert touched.evaluate(COVERED) == 0


def test_columns_stay_aligned(touched: Page) -> None:
    """Des colonnes imprimées ne passent pas à la ligne, et défilent ; une phrase, si."""
    spaces = "all => [...new Set(all.map((one) => getComputedStyle(one).whiteSpace))]"
    assert touched.locator(".output pre.aligne").evaluate_all(spaces) == ["pre"]
    assert touched.locator(".output pre:not(.aligne)").evaluate_all(spaces) == ["pre-wrap"]


def test_back_to_top_covers_no_heading(touched: Page) -> None:
    """Remonté vers un titre, « Haut de page » ne le couvre pas."""
    touched.evaluate("scrollTo(0, document.body.scrollHeight)")
    touched.wait_for_timeout(200)
    heading = touched.locator("article section[id] > h2").nth(1)
    heading.evaluate("one => { location.hash = one.parentElement.id; }")
    button = touched.locator("#pst-back-to-top")
    button.wait_for(state="visible")
    top, bottom = heading.bounding_box(), button.bounding_box()
    assert top["y"] >= 0
    assert top["y"] + top["height"] < bottom["y"]
    assert min(bottom["width"], bottom["height"]) >= 44


def test_arrows_and_chevrons_keep_their_size(touched: Page) -> None:
    """Un long texte ne rapetisse ni ne pousse hors de l'écran la flèche ou le chevron d'à côté."""
    widths = "all => [...new Set(all.map((one) => one.getBoundingClientRect().width))]"
    touched.locator(".sd-summary-text").evaluate_all(
        "all => all.forEach((one) => one.append(' mot'.repeat(40)))"
    )
    assert len(touched.locator(".sd-summary-state-marker svg").evaluate_all(widths)) == 1
    for name in LESSONS[:2]:
        touched.goto(touched.url.replace(WIDE, name))
        arrows = touched.locator(".prev-next-area i")
        edges = arrows.evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
        assert len(edges) == 2
        assert max(edges) <= PHONE[0] - 8


def test_last_lesson_has_no_next(address: str) -> None:
    """Chaque leçon mène à la suivante, et la dernière à aucune autre page."""
    for name, following in zip(LESSONS, [*LESSONS[1:], ""], strict=True):
        page = (SITE / name).read_text(encoding="utf-8")
        assert ('class="right-next"' in page) == bool(following), name
        assert not following or f'href="{following.split("/")[1]}"' in page


@pytest.mark.parametrize("width", [390, 700, 1280])
def test_started_explorer_leaves_no_blank(browser: Browser, address: str, width: int) -> None:
    """L'explorateur démarré ne garde pas la place qui l'attendait."""
    with opened(browser, address, LESSON, (width, 900)) as (page, _):
        explorer = page.locator("pruning-explorer").first
        explorer.scroll_into_view_if_needed()
        explorer.locator("input[type=range]").wait_for()
        blank = "one => one.clientHeight - one.shadowRoot.querySelector('.px').offsetHeight"
        assert explorer.evaluate(blank) == 0


def test_transpose_sign_has_its_bar(browser: Browser, address: str) -> None:
    """Sur un écran ordinaire, le signe de transposition n'est pas qu'un trait vertical."""
    page_name = next(name for name in LESSONS if "8_1_3_obs" in name)
    with opened(browser, address, page_name, DESKTOP) as (page, _):
        glyph = page.locator("mjx-c:is(.mjx-c1D5B3, .mjx-c22A4)")  # T sans empattement, ou ⊤
        signs = page.locator("mjx-script").filter(has=glyph)
        bars = [(255 - pixels(signs.nth(rank))).mean(axis=1).max() for rank in range(5)]
    assert min(bars) > 0.37 * 255, bars  # de l'encre, sur toute la largeur ; celle de ⊤ : 0,29
