"""Chaque faute plantée dans une page est vue par la vérification qui la guette.

Les autres fautes sont plantées ailleurs : orthographe, termes et typographie dans
``tests/book/test_language.py``, barrières à la lecture dans ``test_access.py``, script contre la
politique dans ``test_policy.py``, dépenses dans ``test_budget.py``, anatomie d'une leçon dans
``tests/notebooks/test_lessons.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builder.downloads import FOLDER
from playwright.sync_api import Browser, Page

from tests.engines.copying import linked, rewrite
from tests.site.test_pages import interface_faults
from tests.site.test_sources import broken_links, foreign_resources, networks_named
from tests.site.visits import DESKTOP, FACTS, PHONE, SITE, opened

PAGE = "book/reference/notation.html"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Une copie du site, où l'on plante ce que l'on veut."""
    return linked(SITE, tmp_path / "site", without=FOLDER)


def plant(root: Path, found: str, planted: str) -> Path:
    """Remplace un texte de la page, une fois."""
    page = (root / PAGE).resolve()
    text = page.read_text(encoding="utf-8")
    assert found in text
    rewrite(page, text.replace(found, planted, 1))
    return page


@pytest.mark.parametrize(
    "href",
    ["#nulle-part", "glossaire.html#nulle-part", "absente.html", "../../notebooks/absente.html#x"],
)
def test_broken_link_is_seen(copy: Path, href: str) -> None:
    """Un lien vers une ancre ou une page absente est vu."""
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


def facts(page: Page, place: str, planted: str) -> dict[str, Any]:
    """Ce que l'on relève de la page, une fois ce texte planté au début d'un élément."""
    page.locator(place).first.evaluate(
        "(e, html) => e.insertAdjacentHTML('afterbegin', html)", planted
    )
    return dict(page.evaluate(FACTS))


def test_missing_description_is_seen(browser: Browser, address: str) -> None:
    """Une image sans texte de remplacement est vue."""
    with opened(browser, address, PAGE, DESKTOP) as (page, _):
        planted = '<img src="../../_static/favicon.ico">'
        assert len(facts(page, "article", planted)["unnamed"]) == 1


def test_english_is_seen(browser: Browser, address: str) -> None:
    """Un texte anglais est vu, même s'il n'est dans aucune liste de textes connus."""
    planted = {
        "Open settings": '<button aria-label="Open settings">+</button>',
        "Reset": "<button>Reset</button>",
        "Jump ahead": '<a href="#" title="Jump ahead">≫</a>',
        "Type here": '<input placeholder="Type here" aria-label="Mot">',
        "Last updated": "<p>Last updated yesterday</p>",
    }
    with opened(browser, address, PAGE, DESKTOP) as (page, _):
        for text, tag in planted.items():
            page.locator("#planted").evaluate_all("all => all.forEach((one) => one.remove())")
            told = facts(page, "body", f'<div id="planted">{tag}</div>')
            assert interface_faults(told), text


def test_wide_table_is_seen(browser: Browser, address: str) -> None:
    """Une page que l'on doit pousser de côté sur un téléphone est vue."""
    with opened(browser, address, PAGE, PHONE) as (page, _):
        planted = '<div style="width:900px">large</div>'
        assert facts(page, "article", planted)["width"] > PHONE[0]
