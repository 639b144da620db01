"""Les diapositives, projetées à 1024 × 768 depuis le disque."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.visits import LESSONS, SITE, Visit, opened

ROOT = Path(__file__).parents[2]
DECKS = [name.replace("notebooks/", "diapositives/") for name in LESSONS]
PROJECTOR = (1024, 768)
every_deck = pytest.mark.parametrize("page_name", DECKS, indirect=True)

# Ce qui dépasse de la diapositive montrée, touche ce qui la commande, ou n'y est plus lisible.
FAULTS = """() => {
  const slide = Reveal.getCurrentSlide();
  const shown = [...slide.querySelectorAll("*")].filter(
    (e) => !e.closest("aside, mjx-container > *, svg > *") && e.getClientRects().length);
  const box = (e) => e.getBoundingClientRect();
  const size = (e) => parseFloat(getComputedStyle(e).fontSize);
  const name = (e) => `${slide.querySelector("h1, h2").textContent} : ${e.tagName} ${
    e.textContent.slice(0, 40)}`;
  const foot = Math.min(...[...document.querySelectorAll(".controls, .slide-number")]
    .map((e) => box(e).top), 708);
  const out = shown.filter((e) => box(e).bottom > foot || box(e).right > 1024 || box(e).top < 0);
  const small = shown.filter((e) => e.matches("figure img, svg") && box(e).height < 220);
  const apart = "table, figure, .partie, .explorateur";
  const tiny = shown.filter((e) => e.matches("p, li") && !e.closest(apart) && size(e) < 22
    || e.matches("pre") && size(e) < 18);
  return [...out, ...small, ...tiny].map(name);
}"""


@pytest.fixture(scope="session")
def projected(browser: Browser, page_name: str) -> Iterator[Visit]:
    """Les diapositives projetées, ouvertes une fois pour qui ne fait que les parcourir."""
    with opened(browser, SITE.as_uri(), page_name, PROJECTOR) as (page, visit):
        page.evaluate("document.fonts.ready")
        yield visit


def walk(page: Page) -> list[str]:
    """Montre chaque diapositive, et rend les fautes de toutes."""
    faults = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(number) => Reveal.slide(number)", number)
        faults += page.evaluate(FAULTS)
    return faults


@every_deck
def test_nothing_overflows(projected: Visit) -> None:
    """Rien n'est coupé, minuscule, ni demandé hors du site."""
    page = projected.page
    assert page.evaluate("Reveal.getTotalSlides()") >= 15
    assert walk(page) == []
    assert projected.errors == []
    assert projected.failures == []
    assert [url for url in projected.requests if not url.startswith(SITE.as_uri())] == []


@every_deck
def test_slides_hold_the_essential(projected: Visit) -> None:
    """Les diapositives ont formules, figures, quiz, et ce qu'il faut retenir."""
    page = projected.page
    titles = page.locator("section > :is(h1, h2)").all_text_contents()
    assert page.locator("section mjx-container").count() > 0
    assert page.locator("section figure img").count() >= 2
    assert "Non." not in page.locator("section").first.inner_text()
    assert titles.count("Quiz") >= 4
    assert titles[-1] == "À retenir"


@every_deck
def test_text_is_not_alone_before_its_figure(projected: Visit) -> None:
    """Une phrase qui annonce une figure est sur la même diapositive."""
    ends = projected.page.locator(".slides section").evaluate_all(
        "(all) => all.map((s) => [...s.children].filter((e) => !e.matches('aside, .liens'))"
        ".at(-1).textContent.trim())"
    )
    assert [end for end in ends if end.endswith(":")] == []


@every_deck
def test_keyboard_advances_without_help_in_english(projected: Visit) -> None:
    """Le clavier avance, et n'ouvre pas l'aide de reveal.js, en anglais."""
    page = projected.page
    page.evaluate("Reveal.slide(0)")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1
    page.keyboard.press("Shift+?")
    assert page.locator(".r-overlay").count() == 0
    assert not page.locator(".speaker-notes").is_visible()


@every_deck
def test_notes_are_on_demand(browser: Browser, page_name: str) -> None:
    """Les explications se montrent à qui les demande."""
    with opened(browser, SITE.as_uri(), f"{page_name}?notes", PROJECTOR) as (page, _):
        last = page.evaluate("Reveal.getTotalSlides()") - 2
        page.evaluate("(number) => Reveal.slide(number)", last)
        notes = page.locator(".speaker-notes")
        assert notes.is_visible()
        assert "Oui." in notes.inner_text()


@every_deck
def test_quiz_shows_its_answer_at_the_next_key(projected: Visit) -> None:
    """La touche suivante montre la réponse, une seule, sur la même diapositive."""
    page, bold = projected.page, "(all) => all.map((e) => getComputedStyle(e).fontWeight >= 700)"
    titles = page.locator("section > :is(h1, h2)").all_text_contents()
    for number in [i for i, title in enumerate(titles) if title == "Quiz"]:
        page.evaluate("(number) => Reveal.slide(number, 0, -1)", number)
        choices = page.locator("section.present > .choix")
        assert choices.count() >= 3
        assert choices.evaluate_all(bold).count(True) == 0
        page.keyboard.press("ArrowRight")
        assert choices.evaluate_all(bold).count(True) == 1
        assert page.evaluate("Reveal.getIndices().h") == number


@every_deck
def test_lesson_is_one_link_away(projected: Visit, page_name: str) -> None:
    """Un lien mène à la leçon, au début et là où est un explorateur."""
    page = projected.page
    page.evaluate("Reveal.slide(0)")
    links = page.locator("a", has_text="Ouvrir la leçon")
    assert links.count() == 1 + page.locator("section:has(.explorateur)").count()
    links.first.click(trial=True)  # rien ne le couvre
    lesson = f"{SITE.as_uri()}/notebooks/{Path(page_name).name}"
    assert links.evaluate_all("(all) => all.map((one) => one.href.split('#')[0])") == (
        [lesson] * links.count()
    )


@every_deck
def test_print_has_margins_and_every_formula(
    projected: Visit, browser: Browser, page_name: str
) -> None:
    """Une diapositive imprimée tient sur sa page, avec ses marges et ses polices."""
    total = projected.page.evaluate("Reveal.getTotalSlides()")
    with opened(browser, SITE.as_uri(), f"{page_name}?print-pdf", PROJECTOR) as (page, _):
        page.wait_for_selector(".pdf-page")
        page.evaluate("document.fonts.ready")
        assert page.locator(".pdf-page").count() == total
        edges = page.locator(".pdf-page").evaluate_all(
            """(pages) => pages.flatMap((page) =>
              [...page.querySelectorAll("section > :not(aside)")].map((e) =>
                [e.getBoundingClientRect().left - page.getBoundingClientRect().left,
                 page.getBoundingClientRect().bottom - e.getBoundingClientRect().bottom]))"""
        )
        assert min(left for left, _ in edges) >= 50
        assert min(bottom for _, bottom in edges) >= 50
        assert page.evaluate("[...document.fonts].every((font) => font.status === 'loaded')")


@every_deck
def test_cells_are_those_of_the_notebook(page_name: str) -> None:
    """Les figures projetées sont celles des cellules marquées du carnet, et d'elles seules."""
    source = ROOT / "notebooks" / f"{Path(page_name).stem}.ipynb"
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    marked = [cell for cell in cells if "slideshow" in cell["metadata"]]
    shown = (SITE / page_name).read_text(encoding="utf-8")
    figures = [
        cell
        for cell in cells
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert shown.count("<figure") == sum(cell in marked for cell in figures)
    assert "diapo" not in (SITE / "notebooks" / Path(page_name).name).read_text(
        encoding="utf-8"
    ).replace("diapositives", "").replace("Diapositives", "")
