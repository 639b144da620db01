"""Les images : chacune dit ce qu'on y voit, à qui ne la voit pas."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest

from tests.site.visits import DESKTOP, PAGES, SITE, Visit, wear

SHORTEST, LONGEST = 40, 500
# Les images de la leçon ; celles du thème (logo) sont à côté de leur texte.
IMAGES = """() => [...document.querySelectorAll("article img, article svg[role=img]")]
  .filter((image) => image.checkVisibility())
  .map((image) => ({
    alt: image.getAttribute("alt") ?? image.getAttribute("aria-label") ?? "",
    source: image.getAttribute("src") ?? "",
    caption: image.closest("figure")?.querySelector("figcaption")?.textContent.trim() ?? "",
  }))"""
EMPTY_WORDS = re.compile(
    r"^(une? |l['’])?(image|figure|photo|illustration|capture|graphique|schéma)\b[ :]*"
    r"(de|du|des|d['’]|qui montre|montrant|n°|\d)",
    re.IGNORECASE,
)
FILE = re.compile(r"\.(png|svg|jpe?g|webp|gif)\b|^[a-z0-9_-]+$", re.IGNORECASE)


def faults(alt: str, source: str = "", caption: str = "") -> list[str]:
    """Ce qu'on peut reprocher à un texte de remplacement."""
    name = PurePosixPath(unquote(source)).stem
    checks = {
        "trop court": len(alt) < SHORTEST,
        "trop long": len(alt) > LONGEST,
        "nom de fichier": bool(FILE.search(alt)) or (len(name) > 3 and name in alt),
        "ne dit pas ce qu'on voit": bool(EMPTY_WORDS.match(alt)),
        "répète la légende": bool(caption) and alt.rstrip(".") in caption,
    }
    return [fault for fault, found in checks.items() if found]


@pytest.mark.parametrize(
    ("alt", "source", "caption", "expected"),
    [
        ("", "a.png", "", ["trop court"]),
        ("fig-couches", "", "", ["trop court", "nom de fichier"]),
        ("Courbe : voir le fichier sorties/exactitude.png ci-dessous", "", "", ["nom de fichier"]),
        ("Image de trois courbes qui descendent quand la sparsité monte", "", "", None),
        ("Graphique montrant trois courbes qui descendent avec la sparsité", "", "", None),
        ("x" * 600, "", "", ["trop long", "nom de fichier"]),
        (
            *("Exactitude de la validation selon la sparsité de la couche", "a.png"),
            *("Figure 3 Exactitude de la validation selon la sparsité de la couche.",),
            ["répète la légende"],
        ),
        ("Trois courbes qui descendent ; la plus basse plonge dès 60 %.", "a.png", "Autre", []),
    ],
)
def test_planted_alternative_is_judged(
    alt: str, source: str, caption: str, expected: list[str] | None
) -> None:
    """Un nom de fichier ou « image de » est refusé, une bonne description admise."""
    wanted = ["ne dit pas ce qu'on voit"] if expected is None else expected
    assert faults(alt, source, caption) == wanted


def test_each_image_says_what_is_seen(desktop: Visit) -> None:
    """Chaque image a sa description, à elle seule, et qui la remplace."""
    wear(desktop.page, DESKTOP)
    images = desktop.page.evaluate(IMAGES)
    told = {image["alt"]: faults(**image) for image in images}
    assert {alt: found for alt, found in told.items() if found} == {}
    sources = {(image["alt"], image["source"]) for image in images}
    assert len({alt for alt, _ in sources}) == len(sources), "deux images, un même texte"


def test_images_are_looked_at() -> None:
    """Chaque leçon a des figures à décrire."""
    figures = [
        name
        for name in PAGES
        if "<figure" in (SITE / name).read_text(encoding="utf-8") and name.startswith("notebooks/")
    ]
    assert len(figures) >= 4
