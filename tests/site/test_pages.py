"""Chaque page du site, servie par http et ouverte depuis le disque."""

from __future__ import annotations

import re
from typing import Any

import pytest
from language.checking import faults
from language.passages import Passage

from tests.site.visits import LESSONS, PAGES, PHONE, SITE

DOORS = ("http", "file")
every_page = pytest.mark.parametrize("page_name", PAGES)
both_doors = pytest.mark.parametrize("door", DOORS)

# Mots anglais d'une infobulle, d'une étiquette ou d'un bouton que le dictionnaire ne refuse pas
# toujours : plusieurs sont aussi des mots français.
ENGLISH = re.compile(
    r"\b(toggle|search|copy|copied|click|next|previous|hide|show|skip|back|(?<!la )main|light|dark"
    r"|expand|collapse|contents?|permalink|link to|page up|close|download)\b",
    re.IGNORECASE,
)


def test_site_is_whole() -> None:
    """Chaque page du sommaire est construite."""
    expected = {"genindex.html", "search.html", "book/index.html", "book/bibliographie.html"}
    assert expected <= set(PAGES)
    assert len(LESSONS) >= 4


@both_doors
@every_page
def test_nothing_leaves_the_site(visit, address: str, door: str, page_name: str) -> None:
    """Aucune page ne demande rien hors du site."""
    base = address if door == "http" else SITE.as_uri()
    assert [url for url in visit(door, page_name).requests if not url.startswith(base)] == []


@both_doors
@every_page
def test_nothing_is_missing(visit, door: str, page_name: str) -> None:
    """Chaque fichier demandé existe, favicon comprise."""
    assert visit(door, page_name).failures == []


@both_doors
@every_page
def test_console_is_silent(visit, door: str, page_name: str) -> None:
    """Aucun script ne signale d'erreur."""
    assert visit(door, page_name).errors == []


@every_page
def test_page_says_what_it_is(visit, page_name: str) -> None:
    """Chaque page a sa langue, son titre, son icône et un seul titre de niveau 1."""
    facts = visit("http", page_name).facts
    assert facts["lang"] == "fr"
    assert facts["title"].strip()
    assert len(facts["h1"]) == 1
    assert facts["icon"].endswith(".ico")


@pytest.mark.parametrize("page_name", [name for name in PAGES if "/" in name])
def test_page_has_a_description(visit, page_name: str) -> None:
    """Chaque page a une description pour les moteurs de recherche."""
    assert 20 <= len(visit("http", page_name).facts["description"]) <= 160


@every_page
def test_images_are_described(visit, page_name: str) -> None:
    """Chaque image a un texte de remplacement."""
    assert visit("http", page_name).facts["unnamed"] == []


@both_doors
@every_page
def test_formulas_are_composed(visit, door: str, page_name: str) -> None:
    """Chaque formule est composée, et comprise de MathJax."""
    facts = visit(door, page_name).facts
    assert facts["composed"] == facts["formulas"]
    assert facts["broken"] == []


def test_formulas_are_found(visit) -> None:
    """Les formules sont bien cherchées : il y en a."""
    assert sum(visit("http", page_name).facts["formulas"] for page_name in LESSONS) > 20


@every_page
def test_phone_does_not_scroll_sideways(visit, page_name: str) -> None:
    """Rien n'élargit la page d'un téléphone."""
    assert visit("file", page_name).facts["width"] <= PHONE[0]


def interface_faults(facts: dict[str, Any]) -> list[str]:
    """Textes de l'interface restés en anglais, ou que le français ne connaît pas."""
    named = [*facts["labels"], *facts["buttons"]]
    english = [text for text in named if ENGLISH.search(text)]
    said = [Passage("interface", 1, text, page=False) for text in [*named, *facts["chrome"]]]
    return [*english, *(fault for passage in said for fault in faults(passage))]


@every_page
def test_interface_is_french(visit, page_name: str) -> None:
    """Infobulles, étiquettes d'accessibilité et boutons du thème sont en français."""
    facts = visit("http", page_name).facts
    assert len(facts["chrome"]) > (3 if page_name.startswith("diapositives/") else 10)
    assert interface_faults(facts) == []
