"""L'avancement du lecteur, dans un vrai navigateur : gardé, montré, effacé, jamais gênant."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site.visits import DESKTOP, LESSONS, PHONE, SITE, opened

KEY = "elagage-avancement"
HOME = "book/index.html"
LESSON = LESSONS[0] if LESSONS else ""
DOORS = ("http", "file")
both_doors = pytest.mark.parametrize("door", DOORS)
BOX = "input[data-exercice]"
# Le navigateur d'un lecteur qui refuse tout stockage.
REFUSE = """Object.defineProperty(window, "localStorage",
  { get() { throw new DOMException("non", "SecurityError"); }, configurable: true });"""
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((one) => one.value)))
  .observe({ type: "layout-shift", buffered: true });"""


def kept(page: Page) -> dict[str, dict[str, list[str]]]:
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')") or "{}")


def scroll_to_end_of(page: Page, section: str) -> None:
    page.evaluate(
        "(id) => document.getElementById(id).lastElementChild.scrollIntoView({ block: 'end' })",
        section,
    )


def sections(page: Page) -> dict[str, float]:
    return json.loads(page.locator(".avancement").get_attribute("data-sections") or "{}")


def base_of(door: str, address: str) -> str:
    return address if door == "http" else SITE.as_uri()


@both_doors
def test_done_exercise_stays_done(browser: Browser, address: str, door: str) -> None:
    """Une coche reste quand on recharge la page, et l'accueil la compte."""
    base = base_of(door, address)
    with opened(browser, base, LESSON, DESKTOP) as (page, visit):
        page.locator(BOX).first.check()
        page.reload()
        expect(page.locator(BOX).first).to_be_checked()
        expect(page.locator(BOX).nth(1)).not_to_be_checked()
        page.goto(f"{base}/{HOME}")
        expect(page.locator(".faits").first).to_have_text("1")
        expect(page.locator(".faits").nth(1)).to_have_text("0")
        assert visit.errors == []
        assert all(url.startswith(base) for url in visit.requests)


def test_checkbox_answers_to_the_keyboard(browser: Browser, address: str) -> None:
    """Une case se coche au clavier, dit son exercice, et suffit à un doigt."""
    with opened(browser, address, LESSON, PHONE) as (page, _):
        box = page.locator(BOX).nth(1)
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
        expect(page.get_by_role("checkbox", name=re.compile("^Fait : Exercice 2"))).to_be_checked()
        for label in page.locator("label.fait").all():
            size = label.bounding_box()
            assert size is not None
            assert size["width"] >= 44 <= size["height"]
            title = label.locator("xpath=..").bounding_box()
            assert title is not None
            assert size["y"] + size["height"] <= title["y"] + title["height"] + 1


@both_doors
def test_read_section_shortens_the_time_left(browser: Browser, address: str, door: str) -> None:
    """Lire une section raccourcit le temps restant, et cela se garde."""
    with opened(browser, base_of(door, address), LESSON, DESKTOP) as (page, _):
        durations = sections(page)
        name = max(durations, key=lambda one: durations[one])
        expect(page.locator(".avancement .lu")).to_have_text("0")
        before = page.locator(".avancement .reste").inner_text()
        scroll_to_end_of(page, name)
        expect(page.locator(".avancement .lu")).not_to_have_text("0")
        share = int(page.locator(".avancement .lu").inner_text())
        assert share >= int(100 * durations[name] / sum(durations.values()))
        assert page.locator(".avancement .reste").inner_text() != before
        read = kept(page)[LESSON.removesuffix(".html")]["read"]
        assert name in read
        page.reload()
        expect(page.locator(".avancement .lu")).not_to_have_text("0")


def test_glimpsed_section_is_not_read(browser: Browser, address: str) -> None:
    """Une section à peine vue n'est pas lue."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        page.wait_for_timeout(300)  # l'observateur attend un moment de repos
        for name in sections(page):
            scroll_to_end_of(page, name)
            page.wait_for_timeout(50)
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(1_300)
        assert len(kept(page).get(LESSON.removesuffix(".html"), {}).get("read", [])) <= 1


def test_whole_lesson_is_a_hundred_per_cent(browser: Browser, address: str) -> None:
    """Une leçon finie est à 100 %, et il reste 0 minute."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        everything = {LESSON.removesuffix(".html"): {"read": list(sections(page)), "done": []}}
        page.evaluate(f"(all) => localStorage.setItem('{KEY}', JSON.stringify(all))", everything)
        page.reload()
        expect(page.locator(".avancement .lu")).to_have_text("100")
        expect(page.locator(".avancement .encore")).not_to_be_visible()
        page.goto(f"{address}/{HOME}")
        expect(page.locator(".avancements .reste").first).to_have_text("0\u00a0min")


def test_reset_erases_everything(browser: Browser, address: str) -> None:
    """Effacer demande d'abord, puis efface tout."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        page.locator(BOX).first.check()
        page.goto(f"{address}/{HOME}")
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.locator(".effacer").click()
        expect(page.locator(".faits").first).to_have_text("1")
        page.once("dialog", lambda dialog: dialog.accept())
        page.locator(".effacer").click()
        expect(page.locator(".faits").first).to_have_text("0")
        assert page.evaluate(f"localStorage.getItem('{KEY}')") is None


def test_two_pages_do_not_overwrite_each_other(browser: Browser, address: str) -> None:
    """Une leçon ouverte deux fois garde les coches des deux pages."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        other = page.context.new_page()
        other.goto(page.url)
        page.locator(BOX).first.check()
        # Deux processus : sur une machine chargée, l'un apprend tard ce qu'écrit l'autre.
        expect(other.locator(BOX).first).to_be_checked()
        other.locator(BOX).nth(1).check()
        expect(page.locator(BOX).nth(1)).to_be_checked()
        assert len(kept(page)[LESSON.removesuffix(".html")]["done"]) == 2


def test_broken_memory_is_forgotten(browser: Browser, address: str) -> None:
    """Une mémoire écrite par autre chose est oubliée, et la leçon marche."""
    with opened(browser, address, LESSON, DESKTOP) as (page, visit):
        for broken in ("{", "3", "null", '{"x": 1}', '[{"read": 0}]'):
            page.evaluate(f"(text) => localStorage.setItem('{KEY}', text)", broken)
            page.reload()
            page.locator(BOX).first.check()
            page.reload()
            expect(page.locator(BOX).first).to_be_checked()
        assert visit.errors == []


@both_doors
def test_refused_memory_breaks_nothing(browser: Browser, address: str, door: str) -> None:
    """Sans mémoire, la leçon marche, et dit une seule fois que rien n'est gardé."""
    base = base_of(door, address)
    with opened(browser, base, HOME, DESKTOP) as (page, visit):
        page.add_init_script(REFUSE)
        visit.errors.clear()
        page.goto(f"{base}/{LESSON}")
        expect(page.locator(".refus")).to_have_count(0)
        page.locator(BOX).first.check()
        page.locator(BOX).nth(1).check()
        expect(page.locator(".refus")).to_have_count(1)
        expect(page.locator(".refus")).to_contain_text("ne garde rien")
        expect(page.locator(BOX).first).to_be_checked()
        page.goto(f"{base}/{HOME}")
        expect(page.locator(".garde")).to_contain_text("ne garde rien")
        assert door == "file" or visit.errors == []


def without_script(browser: Browser) -> BrowserContext:
    return browser.new_context(java_script_enabled=False)


@pytest.mark.parametrize("page_name", [HOME, LESSON])
def test_nothing_shows_without_script(browser: Browser, address: str, page_name: str) -> None:
    """Sans JavaScript, ni case ni avancement."""
    with without_script(browser) as context:
        page = context.new_page()
        page.goto(f"{address}/{page_name}")
        for css in (".avancement", ".avancements", "label.fait"):
            assert (
                page.locator(css).evaluate_all("all => all.some((e) => e.checkVisibility())")
                is False
            )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page_name", [HOME, LESSON])
def test_progress_shifts_nothing(browser: Browser, address: str, page_name: str, size) -> None:
    """L'avancement gardé arrive sans pousser le texte."""
    done = {LESSON.removesuffix(".html"): {"read": ["la-question"], "done": ["exo-magnitude-main"]}}
    with opened(browser, address, page_name, size) as (page, _):
        page.evaluate(f"(all) => localStorage.setItem('{KEY}', JSON.stringify(all))", done)
        page.add_init_script(SHIFTS)
        page.reload()
        page.wait_for_timeout(1_500)
        assert page.locator(".lu").first.inner_text() != "0"
        assert sum(page.evaluate("shifts")) < 0.01


def test_scripts_are_small() -> None:
    """Ces conforts pèsent moins de 8 Ko chacun."""
    for name in ("progress.js", "hints.js"):
        assert (SITE / "_static" / name).stat().st_size < 8_000
