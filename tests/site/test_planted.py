"""Chaque faute plantée dans une page est vue par la vérification qui la guette.

Les autres fautes sont plantées ailleurs : orthographe, termes et typographie dans
``tests/book/test_language.py``, script contre la politique dans ``test_policy.py``, dépenses dans
``test_budget.py``, anatomie d'une leçon dans ``tests/notebooks/test_lessons.py``.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.site.test_pages import interface_faults
from tests.site.test_sources import broken_links, foreign_resources, networks_named
from tests.site.visits import DESKTOP, FACTS, PHONE, SITE, opened, served

PAGE = "book/reference/notation.html"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Une copie du site, où l'on plante ce que l'on veut."""
    shutil.copytree(SITE, tmp_path / "site")
    return tmp_path / "site"


def plant(root: Path, found: str, planted: str) -> Path:
    """Remplace un texte de la page, une fois."""
    page = (root / PAGE).resolve()
    text = page.read_text(encoding="utf-8")
    assert found in text
    page.write_text(text.replace(found, planted, 1), encoding="utf-8")
    return page


@pytest.mark.parametrize(
    "href",
    ["#nulle-part", "glossaire.html#nulle-part", "absente.html", "../../notebooks/absente.html#x"],
)
def test_broken_link_is_seen(copy: Path, href: str) -> None:
    """Une ancre ou une page absente est vue."""
    page = plant(copy, "</article>", f'<a href="{href}">là</a></article>')
    assert broken_links(page) == [href]


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdn.jsdelivr.net/x.js"></script>',
        '<link rel="stylesheet" href="https://cdn.jsdelivr.net/x.css">',
        '<img src="//cdn.jsdelivr.net/x.png" alt="x">',
    ],
)
def test_foreign_resource_is_seen(copy: Path, tag: str) -> None:
    """Un fichier pris sur un CDN est vu."""
    page = plant(copy, "</head>", f"{tag}</head>")
    assert len(foreign_resources(page)) == 1
    assert networks_named(page) == ["jsdelivr"]


def facts_of(browser: Browser, root: Path, size: tuple[int, int]) -> dict[str, Any]:
    with served(root) as address, opened(browser, address, PAGE, size) as (page, _):
        return page.evaluate(FACTS)


def test_missing_description_is_seen(browser: Browser, copy: Path) -> None:
    """Une image sans description est vue."""
    plant(copy, "</article>", '<img src="../../_static/favicon.ico"></article>')
    assert len(facts_of(browser, copy, DESKTOP)["unnamed"]) == 1


@pytest.mark.parametrize(
    "tag",
    [
        '<button aria-label="Open settings">+</button>',
        "<button>Reset</button>",
        '<a href="#" title="Jump ahead">≫</a>',
        '<input placeholder="Type here" aria-label="Mot">',
        "<p>Last updated yesterday</p>",
    ],
)
def test_english_is_seen(browser: Browser, copy: Path, tag: str) -> None:
    """Un texte anglais est vu, même inconnu."""
    plant(copy, "<main", f"<div>{tag}</div><main")
    assert interface_faults(facts_of(browser, copy, DESKTOP))


def test_wide_table_is_seen(browser: Browser, copy: Path) -> None:
    """Une page que l'on devrait pousser de côté est vue."""
    plant(copy, "</article>", '<div style="width:900px">large</div></article>')
    assert facts_of(browser, copy, PHONE)["width"] > PHONE[0]


def test_faint_text_is_seen(browser: Browser, copy: Path) -> None:
    """Un texte trop pâle est vu."""
    plant(copy, "</article>", '<p style="color:#ccc;background:#fff">pâle</p></article>')
    with served(copy) as address, opened(browser, address, PAGE, DESKTOP) as (page, _):
        violations = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in violations] == ["color-contrast"]
