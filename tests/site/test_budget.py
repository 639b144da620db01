"""Le budget de vitesse, page par page ; et chaque dépense plantée est vue."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from builder.downloads import FOLDER
from PIL import Image
from playwright.sync_api import Browser

from tests.engines.copying import linked, rewrite
from tests.site.budget import LESSON, PAGE, SEARCH, overruns, spending, used_shares
from tests.site.visits import DESKTOP, KINDS, LESSONS, PAGES, PHONE, SITE, served

BIG_DATA = ("lenet.js", "words.js")  # seulement pour qui descend jusqu'à eux
POOR = "book/reference/changements.html"


# Chaque page, comme on l'ouvre ; celles que l'on met dans un cadre ont le leur (test_framed.py).
BUDGETS = {
    **{name: PAGE for name in PAGES if not name.startswith("explorateurs/")},
    **dict.fromkeys(LESSONS, LESSON),
    "search.html": SEARCH,
}
# Les scripts de la recherche y servent, sans résultat à aller lire.
OPENED_AS = {"search.html": "search.html?q=introuvable"}


# Les mêmes fichiers à toute taille : en grand, une page de chaque sorte suffit.
@pytest.mark.parametrize(
    ("page_name", "size"),
    [*((name, PHONE) for name in BUDGETS), *((name, DESKTOP) for name in KINDS if name in BUDGETS)],
    ids=lambda one: str(one[0]) if isinstance(one, tuple) else one,
)
def test_page_keeps_its_budget(
    browser: Browser, address: str, page_name: str, size: tuple[int, int]
) -> None:
    """Une page est légère, vite affichée, et ne bouge pas sous les yeux."""
    spent = spending(browser, address, SITE, OPENED_AS.get(page_name, page_name), size)
    assert list(overruns(spent, BUDGETS[page_name])) == []
    assert any(url.endswith(page_name) for url in spent.files)
    assert len(spent.blocking) > 1
    assert not any(url.endswith(BIG_DATA) for url in spent.files)


def add(root: Path, found: str, added: str) -> None:
    page = root / POOR
    text = page.read_text(encoding="utf-8")
    assert found in text
    rewrite(page, text.replace(found, added + found, 1))


def oversize_image(root: Path) -> None:
    noise = Image.frombytes("RGB", (400, 400), os.urandom(3 * 400 * 400))
    noise.save(root / "bruit.png")
    add(root, "</article>", '<img src="../../bruit.png" alt="Du bruit" width="100" height="100">')


def blocking_script(root: Path) -> None:
    words = os.urandom(60_000).hex()  # ne se compresse que de moitié
    (root / "lent.js").write_text(f'"{words}";', encoding="utf-8")
    add(root, "</head>", '<script src="../../lent.js"></script>')


def unused_script(root: Path) -> None:
    (root / "dormant.js").write_text("function never() { return 1; }\n" * 50, encoding="utf-8")
    add(root, "</head>", '<script defer src="../../dormant.js"></script>')


def layout_shift(root: Path) -> None:
    late = """setTimeout(() => {
      const banner = document.createElement("div");
      banner.style.height = "400px";
      document.querySelector("article").prepend(banner);
    }, 100);"""
    (root / "tardif.js").write_text(late, encoding="utf-8")
    add(root, "</head>", '<script defer src="../../tardif.js"></script>')


def many_elements(root: Path) -> None:
    add(root, "</article>", "<p>" + "<i></i>" * 6_000 + "</p>")


def many_files(root: Path) -> None:
    for rank in range(20):
        (root / f"point{rank}.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', encoding="utf-8"
        )
    images = (f'<img src="../../point{rank}.svg" alt="Un point">' for rank in range(20))
    add(root, "</article>", "".join(images))


PLANTED = {
    oversize_image: ["octets :", "image trop grande : bruit.png, 400 pixels pour 100"],
    blocking_script: ["octets qui retardent l'affichage"],
    unused_script: ["script inutile : dormant.js"],
    layout_shift: ["décalage"],
    many_elements: ["éléments"],
    many_files: ["fichiers"],
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_planted_expense_is_seen(
    browser: Browser, tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    """Chaque dépense plantée dépasse le budget, et se dit."""
    root = tmp_path / "site"
    linked(SITE, root, without=FOLDER)
    plant(root)
    with served(root) as address:
        told = list(overruns(spending(browser, address, root, POOR, DESKTOP), PAGE))
    for expected in PLANTED[plant]:
        assert any(fault.startswith(expected) for fault in told), told


def test_nested_ranges_are_read_from_wide_to_narrow(tmp_path: Path) -> None:
    """Une fonction jamais appelée ne compte pas, même dans un fichier employé."""
    (tmp_path / "a.js").write_text("é23456789😀", encoding="utf-8")
    ranges = [(0, 11, 1), (2, 7, 0), (3, 4, 2)]
    function = {
        "ranges": [{"startOffset": a, "endOffset": b, "count": n} for a, b, n in ranges],
    }
    covered = [{"url": "http://x/a.js?v=1", "functions": [function]}]
    assert used_shares(tmp_path, covered) == {"http://x/a.js": 7 / 11}
