"""Les diapositives, projetées à 1024 × 768 depuis le disque."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from visits import LESSONS, SITE, opened

ROOT = Path(__file__).parents[2]
DECKS = [name.replace("notebooks/", "diapositives/") for name in LESSONS]
PROJECTOR = (1024, 768)
every_deck = pytest.mark.parametrize("deck", DECKS)

# Ce qui dépasse de la diapositive montrée, ou qui n'y est plus lisible.
FAULTS = """() => {
  const slide = Reveal.getCurrentSlide();
  const shown = [...slide.querySelectorAll("*")].filter(
    (e) => !e.closest("aside, mjx-container > *") && e.getClientRects().length);
  const box = (e) => e.getBoundingClientRect();
  const name = (e) => `${slide.querySelector("h1, h2").textContent} : ${e.tagName} ${
    e.textContent.slice(0, 40)}`;
  const out = shown.filter((e) => box(e).bottom > 768 || box(e).right > 1024 || box(e).top < 0);
  const small = shown.filter((e) => e.matches("figure img") && box(e).height < 220);
  return [...out, ...small].map(name);
}"""


def walk(page: Page) -> list[str]:
    """Montre chaque diapositive, et rend les fautes de toutes."""
    faults = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(number) => Reveal.slide(number)", number)
        faults += page.evaluate(FAULTS)
    return faults


@every_deck
def test_nothing_overflows(browser: Browser, deck: str) -> None:
    """Une diapositive coupée en bas, ou une figure réduite à une vignette."""
    with opened(browser, SITE.as_uri(), deck, PROJECTOR) as (page, visit):
        page.evaluate("document.fonts.ready")
        assert page.evaluate("Reveal.getTotalSlides()") >= 15
        assert walk(page) == []
    assert visit.errors == []
    assert visit.failures == []
    assert [url for url in visit.requests if not url.startswith(SITE.as_uri())] == []


@every_deck
def test_slides_hold_the_essential(browser: Browser, deck: str) -> None:
    """Des diapositives sans formule, sans figure, sans quiz ou sans ce qu'il faut retenir."""
    with opened(browser, SITE.as_uri(), deck, PROJECTOR) as (page, _):
        titles = page.locator("section > :is(h1, h2)").all_text_contents()
        assert page.locator("section mjx-container").count() > 0
        assert page.locator("section figure img").count() > 2
        assert "Non." not in page.locator("section").first.inner_text()
    assert titles.count("Quiz") >= 4
    assert titles[-1] == "À retenir"


@every_deck
def test_keyboard_advances_and_notes_are_on_demand(browser: Browser, deck: str) -> None:
    """Des diapositives figées, ou les réponses du quiz montrées à la classe."""
    with opened(browser, SITE.as_uri(), deck, PROJECTOR) as (page, _):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.getIndices().h") == 1
        assert not page.locator(".speaker-notes").is_visible()
    with opened(browser, SITE.as_uri(), f"{deck}?notes", PROJECTOR) as (page, _):
        last = page.evaluate("Reveal.getTotalSlides()") - 2
        page.evaluate("(number) => Reveal.slide(number)", last)
        notes = page.locator(".speaker-notes")
        assert notes.is_visible()
        assert "Oui." in notes.inner_text()


@every_deck
def test_cells_are_those_of_the_notebook(deck: str) -> None:
    """Une cellule marquée qui n'est pas projetée, ou une autre qui l'est."""
    source = ROOT / "notebooks" / f"{Path(deck).stem}.ipynb"
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    marked = [cell for cell in cells if "slideshow" in cell["metadata"]]
    shown = (SITE / deck).read_text(encoding="utf-8")
    figures = [
        cell
        for cell in cells
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert shown.count("<figure") == sum(cell in marked for cell in figures)
    assert "diapo" not in (SITE / "notebooks" / Path(deck).name).read_text(
        encoding="utf-8"
    ).replace("diapositives", "").replace("Diapositives", "")
