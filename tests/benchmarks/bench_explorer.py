"""Un geste du curseur de l'explorateur, du mouvement à l'image, dans Chromium."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import ROOT

WARM_UP = 20
SLOWDOWN = 4  # un téléphone, devant cette machine

_MOVE = """(value) => new Promise((done) => {
  const root = document.querySelector("pruning-explorer").shadowRoot;
  const slider = root.querySelector("[type=range]");
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""
_IDLE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def run(network: str, moves: int, methods: int | None = None) -> dict[str, Any]:
    """Mesure `moves` gestes du curseur, de 49,5 % à 99 %, avec chaque méthode.

    Parameters
    ----------
    network : {"digits", "lenet"}
    moves : int
    methods : int, optionnel
        Nombre de méthodes essayées ; toutes par défaut.

    Returns
    -------
    dict
        `methods` : méthode -> médiane et 95e centile, en secondes, de ce que le fil principal
        calcule (script, style, mise en page, peinture) entre le geste et la deuxième image,
        au-delà de ce que prennent deux images où rien ne bouge. `first` : secondes, montre en
        main, de l'ouverture de la page à l'image qui suit un premier geste, sur un téléphone au
        processeur ralenti quatre fois (médiane de trois visites).
    """
    sys.path[:0] = [str(ROOT / "book")]
    from builder.browser import FLAGS, ensure_browser
    from playwright.sync_api import sync_playwright

    from tests.explorer.conftest import write_page
    from tests.explorer.explorer_vectors import digits_explorer, lenet_explorer

    explorer = {"digits": digits_explorer, "lenet": lenet_explorer}[network]()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(executable_path=ensure_browser(), args=list(FLAGS))
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        url = write_page(Path(folder), explorer, network)
        page.goto(url)
        times = {}
        for method in explorer.methods[:methods]:
            page.locator(f"input[value={method}]").check(force=True, timeout=60_000)
            page.wait_for_timeout(2000)  # les courbes des autres sparsités finissent de se tracer
            times[method] = _times(page, moves)
        page.close()
        first = _quantile([_first_move(chromium, url) for _ in range(3)], 0.5)
        chromium.close()
    return {"methods": times, "first": first}


def _first_move(chromium: Any, url: str) -> float:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(url, wait_until="commit")
    page.wait_for_selector("pruning-explorer", state="attached")
    page.evaluate("document.querySelector('pruning-explorer').scrollIntoView()")
    page.wait_for_selector("pruning-explorer [type=range]", timeout=60_000)
    page.evaluate(_MOVE, 50)
    seconds = page.evaluate("performance.now()") / 1000
    page.close()
    return seconds


def _times(page: Any, moves: int) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    def cost(script: str, value: float) -> float:
        before = busy()
        page.evaluate(script, value)
        return busy() - before

    for rank in range(WARM_UP):
        cost(_MOVE, 50.0 + rank)
    idle = _quantile([cost(_IDLE, 0.0) for _ in range(50)], 0.5)
    found = [cost(_MOVE, 49.5 + 49.5 * rank / moves) - idle for rank in range(moves)]
    return {"median": _quantile(found, 0.5), "p95": _quantile(found, 0.95)}


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
