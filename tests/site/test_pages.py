"""Chaque page du site, servie par http et ouverte depuis le disque."""

from __future__ import annotations

import re
from typing import Any

from language.checking import faults
from language.passages import Passage

from tests.site.visits import LESSONS, PAGES, PHONE, SITE, Visit

THEMED = ("book/", "notebooks/", "genindex", "search")  # les pages qui ont les menus du thème
# Mots anglais d'une infobulle, d'une étiquette ou d'un bouton que le dictionnaire ne refuse pas
# toujours : plusieurs sont aussi des mots français.
ENGLISH = re.compile(
    r"\b(toggle|search|copy|copied|click|next|previous|hide|show|skip|back|(?<!la )main|light|dark"
    r"|expand|collapse|contents?|permalink|link to|page up|close|download)\b",
    re.IGNORECASE,
)


def test_site_is_whole() -> None:
    """Le site a toutes les pages du sommaire."""
    expected = {"genindex.html", "search.html", "book/index.html", "book/bibliographie.html"}
    assert expected <= set(PAGES)
    assert len(LESSONS) >= 4


def test_nothing_leaves_the_site(visit: Visit, address: str) -> None:
    """Tout ce que demande une page est un fichier du site."""
    ours = (address, SITE.as_uri())
    assert [url for url in visit.requests if not url.startswith(ours)] == []


def test_nothing_is_missing(visit: Visit) -> None:
    """Tout ce que demande une page existe, favicon comprise."""
    assert visit.failures == []


def test_console_is_silent(visit: Visit) -> None:
    """Aucun script ne se plaint."""
    assert visit.errors == []


def test_page_says_what_it_is(desktop: Visit) -> None:
    """Une page a sa langue, son titre, son icône, et un seul titre de niveau 1."""
    facts = desktop.facts
    assert facts["lang"] == "fr"
    assert facts["title"].strip()
    assert len(facts["h1"]) == 1
    assert facts["icon"].endswith(".ico")


def test_page_has_a_description(desktop: Visit, page_name: str) -> None:
    """Une page dit aux moteurs de recherche ce qu'elle contient ; l'index et la recherche, non."""
    assert 20 <= len(desktop.facts["description"]) <= 160 or "/" not in page_name


def test_images_are_described(desktop: Visit) -> None:
    """Chaque image a un texte de remplacement."""
    assert desktop.facts["unnamed"] == []


def test_formulas_are_composed(visit: Visit, page_name: str) -> None:
    """Chaque formule est composée, sans erreur, et chaque leçon en a."""
    assert visit.facts["composed"] == visit.facts["formulas"]
    assert visit.facts["formulas"] > 5 or page_name not in LESSONS
    assert visit.facts["broken"] == []


def test_phone_does_not_scroll_sideways(phone: Visit) -> None:
    """Ni tableau, ni formule, ni code n'élargit la page d'un téléphone."""
    assert phone.facts["width"] <= PHONE[0]


def interface_faults(facts: dict[str, Any]) -> list[str]:
    """Textes de l'interface restés en anglais, ou que le français ne connaît pas."""
    named = [*facts["labels"], *facts["buttons"]]
    english = [text for text in named if ENGLISH.search(text)]
    said = [Passage("interface", 1, text, page=False) for text in [*named, *facts["chrome"]]]
    return [*english, *(fault for passage in said for fault in faults(passage))]


def test_interface_is_french(desktop: Visit, page_name: str) -> None:
    """Infobulles, étiquettes et boutons sont en français."""
    facts = desktop.facts
    assert len(facts["chrome"]) > (10 if page_name.startswith(THEMED) else 1)
    assert interface_faults(facts) == []
