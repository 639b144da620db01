"""Un geste du curseur de l'explorateur, dans Chromium, Firefox et WebKit."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import ROOT

WARM_UP = 20

# Les trois moteurs n'ont pas d'horloge commune du fil principal : on fait dessiner tout de suite ce
# qui attendrait l'image suivante, et l'on demande sa mise en page.
_MEASURE = """async ([method, moves, warmUp]) => {
  const root = document.querySelector("pruning-explorer").shadowRoot;
  const radio = root.querySelector(`input[value=${method}]`);
  if (!radio.checked) radio.click();
  await new Promise((go) => setTimeout(go, 2000)); // les courbes finissent de se tracer
  const slider = root.querySelector("[type=range]");
  const wait = window.requestAnimationFrame;
  window.requestAnimationFrame = (draw) => { draw(performance.now()); return 0; };
  const times = [];
  for (let rank = -warmUp; rank < moves; rank += 1) {
    slider.value = 49.5 + (49.5 * Math.max(rank, 0)) / moves - (rank < 0 ? rank % 2 : 0);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    root.host.getBoundingClientRect();
    if (rank >= 0) times.push((performance.now() - start) / 1000);
    await new Promise((go) => setTimeout(go));
  }
  window.requestAnimationFrame = wait;
  return times.sort((a, b) => a - b);
}"""


def run(network: str, moves: int, methods: int | None = None) -> dict[str, dict[str, Any]]:
    """Mesure `moves` gestes du curseur, de 49,5 % à 99 %, avec chaque méthode, dans chaque moteur.

    Parameters
    ----------
    network : {"digits", "lenet"}
    moves : int
    methods : int, optionnel
        Nombre de méthodes essayées ; toutes par défaut.

    Returns
    -------
    dict
        Moteur -> `method`, la méthode la plus lente ; `median` et `p95`, médiane et 95e centile de
        ses gestes, en secondes : script, style et mise en page, sans la peinture.
    """
    sys.path[:0] = [str(ROOT / "book")]
    from playwright.sync_api import sync_playwright

    from tests.browsers import NAMES, tab_of
    from tests.engines.copying import witnessed
    from tests.explorer.conftest import write_page
    from tests.explorer.explorer_vectors import digits_explorer, lenet_explorer

    explorer = {"digits": digits_explorer, "lenet": lenet_explorer}[network]()
    found = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "pages")
        pages.mkdir()
        name = Path(write_page(pages, explorer, network)).name
        copy = witnessed(pages, Path(folder, "copie"))
        for engine in NAMES:
            settings = Path(folder, engine)
            settings.mkdir()
            with tab_of(engine, playwright, settings) as tab:
                tab.resize(1280, 900)
                tab.open((copy / name).as_uri())
                tab.box("pruning-explorer >>> .stat b")
                found[engine] = max(
                    (
                        _summary(method, tab.run(_MEASURE, [method, moves, WARM_UP]))
                        for method in explorer.methods[:methods]
                    ),
                    key=lambda one: one["p95"],
                )
    return found


def _summary(method: str, times: list[float]) -> dict[str, Any]:
    at = {"median": 0.5, "p95": 0.95}
    return {"method": method} | {key: times[int(share * len(times))] for key, share in at.items()}
