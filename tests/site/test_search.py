"""La recherche et la page d'entrée, comme un lecteur s'en sert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from french_search import fold
from playwright.sync_api import Browser

from tests.site.visits import DESKTOP, LESSONS, SITE, opened

GLOSSARY = Path(__file__).parents[2] / "book/reference/glossaire.md"
# Les pages que trouve chaque demande, la meilleure d'abord.
FIND = """(asked) => asked.map((one) =>
  Search._performSearch(...Search._parseQuery(one)).reverse().map((found) => found[0]))"""


# Depuis le disque, Sphinx ne peut pas lire les pages pour en montrer un extrait : liens seuls.
@pytest.mark.parametrize("door", ["http", "file"])
def test_search_finds_the_lesson(browser: Browser, address: str, door: str) -> None:
    """La recherche trouve la leçon, même depuis le disque."""
    base = address if door == "http" else SITE.as_uri()
    with opened(browser, base, "search.html?q=magnitude", DESKTOP) as (page, visit):
        link = page.locator("#search-results a[href*='8_1_1_magnitude']").first
        link.wait_for(timeout=10_000)
    assert visit.failures == []
    assert visit.errors == []


def found(browser: Browser, asked: list[str], base: str = "") -> dict[str, list[str]]:
    with opened(browser, base or SITE.as_uri(), "search.html", DESKTOP) as (page, visit):
        pages = page.evaluate(FIND, asked)
    assert visit.errors == []
    return dict(zip(asked, pages, strict=True))


def test_search_finds_a_lesson_by_its_number(browser: Browser) -> None:
    """Un numéro de leçon mène d'abord à elle, ou à elles ; celui d'une partie, à toutes."""
    lessons: dict[str, set[str]] = {}
    for name in LESSONS:
        if numbered := re.match(r"notebooks/([\d_]+)_", name):
            number = numbered[1].replace("_", ".")
            lessons.setdefault(number, set()).add(name.removesuffix(".html"))
    assert len(lessons) > 4
    for number, names in lessons.items():
        asked = [number, f"leçon {number}", f"« {number} »."]
        first, second, quoted = found(browser, asked).values()
        assert set(first[: len(names)]) == names, number
        assert set(second[: len(names)]) == names, number
        assert names <= set(quoted[:5]), number
    (whole,) = found(browser, ["8.1"]).values()
    assert set().union(*lessons.values()) <= set(whole)


@pytest.mark.parametrize("word", ["constructor", "__proto__", "toString", "hasOwnProperty"])
def test_search_survives_the_words_of_javascript(browser: Browser, word: str) -> None:
    """Un mot que JavaScript connaît se cherche comme un autre, sans rien trouver de faux."""
    with opened(browser, SITE.as_uri(), f"search.html?q={word}", DESKTOP) as (page, visit):
        page.locator(".search-summary:not(:empty)").wait_for(timeout=10_000)
        assert page.locator("#search-results li").count() == 0
    assert visit.errors == []


def terms() -> list[tuple[str, str]]:
    """Chaque terme du glossaire, et son nom anglais."""
    text = GLOSSARY.read_text(encoding="utf-8")
    return re.findall(r"^(\S.*)\n  \*([^*]+)\*", text, re.MULTILINE)


def plural(word: str) -> str:
    if len(word) < 4 or word[0].isupper() or word[-1] in "sxz":  # un nom propre est invariable
        return word
    if word.endswith("al"):
        return word[:-1] + "ux"
    return word + ("x" if word.endswith(("eau", "au")) else "s")


def test_search_finds_every_term_of_the_glossary(browser: Browser) -> None:
    """Chaque terme se trouve sans accents, au pluriel, et par son nom anglais."""
    forms = {form for term, english in terms() for form in (term, fold(term), english)}
    forms |= {" ".join(map(plural, term.split())) for term, _ in terms()}
    assert len(forms) > 100
    missed = [asked for asked, pages in found(browser, sorted(forms)).items() if not pages]
    assert missed == []


@pytest.mark.parametrize("door", ["http", "file"])
def test_root_opens_the_home_page(browser: Browser, address: str, door: str) -> None:
    """L'adresse racine ouvre le cours."""
    base = address if door == "http" else SITE.as_uri()
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{base}/index.html")
        page.wait_for_url("**/book/index.html", timeout=10_000)
        assert page.locator("article h1").inner_text().startswith("Élaguer")
