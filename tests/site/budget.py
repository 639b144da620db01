"""Le budget de vitesse des pages, et ce qu'une page en dépense.

Aucune durée : elles dépendent de la machine (``make bench`` les mesure). Ce qui les cause n'en
dépend pas : les octets, les fichiers demandés, ce qui retarde le premier affichage, ce qui bouge.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser

from tests.site.visits import READY


@dataclass(frozen=True)
class Budget:
    """Ce qu'une page peut dépenser, au plus.

    Attributes
    ----------
    files : int
        Fichiers demandés, page comprise.
    transferred : int
        Leurs octets, compressés comme le fait un serveur.
    blocking : int
        Octets des styles et scripts qu'attend le premier affichage.
    elements : int
        Éléments de la page : chaque mise en page les parcourt.
    shift : float
        Décalage cumulé de ce que l'on lisait déjà ; 0,1 est le seuil d'une bonne page.
    """

    files: int
    transferred: int
    blocking: int
    elements: int
    shift: float = 0.05


# Formules, polices et images comprises. Une leçon porte un explorateur et son réseau, et les
# scripts de ses pronostics, de ses réponses et de ses images.
LESSON = Budget(files=52, transferred=700_000, blocking=90_000, elements=15_000)
PAGE = Budget(files=40, transferred=300_000, blocking=90_000, elements=6_000)
SEARCH = Budget(files=36, transferred=300_000, blocking=130_000, elements=6_000)

LEAST_USED = 0.15  # part d'un script dont une page doit se servir : en deçà, il ne sert pas
SHARPEST = 3.3  # pixels d'une image pour un de la page : un téléphone en a trois à lui montrer

_WATCH_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries())
      if (!shift.hadRecentInput) shifts.push(shift.value);
  }).observe({ type: "layout-shift", buffered: true });
"""
_SPENT = """() => {
  const files = (css, name) => [...document.querySelectorAll(css)].map((e) => e[name]);
  return {
    scripts: files("head script[src]:not([defer], [async], [type=module])", "src"),
    styles: files("link[rel=stylesheet]:not([media=print])", "href"),
    elements: document.querySelectorAll("*").length,
    shift: shifts.reduce((sum, value) => sum + value, 0),
    images: [...document.images].filter((e) => e.width && !/\\.svg$|^data:/.test(e.src))
      .map((e) => [e.src, e.naturalWidth, e.width]),
  };
}"""


@dataclass(frozen=True)
class Spending:
    """Ce qu'une page dépense ; `unused` et `oversize` nomment les fichiers en faute."""

    files: dict[str, int]
    blocking: dict[str, int]
    elements: int
    shift: float
    unused: dict[str, float]
    oversize: list[str]


@cache
def transferred(folder: Path, url: str) -> int:
    """Octets d'un fichier servi, compressé si cela l'allège (une image l'est déjà)."""
    content = (folder / unquote(urlsplit(url).path).lstrip("/")).read_bytes()
    return min(len(content), len(gzip.compress(content, compresslevel=6)))


def spending(
    browser: Browser, address: str, folder: Path, page_name: str, size: tuple[int, int]
) -> Spending:
    """Ouvre une page du dossier servi à cette adresse, et relève ce qu'elle dépense."""
    requests: set[str] = set()
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.add_init_script(_WATCH_SHIFTS)
        page.on("request", lambda request: requests.add(request.url.split("?")[0]))
        session = context.new_cdp_session(page)
        session.send("Profiler.enable")
        session.send("Profiler.startPreciseCoverage", {"callCount": False, "detailed": True})
        page.goto(f"{address}/{page_name}", wait_until="load")
        page.evaluate(READY)
        page.wait_for_timeout(300)  # ce qui bouge encore, une fois la page prête
        spent = page.evaluate(_SPENT)
        covered = session.send("Profiler.takePreciseCoverage")["result"]
    files = {url for url in requests if url.startswith(address)}
    blocking = {url.split("?")[0] for url in (*spent["scripts"], *spent["styles"])}
    return Spending(
        files={url: transferred(folder, url) for url in sorted(files)},
        blocking={url: transferred(folder, url) for url in sorted(blocking)},
        elements=spent["elements"],
        shift=spent["shift"],
        unused={
            url: share
            for url, share in used_shares(folder, covered).items()
            if url in files and share < LEAST_USED
        },
        oversize=[
            f"{Path(url).name}, {natural} pixels pour {shown}"
            for url, natural, shown in spent["images"]
            if natural > SHARPEST * shown
        ],
    )


def used_shares(folder: Path, covered: list[dict[str, Any]]) -> dict[str, float]:
    """Part de chaque fichier de script que la page a exécutée.

    Les intervalles vont du plus large au plus étroit : le dernier qui couvre un signe l'emporte.
    """
    shares = {}
    for script in covered:
        url = script["url"].split("?")[0]
        if url.endswith(".js"):
            used = bytearray(_utf16_length(folder / unquote(urlsplit(url).path).lstrip("/")))
            for function in script["functions"]:
                for span in function["ranges"]:
                    start, end = span["startOffset"], span["endOffset"]
                    used[start:end] = bytes([span["count"] > 0]) * (end - start)
            shares[url] = sum(used) / len(used)
    return shares


def _utf16_length(path: Path) -> int:
    """Longueur d'un script telle que JavaScript la compte."""
    return len(path.read_text(encoding="utf-8").encode("utf-16-le")) // 2


def overruns(spent: Spending, budget: Budget) -> Iterator[str]:
    """Chaque dépassement, en une phrase qui nomme les coupables."""
    if len(spent.files) > budget.files:
        yield f"fichiers : {len(spent.files)} ; au plus {budget.files}"
    for what, sizes, limit in (
        ("octets", spent.files, budget.transferred),
        ("octets qui retardent l'affichage", spent.blocking, budget.blocking),
    ):
        if sum(sizes.values()) > limit:
            heaviest = sorted(sizes, key=lambda url: -sizes[url])[:5]
            told = ", ".join(f"{Path(url).name} ({sizes[url]})" for url in heaviest)
            yield f"{what} : {sum(sizes.values())} ; au plus {limit} ; les plus lourds : {told}"
    if spent.elements > budget.elements:
        yield f"éléments : {spent.elements} ; au plus {budget.elements}"
    if spent.shift > budget.shift:
        yield f"décalage : {spent.shift:.3f} ; au plus {budget.shift}"
    for url, share in spent.unused.items():
        yield f"script inutile : {Path(url).name}, {share:.0%} employés"
    for told in spent.oversize:
        yield f"image trop grande : {told}"
