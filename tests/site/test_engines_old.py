"""Un navigateur trop ancien montre le tableau de l'explorateur, jamais un blanc."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builder.downloads import FOLDER
from playwright.sync_api import Browser, Page, expect

from tests.engines.copying import linked, rewrite
from tests.site.visits import DESKTOP, LESSONS, SITE

LESSON = LESSONS[0] if LESSONS else ""
TABLE = "pruning-explorer .pruning-static table"
# Ce qu'un navigateur d'avant les versions annoncées n'a pas.
LACKS = ("customElements", "IntersectionObserver", "ResizeObserver", "ImageData")


@contextmanager
def old(browser: Browser, site: Path, script: str = "") -> Iterator[Page]:
    """La leçon, comme l'ouvre un navigateur à qui il manque quelque chose."""
    with browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}) as context:
        page = context.new_page()
        page.add_init_script(script)
        page.goto(f"{site.as_uri()}/{LESSON}")
        yield page


def is_readable(page: Page) -> None:
    """Le tableau se montre, il dit quoi faire, et la leçon est là."""
    page.locator("pruning-explorer").first.scroll_into_view_if_needed()
    expect(page.locator(TABLE).first).to_be_visible(timeout=15_000)
    expect(page.locator("pruning-explorer .pruning-static p").first).to_contain_text("JavaScript")
    assert page.locator("article h1").is_visible()
    assert page.locator("article p").count() > 20


@pytest.mark.parametrize("missing", LACKS)
def test_what_is_missing_does_not_leave_a_blank(browser: Browser, missing: str) -> None:
    """Sans une de ces fonctions, la page montre le tableau."""
    with old(
        browser, SITE, f"Object.defineProperty(window, '{missing}', {{ value: undefined }});"
    ) as page:
        is_readable(page)


@pytest.mark.parametrize("text", ["class A { #b = 1; ??? }", ""], ids=["unparsed", "absent"])
def test_script_that_cannot_be_read_does_not_leave_a_blank(
    browser: Browser, tmp_path: Path, text: str
) -> None:
    """Un script que le navigateur ne comprend pas, ou n'a pas reçu, laisse place au tableau."""
    site = linked(SITE, tmp_path / "site", without=FOLDER)
    for script in ("explorer.js", "opening.js", "appearance.js", "hints.js"):
        rewrite(site / "_static" / script, text)
    with old(browser, site) as page:
        is_readable(page)
