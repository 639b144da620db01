"""Temps d'un geste du curseur, du mouvement à l'image.

``PYTHONPATH=.:book python tests/explorer/bench.py``
Temps de calcul du fil principal de Chromium (script, style, mise en page, peinture), sans l'attente
des autres programmes, moins celui d'une image où rien ne bouge. Médiane et 95e centile de cent
gestes de 0,5 point. Puis le premier geste : du début de la navigation à l'image qui le suit, sur un
processeur ralenti quatre fois, montre en main. Les adresses données en arguments sont mesurées de
même.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from builder.browser import FLAGS, ensure_browser
from conftest import write_page
from explorer_vectors import digits_explorer, lenet_explorer
from playwright.sync_api import Browser, Page, sync_playwright

from pruning_core.explorer import Explorer
from pruning_core.formatting import number

_MOVE = """(value) => new Promise((done) => {
  const root = document.querySelector("pruning-explorer").shadowRoot;
  const slider = root.querySelector("[type=range]");
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""

_IDLE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def bench(page: Page, explorer: Explorer, name: str) -> None:
    """Mesure et imprime, méthode par méthode."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(1000 * m["value"] for m in metrics if m["name"] == "TaskDuration")

    def cost(script: str, value: float) -> float:
        before = busy()
        page.evaluate(script, value)
        return busy() - before

    idle = sorted(cost(_IDLE, 0) for _ in range(50))[25]
    for method in explorer.methods:
        page.locator(f"input[value={method}]").check(force=True, timeout=60_000)
        page.wait_for_timeout(2000)
        times = sorted(cost(_MOVE, 49.5 + rank / 2) - idle for rank in range(100))
        print(f"{name:8} {method:14} {number(times[50], 1):>6} ms {number(times[95], 1):>6} ms")


def first_move(chromium: Browser, url: str) -> None:
    """Mesure et imprime le délai avant le premier geste utile, sur trois visites."""
    times = []
    for _ in range(3):
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(url, wait_until="commit")
        page.wait_for_selector("pruning-explorer", state="attached")
        page.evaluate("document.querySelector('pruning-explorer').scrollIntoView()")
        page.wait_for_selector("pruning-explorer [type=range]", timeout=60_000)
        page.evaluate(_MOVE, 50)
        times.append(page.evaluate("performance.now()"))
        page.close()
    name = url.rsplit("/", 1)[-1]
    print(f"premier geste, processeur ralenti 4 fois : {name} {number(sorted(times)[1])} ms")


def main() -> None:
    torch.set_num_threads(1)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(executable_path=ensure_browser(), args=list(FLAGS))
        print("réseau   méthode        médiane       p95")
        for name, explorer in (("chiffres", digits_explorer()), ("LeNet", lenet_explorer())):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            url = write_page(Path(folder), explorer, name)
            page.goto(url)
            bench(page, explorer, name)
            page.close()
            first_move(chromium, url)
        for url in sys.argv[1:]:
            first_move(chromium, url)
        chromium.close()


if __name__ == "__main__":
    main()
