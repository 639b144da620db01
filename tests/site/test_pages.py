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
    """Une page du sommaire qui manque au site construit."""
    expected = {"genindex.html", "search.html", "book/index.html", "book/bibliographie.html"}
    assert expected <= set(PAGES)
    assert len(LESSONS) >= 4


@both_doors
@every_page
def test_nothing_leaves_the_site(visit, address: str, door: str, page_name: str) -> None:
    """Une police, un script ou une image pris ailleurs : la page fuit, et casse hors ligne."""
    base = address if door == "http" else SITE.as_uri()
    assert [url for url in visit(door, page_name).requests if not url.startswith(base)] == []


@both_doors
@every_page
def test_nothing_is_missing(visit, door: str, page_name: str) -> None:
    """Un fichier absent (404), favicon comprise."""
    assert visit(door, page_name).failures == []


@both_doors
@every_page
def test_console_is_silent(visit, door: str, page_name: str) -> None:
    """Une erreur de script, même sans effet visible."""
    assert visit(door, page_name).errors == []


@every_page
def test_page_says_what_it_is(visit, page_name: str) -> None:
    """Une page sans langue, sans titre, sans icône, ou avec plusieurs titres de niveau 1."""
    facts = visit("http", page_name).facts
    assert facts["lang"] == "fr"
    assert facts["title"].strip()
    assert len(facts["h1"]) == 1
    assert facts["icon"].endswith(".ico")


@pytest.mark.parametrize("page_name", [name for name in PAGES if "/" in name])
def test_page_has_a_description(visit, page_name: str) -> None:
    """Une page qu'un moteur de recherche ne saurait pas résumer."""
    assert 20 <= len(visit("http", page_name).facts["description"]) <= 160


@every_page
def test_images_are_described(visit, page_name: str) -> None:
    """Une image sans texte de remplacement."""
    assert visit("http", page_name).facts["unnamed"] == []


@both_doors
@every_page
def test_formulas_are_composed(visit, door: str, page_name: str) -> None:
    """Des formules restées en LaTeX brut, ou que MathJax ne comprend pas."""
    facts = visit(door, page_name).facts
    assert facts["composed"] == facts["formulas"]
    assert facts["broken"] == []


def test_formulas_are_found(visit) -> None:
    """Le test des formules passerait à vide si le sélecteur ne trouvait plus rien."""
    assert sum(visit("http", page_name).facts["formulas"] for page_name in LESSONS) > 20


@every_page
def test_phone_does_not_scroll_sideways(visit, page_name: str) -> None:
    """Un tableau, une formule ou un code qui élargit la page d'un téléphone."""
    assert visit("file", page_name).facts["width"] <= PHONE[0]


def interface_faults(facts: dict[str, Any]) -> list[str]:
    """Textes de l'interface restés en anglais, ou que le français ne connaît pas."""
    named = [*facts["labels"], *facts["buttons"]]
    english = [text for text in named if ENGLISH.search(text)]
    said = [Passage("interface", 1, text, page=False) for text in [*named, *facts["chrome"]]]
    return [*english, *(fault for passage in said for fault in faults(passage))]


@every_page
def test_interface_is_french(visit, page_name: str) -> None:
    """Une infobulle, une étiquette d'accessibilité ou un bouton du thème resté en anglais."""
    facts = visit("http", page_name).facts
    assert len(facts["chrome"]) > (3 if page_name.startswith("diapositives/") else 10)
    assert interface_faults(facts) == []
