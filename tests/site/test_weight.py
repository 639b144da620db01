"""Le poids d'une leçon : ce qu'un serveur qui compresse envoie à qui l'ouvre."""

from __future__ import annotations

import gzip
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import Browser
from visits import LESSONS, PHONE, SITE, opened

# Images à part. L'objectif est 700 ko : restent la police d'icônes, entière (156 ko), et MathJax.
LESSON_LIMIT, DATA_LIMIT = 930_000, 900_000
IMAGES = (".png", ".svg", ".ico")
BIG_DATA = "lenet.js"
WITH_BIG_DATA = [
    name for name in LESSONS if '"source":"lenet"' in (SITE / name).read_text(encoding="utf-8")
]


def transferred(url: str) -> int:
    """Octets d'un fichier du site, compressé si cela l'allège (une police l'est déjà)."""
    content = (SITE / unquote(urlparse(url).path).lstrip("/")).read_bytes()
    return min(len(content), len(gzip.compress(content, compresslevel=6)))


@pytest.mark.parametrize("page_name", LESSONS)
def test_lesson_is_light(visit, page_name: str) -> None:
    """Une leçon, formules et polices comprises, trop lourde pour un téléphone en 3G."""
    urls = {url.split("?")[0] for url in visit("http", page_name).requests}
    sizes = {url: transferred(url) for url in urls if not url.endswith(IMAGES)}
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert any(url.endswith(".html") for url in sizes)
    assert not any(url.endswith(BIG_DATA) for url in sizes)
    assert sum(sizes.values()) < LESSON_LIMIT, heaviest


@pytest.mark.parametrize("page_name", WITH_BIG_DATA)
def test_big_network_comes_on_demand(browser: Browser, address: str, page_name: str) -> None:
    """Les données de LeNet chargées par qui ne descend pas jusqu'à lui, ou trop lourdes."""
    with opened(browser, address, page_name, PHONE) as (page, visit):
        assert not any(url.endswith(BIG_DATA) for url in visit.requests)
        explorers = page.locator("pruning-explorer")
        sources = explorers.evaluate_all(
            "all => all.map((one) => one.textContent.includes('lenet'))"
        )
        big = explorers.nth(sources.index(True))
        big.scroll_into_view_if_needed()
        big.locator(".stat b").first.wait_for(timeout=20_000)
    asked = [url for url in visit.requests if url.endswith(BIG_DATA)]
    assert len(asked) == 1
    assert transferred(asked[0]) < DATA_LIMIT
    assert visit.errors == []
