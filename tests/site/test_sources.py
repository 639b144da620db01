"""Le texte des pages, sans navigateur : liens, ancres, adresses."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from tests.site.visits import PAGES, SITE

every_page = pytest.mark.parametrize("page_name", PAGES)


class Links(HTMLParser):
    """Identifiants, liens et ressources d'une page."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.resources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.anchors.append(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") != "canonical":
            self.resources.append(values.get("href", ""))
        elif "src" in values:
            self.resources.append(values["src"])


@cache
def links_of(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def internal(page: Path, href: str) -> tuple[Path, str] | None:
    """Fichier et ancre que vise un lien du site ; None si le lien en sort."""
    if urlsplit(href).scheme or href.startswith("//"):
        return None
    target, anchor = urldefrag(href)
    file = (page.parent / unquote(urlsplit(target).path)).resolve() if target else page
    return file, unquote(anchor)


def broken_links(page: Path) -> list[str]:
    """Liens internes d'une page dont le fichier, ou l'ancre, n'existe pas."""
    broken = []
    for href in links_of(page).links:
        if (target := internal(page, href)) is None:
            continue
        file, anchor = target
        known = file.is_file() and (
            not anchor or file.suffix != ".html" or anchor in links_of(file).anchors
        )
        if not known:
            broken.append(href)
    return broken


def foreign_resources(page: Path) -> list[str]:
    """Scripts, styles et images d'une page qui ne sont pas des fichiers du site."""
    targets = {url: internal(page, url) for url in links_of(page).resources if url[:5] != "data:"}
    return [url for url, target in targets.items() if not (target and target[0].is_file())]


def networks_named(page: Path) -> list[str]:
    """Réseaux de diffusion nommés dans une page, même s'ils n'y servent pas."""
    text = page.read_text(encoding="utf-8").lower()
    return [name for name in ("unpkg", "jsdelivr", "cdnjs", "googleapis") if name in text]


@every_page
def test_internal_links_lead_somewhere(page_name: str) -> None:
    """Chaque lien du site mène à une page et à une ancre qui existent."""
    assert broken_links((SITE / page_name).resolve()) == []


@every_page
def test_resources_are_local(page_name: str) -> None:
    """Scripts, styles et images sont des fichiers du site, même jamais chargés."""
    assert foreign_resources((SITE / page_name).resolve()) == []


@every_page
def test_no_cdn_is_named(page_name: str) -> None:
    """Aucune page ne nomme un CDN."""
    assert networks_named(SITE / page_name) == []


@every_page
def test_identifiers_are_unique(page_name: str) -> None:
    """Dans une page, chaque identifiant est unique."""
    anchors = links_of((SITE / page_name).resolve()).anchors
    assert sorted(a for a in set(anchors) if anchors.count(a) > 1) == []


def test_root_leads_to_the_home_page() -> None:
    """L'adresse racine mène au cours, en français."""
    root = (SITE / "index.html").read_text(encoding="utf-8")
    assert 'url=book/index.html"' in root
    assert '<html lang="fr">' in root
