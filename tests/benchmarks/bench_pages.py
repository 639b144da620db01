"""L'ouverture d'une page du site sur un téléphone lent, dans Chromium."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.measuring import ROOT

SLOWDOWN = 4  # un téléphone, devant cette machine

_WATCH = """
  window.painted = {};
  const watch = (type, note) => new PerformanceObserver((list) =>
    list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("paint", (entry) => { painted[entry.name] = entry.startTime; });
  watch("largest-contentful-paint", (entry) => { painted.largest = entry.startTime; });
"""
_READ = """() => ({
  first: painted["first-contentful-paint"] / 1000,
  largest: painted.largest / 1000,
  ready: performance.getEntriesByType("navigation")[0].loadEventEnd / 1000,
})"""


def run(folder: str, pages: list[str], visits: int) -> dict[str, dict[str, float]]:
    """Ouvre chaque page `visits` fois, cache vide, processeur ralenti quatre fois.

    Parameters
    ----------
    folder : str
        Dossier du site construit.
    pages : list of str
        Pages, par leur chemin dans ce dossier.
    visits : int
        Nombre d'ouvertures de chaque page.

    Returns
    -------
    dict
        Page -> médianes, en secondes : `first` et `largest`, premier affichage et affichage du plus
        grand élément ; `ready`, page entièrement chargée.
    """
    sys.path[:0] = [str(ROOT / "book")]
    from builder.browser import FLAGS, ensure_browser
    from playwright.sync_api import sync_playwright

    from tests.site.visits import served

    with sync_playwright() as playwright, served(Path(folder)) as address:
        chromium = playwright.chromium.launch(executable_path=ensure_browser(), args=list(FLAGS))
        found = {}
        for page in pages:
            times = [_visit(chromium, f"{address}/{page}") for _ in range(visits)]
            found[page] = {name: median(one[name] for one in times) for name in times[0]}
        chromium.close()
    return found


def _visit(chromium: Any, url: str) -> dict[str, float]:
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.add_init_script(_WATCH)
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        page.goto(url, wait_until="load")
        page.wait_for_function("painted['first-contentful-paint'] && painted.largest")
        times: dict[str, float] = page.evaluate(_READ)
    return times
