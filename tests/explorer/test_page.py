"""L'explorateur sur une page ouverte depuis le disque, dans un vrai Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pruning_core.course.datasets import load_digits
from pruning_core.course.formatting import number, percent
from tests.explorer.explorer_vectors import digits_explorer, lenet_explorer

Open = Callable[..., Page]
Capture = Callable[[Page, str], None]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


def slider(page: Page):
    return page.get_by_role("slider", name="Sparsité")


def stats(page: Page) -> list[str]:
    return page.locator(".stat b").all_inner_texts()


def expected(method: str, sparsity: float, scope: str = "global") -> list[str]:
    result, masks = digits_explorer().evaluate(method, sparsity, scope)
    kept = sum(int(mask.sum()) for mask in masks.values())
    return [percent(1 - kept / 6464, 0), number(kept), percent(result.accuracy)]


def test_shows_what_python_computes(open_page: Open, capture: Capture) -> None:
    """La page affiche l'exactitude que calcule pruning_core."""
    page = open_page()
    for method in digits_explorer().methods:
        page.locator(f"input[value={method}]").check(force=True)
        for sparsity in (0.5, 0.9, 1.0):
            slider(page).fill(f"{100 * sparsity:g}")
            for place, text in enumerate(expected(method, sparsity)):
                expect(page.locator(".stat b").nth(place)).to_have_text(text)
    page.get_by_label("même sparsité dans chaque couche").check()
    page.locator("input[value=magnitude]").check(force=True)
    slider(page).fill("80")
    accuracy = expected("magnitude", 0.8, "layerwise")[2]
    expect(page.locator(".stat b").nth(2)).to_have_text(accuracy)
    expect(page.locator("label", has=page.locator("input[value=magnitude]"))).to_contain_text(
        "magnitude par couche"
    )
    capture(page, "bureau")


def test_says_where_the_path_ends(open_page: Open, capture: Capture) -> None:
    """Au-delà du trajet d'OBS, la page dit où il s'arrête."""
    page = open_page(**PHONE)
    page.locator("input[value=obs]").check(force=True)
    slider(page).fill("99.5")
    pruned = page.locator(".stat").first
    expect(pruned).to_contain_text("98\u00a0%")
    expect(pruned).to_contain_text("au lieu de 99,5\u00a0%")
    expect(page.locator(".note")).to_contain_text("Rien au-delà")
    chips = page.locator(".chip")
    expect(chips.filter(has_text="OBS")).to_contain_text("à 98\u00a0%")
    expect(chips.filter(has_text="magnitude")).not_to_contain_text("à 98")
    x = float(page.locator("circle.now").get_attribute("cx"))
    capture(page, "fin-du-trajet")
    slider(page).fill("98")
    expect(pruned).to_contain_text("élagués")
    expect(pruned).not_to_contain_text("au lieu")
    expect(page.locator(".note")).not_to_contain_text("Rien au-delà")
    assert float(page.locator("circle.now").get_attribute("cx")) == x


def test_keyboard(open_page: Open) -> None:
    """Chaque touche agit et reste au curseur, et la valeur est dite en français."""
    page = open_page()
    page.evaluate("window.seen = []; addEventListener('keydown', (e) => seen.push(e.key))")
    slider(page).focus()
    moves = {
        "ArrowRight": 90.5,
        "ArrowLeft": 90,
        "PageDown": 80,
        "PageUp": 90,
        "End": 100,
        "Home": 0,
    }
    for key, value in moves.items():
        page.keyboard.press(key)
        expect(slider(page)).to_have_value(f"{value:g}")
    text = "0\u00a0% élagués, 6\u202f464 poids restants"
    expect(slider(page)).to_have_attribute("aria-valuetext", text)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[value=gradient]")).to_be_checked()
    assert page.evaluate("seen") == []


def test_compares_two_methods(open_page: Open, capture: Capture) -> None:
    """La comparaison montre deux méthodes, et se referme."""
    page = open_page()
    page.get_by_label("comparer à").select_option("obs")
    accuracy = [expected(method, 0.9)[2] for method in ("magnitude", "obs")]
    expect(page.locator(".stat b").nth(3)).to_have_text(accuracy[1])
    assert stats(page)[2:] == accuracy
    assert page.locator(".view").count() == 2
    capture(page, "comparaison")
    page.get_by_label("comparer à").select_option("")
    expect(page.locator(".view")).to_have_count(1)
    assert len(stats(page)) == 3


# Les textes de la courbe qui en touchent un autre, ou qu'aucun trait n'épargne.
TANGLED = """() => {
  const texts = [...document.querySelector("pruning-explorer").shadowRoot
    .querySelectorAll(".curve text")];
  const boxes = texts.map((one) => one.getBoundingClientRect());
  const touch = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom - 2
    && b.top + 2 < a.bottom - 2;
  const bare = texts.filter((one) => getComputedStyle(one).paintOrder !== "stroke");
  return [...bare, ...texts.filter((_, i) => boxes.some((b, j) => i !== j && touch(b, boxes[i])))]
    .map((one) => one.textContent);
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_labels_are_not_tangled(open_page: Open, width: int) -> None:
    """Où que soient deux méthodes comparées, aucun texte n'en touche un autre, ni n'est barré."""
    page = open_page(width=width)
    page.get_by_label("comparer à").select_option("obs")
    tangled = {}
    for sparsity in (0, 30, 50, 65, 70, 75, 80, 85, 90, 95, 98, 100):
        slider(page).fill(str(sparsity))
        page.wait_for_timeout(40)
        if found := page.evaluate(TANGLED):
            tangled[sparsity] = found
    assert tangled == {}


def test_draw_and_test_image(open_page: Open, capture: Capture) -> None:
    """Le réseau reçoit le dessin, et lit les images de test à l'endroit."""
    page = open_page()
    answer = page.locator(".answers b").first
    expect(answer).to_have_text("?")
    box = page.locator(".slate").bounding_box()
    page.locator(".slate").scroll_into_view_if_needed()
    box = page.locator(".slate").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 10, steps=10)
    page.mouse.up()
    expect(answer).to_have_text("1")
    capture(page, "dessin")
    page.get_by_role("button", name="Effacer").click()
    expect(answer).to_have_text("?")
    page.get_by_role("button", name="Image de test").click()
    expect(answer).to_have_text(str(load_digits().test.y[0].item()))


def test_announces_politely(open_page: Open) -> None:
    """Un lecteur d'écran apprend chaque réglage, sans être interrompu au chargement."""
    page = open_page()
    status = page.get_by_role("status")
    expect(page.locator(".chip small").first).to_have_text(expected("random", 0.9)[2])
    expect(status).to_have_text("")
    slider(page).fill("95")
    _, kept, accuracy = expected("magnitude", 0.95)
    expect(status).to_have_text(
        f"magnitude, 95\u00a0% élagués : {accuracy} d’exactitude, {kept} poids restants."
    )


@pytest.mark.parametrize("look", ["clair", "sombre", "contraste"])
def test_axe_finds_nothing(open_page: Open, capture: Capture, look: str) -> None:
    """Contrôles nommés, contrastes suffisants, rôles permis : axe ne trouve rien."""
    page = open_page(forced_colors="active" if look == "contraste" else "none")
    if look == "sombre":
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        expect(page.locator(".px.dark")).to_have_count(1)
    for other in ("", "obs"):
        page.get_by_label("comparer à").select_option(other)
        page.wait_for_timeout(400)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    capture(page, look)


def test_without_javascript(open_page: Open, capture: Capture) -> None:
    """Sans JavaScript, la page montre son tableau."""
    page = open_page(java_script_enabled=False)
    table = page.get_by_role("table")
    expect(table).to_be_visible()
    rows = table.locator("tbody tr")
    assert rows.count() == len(digits_explorer().methods) + 1
    expect(rows.filter(has_text="OBS")).to_contain_text(expected("obs", 0.9)[2])
    expect(page.get_by_role("img")).to_be_visible()
    capture(page, "sans-javascript")


@pytest.mark.parametrize("width", [360, 390, 700, 1280])
def test_fits_and_does_not_jump(open_page: Open, width: int) -> None:
    """La page tient en largeur, et son texte ne saute pas au démarrage."""
    page = open_page(width=width)
    expect(page.locator(".chip small").first).not_to_have_text("\u00a0")
    shift = page.evaluate(
        """() => new Promise((done) => {
          let total = 0;
          new PerformanceObserver((list) => list.getEntries().forEach((e) => (total += e.value)))
            .observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(total), 300);
        })"""
    )
    assert shift < 0.01
    for other in ("", "obs"):
        page.get_by_label("comparer à").select_option(other)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_nothing_moves_by_itself(open_page: Open) -> None:
    """Rien ne bouge pour qui a demandé moins de mouvement."""
    page = open_page(reduced_motion="reduce")
    slider(page).fill("40")
    page.wait_for_timeout(50)
    root = "document.querySelector('pruning-explorer').shadowRoot"
    assert page.evaluate(f"{root}.getAnimations().length") == 0


def test_traces_every_curve(open_page: Open) -> None:
    """Chaque courbe se trace sans bloquer la page."""
    page = open_page()
    page.get_by_role("button", name="Tracer toutes les courbes").click()
    paths = page.locator(".curve path.hue")
    expect(paths).to_have_count(len(digits_explorer().methods))
    for rank in range(5):
        expect(paths.nth(rank)).to_have_attribute("d", re.compile(r"(L[^L]+){100}"), timeout=30_000)


def test_big_network_comes_on_demand(open_page: Open, lenet_url: str, capture: Capture) -> None:
    """LeNet se charge depuis le disque à la demande, et compte comme Python."""
    page = open_page(url=lenet_url, **PHONE)
    explorer = lenet_explorer()
    accuracy = page.locator(".stat b").nth(2)
    for method in ("magnitude", "obs"):
        page.locator(f"input[value={method}]").check(force=True)
        result, _ = explorer.evaluate(method, 0.95)
        expect(accuracy).to_have_text(percent(result.accuracy), timeout=20_000)
    page.get_by_label("comparer à").select_option("magnitude")
    expect(page.locator(".view")).to_have_count(2)
    capture(page, "lenet-telephone")


def test_missing_data_shows_the_table(open_page: Open, lenet_url: str, tmp_path: Path) -> None:
    """Sans les données du grand réseau, la page montre le tableau."""
    folder = Path(unquote(urlparse(lenet_url).path)).parent
    for name in ("explorer.js", "lenet.html"):
        shutil.copy(folder / name, tmp_path)
    page = open_page(url=(tmp_path / "lenet.html").as_uri(), tolerated="lenet.js")
    expect(page.get_by_role("table")).to_be_visible()
