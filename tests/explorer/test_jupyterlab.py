"""L'explorateur dans JupyterLab, avec un vrai noyau, dans les deux sens."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
EXPLORER = (
    "from tests.explorer.explorer_vectors import digits_explorer\n"
    "explorer = digits_explorer()\nexplorer",
    "print(explorer.sparsity, explorer.method, explorer.kept, round(explorer.accuracy, 4))",
    "explorer.sparsity, explorer.method = 0.5, 'obd'",
)
# Une convolution : ce que l'explorateur de la page ne sait pas montrer.
LIVE = (
    """import torch
from torch import nn
from pruning_core import magnitude_scores
from pruning_core.course.explorer import LivePruning
torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2, 2))
calls = []
def measure(pruned):
    calls.append(sum(int((p != 0).sum()) for p in (pruned[0].weight, pruned[2].weight)))
    return calls[-1] / 22
live = LivePruning(model, measure, {"magnitude": magnitude_scores(model)}, sparsity=0.5)
live""",
    "print(live.sparsity.value, live.accuracy, calls)",
    "live.sparsity.value = 1.0",
)

PICTURE = (
    "from pruning_core.course.pictures import Bowl\nBowl()",
    "# une image ne rend rien à Python",
    "# ni ne lui demande rien",
)


@pytest.fixture
def lab_url(tmp_path: Path) -> Iterator[str]:
    """Adresse d'un JupyterLab dont le dossier a trois carnets de trois cellules."""
    for name, cells in (("explorateur", EXPLORER), ("vivant", LIVE), ("image", PICTURE)):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    paths = [str(ROOT)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
    }
    settings = tmp_path / "settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"theme": "JupyterLab Dark"}', encoding="utf-8")
    options = ["--allow-root", "--no-browser", f"--port={port}"]
    options.append(f"--IdentityProvider.token={token}")
    with (tmp_path / "journal").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/api?token={token}", server)
        yield f"http://127.0.0.1:{port}/lab/tree/{{}}.ipynb?token={token}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:  # il attend un noyau déjà éteint
            server.kill()
            server.wait()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        assert server.poll() is None, "JupyterLab s'est arrêté"
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("JupyterLab n'a pas démarré en une minute")


def _open(browser: Browser, url: str) -> tuple[Page, Callable[[int], None]]:
    """Ouvre un carnet, attend son noyau ; rend la page et de quoi exécuter une cellule."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(url)
    cells = page.locator(".jp-Notebook .jp-Cell .cm-content")
    expect(cells).to_have_count(3, timeout=60_000)
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=60_000)

    def run(rank: int) -> None:
        cells.nth(rank).click()
        page.keyboard.press("Control+Enter")

    return page, run


def test_both_directions(
    browser: Browser, lab_url: str, capture: Callable[[Page, str], None]
) -> None:
    """Le curseur règle Python, Python règle le curseur, et les touches restent au curseur."""
    page, run = _open(browser, lab_url.format("explorateur"))
    printed = page.locator(".jp-OutputArea-output pre")
    run(0)
    slider = page.get_by_role("slider", name="Sparsité")
    expect(slider).to_be_visible(timeout=60_000)
    slider.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "j", "b"):
        page.keyboard.press(key)
    expect(slider).to_have_value("90.5")
    expect(page.locator(".jp-Notebook .jp-Cell .cm-content")).to_have_count(3)
    expect(page.locator(".stat b").first).to_have_text("90,5\u00a0%")
    page.wait_for_timeout(500)
    run(1)
    expect(printed).to_contain_text("0.905 magnitude 614")
    shown = page.locator(".stat b").nth(2).inner_text()
    assert shown.replace(",", ".").split("\u00a0")[0] in f"{100 * _last(printed):.1f}"
    run(2)
    expect(slider).to_have_value("50")
    expect(page.locator("input[value=obd]")).to_be_checked()
    run(1)
    expect(printed).to_contain_text("0.5 obd 3232")
    capture(page, "jupyterlab")
    page.close()


def _save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-Document.jp-mod-current, .jp-NotebookPanel").first).to_be_visible()
    page.wait_for_timeout(2000)


def _lose_kernels(page: Page) -> None:
    """Éteint les noyaux, comme le fait un ordinateur que l'on referme."""
    page.evaluate(
        """() => (async () => {
          const { baseUrl, token } = JSON.parse(
            document.getElementById("jupyter-config-data").textContent);
          const headers = { Authorization: `token ${token}` };
          const kernels = await (await fetch(`${baseUrl}api/kernels`, { headers })).json();
          for (const { id } of kernels)
            await fetch(`${baseUrl}api/kernels/${id}`, { method: "DELETE", headers });
        })()"""
    )


def test_colours_last_and_a_lost_kernel_leaves_the_table(
    browser: Browser, lab_url: str, capture: Callable[[Page, str], None]
) -> None:
    """En sombre dès l'exécution et une fois rechargé ; sans son noyau, un tableau et quoi faire."""
    page, run = _open(browser, lab_url.format("explorateur"))
    run(0)
    expect(page.locator(".px.dark")).to_have_count(1, timeout=60_000)
    table = page.locator(".jp-OutputArea table").first
    expect(table).not_to_be_visible()
    capture(page, "jupyterlab-sombre")
    _save(page)
    page.reload()
    expect(page.locator(".px.dark")).to_have_count(1, timeout=60_000)
    expect(table).not_to_be_visible()
    _lose_kernels(page)
    page.reload()
    expect(table).to_be_visible(timeout=60_000)
    expect(page.get_by_text("dans Jupyter, exécutez la cellule")).to_be_visible()
    capture(page, "jupyterlab-sans-noyau")
    page.close()


def test_live_sliders_prune_the_students_model(
    browser: Browser, lab_url: str, capture: Callable[[Page, str], None]
) -> None:
    """Un curseur redessine une fois relâché, et suit ce que Python règle."""
    page, run = _open(browser, lab_url.format("vivant"))
    printed = page.locator(".jp-OutputArea-output pre")
    run(0)
    report = page.locator(".widget-html-content, .jp-RenderedHTMLCommon.widget-html").last
    expect(report).to_contain_text("50,0\u00a0%", timeout=60_000)
    expect(report).to_contain_text("11 poids restants")
    handle = page.get_by_role("slider").first
    handle.focus()
    for _ in range(50):
        page.keyboard.press("ArrowRight")
    expect(report).to_contain_text("5 poids restants")
    expect(report).to_contain_text("22,7\u00a0%")
    run(1)
    expect(printed).to_contain_text("0.75 0.2272")
    calls = printed.inner_text().split("[")[1]
    assert calls.strip().endswith("5]") and len(calls.split(",")) < 25
    run(2)
    expect(report).to_contain_text("0 poids restants")
    capture(page, "jupyterlab-vivant")
    page.close()


def test_a_picture_moves_and_hides_its_still(
    browser: Browser, lab_url: str, capture: Callable[[Page, str], None]
) -> None:
    """Une image se bouge, sombre comme la page ; son image fixe se cache, les touches restent."""
    page, run = _open(browser, lab_url.format("image"))
    run(0)
    slider = page.get_by_role("slider", name="Corrélation")
    expect(slider).to_be_visible(timeout=60_000)
    expect(page.locator(".px.dark")).to_have_count(1)
    expect(page.locator(".jp-OutputArea moving-picture")).not_to_be_visible()
    slider.focus()
    for key in ("Home", "ArrowRight", "b"):
        page.keyboard.press(key)
    expect(slider).to_have_value("-0.94")
    expect(page.locator(".jp-Notebook .jp-Cell .cm-content")).to_have_count(3)
    expect(page.locator(".note")).to_contain_text("OBS le porte à 0,06")
    capture(page, "jupyterlab-image")
    page.close()


def _last(printed) -> float:
    return float(printed.inner_text().split()[-1])
