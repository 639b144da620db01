"""La politique de sécurité des pages : elle tient, et rien de ce que fait le site ne la heurte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.visits import DESKTOP, LEADS, LESSONS, PAGES, SITE, Visit, opened, served

DOORS = ("http", "file")
both_doors = pytest.mark.parametrize("door", DOORS)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
LESSON = LESSONS[0] if LESSONS else ""
PLANTED = """
<script>document.documentElement.dataset.planted = "script";</script>
<button id="planted" onclick="document.documentElement.dataset.planted = 'handler'">?</button>
<script src="data:text/javascript,document.documentElement.dataset.planted='data'"></script>
</body>"""


def test_page_obeys_its_policy(visit: Visit) -> None:
    """Une page a sa politique, qui n'en refuse ni script, ni style, ni police."""
    assert visit.facts["policies"] == 1
    assert visit.facts["refusals"] == []


def test_policy_is_one_and_strict() -> None:
    """Toutes les pages ont la même politique : aucun script écrit sur place, rien d'ailleurs.

    Celles que l'on met dans un cadre ont la leur (test_framed.py).
    """
    pages = [name for name in [*PAGES, *LEADS] if not name.startswith("explorateurs/")]
    (policy,) = {
        told for name in pages for told in POLICY.findall((SITE / name).read_text("utf-8"))
    }
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["script-src"] == directives["default-src"] == "'self'"
    assert directives["object-src"] == directives["base-uri"] == "'none'"
    assert not any(word in policy for word in ("http", "*", "unsafe-eval", "unsafe-hashes"))


@both_doors
def test_planted_script_is_refused(browser: Browser, tmp_path: Path, door: str) -> None:
    """Un script glissé dans une copie d'une leçon ne s'exécute pas."""
    lesson = (SITE / LESSON).read_text(encoding="utf-8")
    (tmp_path / "copie.html").write_text(lesson.replace("</body>", PLANTED), encoding="utf-8")
    with served(tmp_path) as address:
        base = address if door == "http" else tmp_path.as_uri()
        with opened(browser, base, "copie.html", DESKTOP) as (page, _):
            page.locator("#planted").dispatch_event("click")
            refusals = page.evaluate("refusals")
            planted = page.evaluate("document.documentElement.dataset.planted")
    assert planted is None
    kinds = sorted(refusal.rsplit(" ", 1)[0].strip() for refusal in refusals)
    assert [kind.split(" : ")[0] for kind in kinds] == [
        "script-src-attr",
        "script-src-elem",
        "script-src-elem",
    ]


def copy_code(page: Page) -> None:
    code = page.locator("div.highlight:visible").first
    code.hover()
    code.locator("button.copybtn").click()
    code.locator("button[data-tooltip='Copié !']").wait_for(timeout=5_000)


def show_solution(page: Page) -> None:
    page.locator("button.toggle-button").first.click()
    page.locator("button.toggle-button:not(.toggle-button-hidden)").first.wait_for()


def change_theme(page: Page) -> None:
    before = page.evaluate("document.documentElement.dataset.mode")
    page.locator(".theme-switch-button:visible").first.click()
    assert page.evaluate("document.documentElement.dataset.mode") != before


def go_full_screen(page: Page) -> None:
    page.locator(".btn-fullscreen-button:visible").first.click()
    page.wait_for_function("document.fullscreenElement !== null", timeout=5_000)


def search(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("saillance")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for(timeout=10_000)


@both_doors
def test_every_control_works(browser: Browser, address: str, door: str) -> None:
    """Les boutons du thème et la recherche marchent, sans que la politique refuse rien."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, LESSON, DESKTOP) as (page, _):
        for act in (copy_code, show_solution, change_theme, go_full_screen, search):
            act(page)
            assert page.evaluate("refusals") == []


@both_doors
def test_big_network_is_fetched(browser: Browser, address: str, door: str) -> None:
    """L'explorateur peut demander les données de LeNet."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, "notebooks/8_1_4_comparaison.html", DESKTOP) as (page, visit):
        explorers = page.locator("pruning-explorer")
        texts = explorers.evaluate_all("all => all.map((one) => one.textContent)")
        big = explorers.nth(next(i for i, text in enumerate(texts) if "lenet" in text))
        big.scroll_into_view_if_needed()
        big.locator(".stat b").first.wait_for(timeout=20_000)
        assert page.evaluate("refusals") == []
    assert any(url.endswith("lenet.js") for url in visit.requests)


@both_doors
def test_browser_keeps_only_what_is_told(browser: Browser, address: str, door: str) -> None:
    """Le navigateur ne garde que ce que le site dit, et aucun cookie."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, LESSON, DESKTOP) as (page, _):
        change_theme(page)
        page.locator("pruning-explorer input[type=range]").first.press("ArrowRight")
        page.locator("input[data-exercice]").first.check()
        search(page)
        page.locator("#search-results li a").first.click()
        page.locator("article h1").first.wait_for()
        kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        cookies = page.context.cookies()
    told = (SITE / "book/reference/confiance.html").read_text(encoding="utf-8")
    assert {"mode", "elagage-avancement"} <= set(kept)
    assert [key for key in kept if f'<span class="pre">{key}</span>' not in told] == []
    assert cookies == []
