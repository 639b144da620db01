"""Ce que promet toute image que l'on bouge, dans un vrai Chromium."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from embedding import _ELEMENT
from playwright.sync_api import Page, expect

from pruning_core.course import pictures
from pruning_core.course.explorer import lasting
from pruning_core.course.pictures.base import BUILT, JUPYTER
from tests.pictures.instances import PICTURES
from tests.site.test_sizes import FAULTS, SPACE, SPACED

Open = Callable[..., Page]
every_picture = pytest.mark.parametrize("name", PICTURES)
ROOT = "document.querySelector('moving-picture').shadowRoot"
CONTROLS = ":is(input:not([type=radio]), input:checked, button, select)"
TEXT = f"{ROOT}.querySelector('.px').innerText"
# La porte de Jupyter, par un modèle qui n'a que ses données.
MOUNT = """async ([script, data]) => {
  const module = await import(`data:text/javascript;base64,${script}`);
  const el = document.body.appendChild(document.createElement("div"));
  const stop = module.default.render({ model: { get: () => data }, el });
  const { innerText } = el.firstChild.shadowRoot.querySelector(".px");
  stop();
  return innerText;
}"""


def test_each_picture_is_tried() -> None:
    """Chaque image du paquet a ici son exemple."""
    assert {type(make()).__name__ for make in PICTURES.values()} == set(pictures.__all__)


@every_picture
@pytest.mark.parametrize("look", ["clair", "sombre", "contraste"])
def test_axe_finds_nothing(
    open_picture: Open, capture: Callable[[Page, str], None], name: str, look: str
) -> None:
    """Réglages nommés et contrastes suffisants, au départ et au bout : axe ne trouve rien."""
    page = open_picture(name, forced_colors="active" if look == "contraste" else "none")
    if look == "sombre":
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        expect(page.locator(".px.dark")).to_have_count(1)
    capture(page, f"image-{name}-{look}")
    for _ in range(2):
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        to_the_end(page)


def to_the_end(page: Page) -> None:
    """Pousse chaque curseur au bout, et attend que l'image ait suivi."""
    for slider in page.get_by_role("slider").all():
        slider.press("End")
    page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")


@every_picture
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_fits_where_its_place_was_kept(open_picture: Open, name: str, width: int) -> None:
    """Rien ne dépasse, même textes espacés ; la place réservée était la bonne, à 40 pixels près."""
    page = open_picture(name, width=width)
    kept = PICTURES[name]().heights[width < 720]
    height = page.evaluate("document.querySelector('moving-picture').offsetHeight")
    if width != 320:
        assert abs(height - kept) <= 40
    to_the_end(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(FAULTS) == []
    page.evaluate(SPACE, SPACED)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(FAULTS) == []


@every_picture
def test_keyboard_reaches_everything(open_picture: Open, name: str) -> None:
    """Chaque réglage se prend au clavier, dans l'ordre de lecture, et aucune touche ne sort."""
    page = open_picture(name)
    page.evaluate("window.seen = []; addEventListener('keydown', ({ key }) => seen.push(key))")
    controls = page.evaluate(f"{ROOT}.querySelectorAll({json.dumps(CONTROLS)}).length")
    page.get_by_role("slider").first.focus()
    reached = 1
    while page.evaluate(
        f"""() => {{
          const all = [...{ROOT}.querySelectorAll({json.dumps(CONTROLS)})];
          const here = all.indexOf({ROOT}.activeElement);
          return here >= 0 && here < all.length - 1;
        }}"""
    ):
        page.keyboard.press("Tab")
        reached += 1
    first = page.evaluate(
        f"""[...{ROOT}.querySelectorAll({json.dumps(CONTROLS)})]
          .indexOf({ROOT}.querySelector("[type=range]"))"""
    )
    assert reached == controls - first
    assert page.evaluate("seen") == []


@every_picture
def test_a_key_moves_it_and_is_told(open_picture: Open, name: str) -> None:
    """Une touche change ce qui est montré ; il se dit une fois au repos, pas au chargement."""
    page = open_picture(name)
    status = page.get_by_role("status")
    expect(status).to_have_text("")
    before = page.evaluate(TEXT)
    slider = page.get_by_role("slider").first
    slider.press("Home")
    slider.press("ArrowRight")
    page.wait_for_function(f"(before) => {TEXT} !== before", arg=before)
    expect(status).not_to_have_text("")


@every_picture
def test_without_javascript_it_stands_still(open_picture: Open, name: str) -> None:
    """Sans JavaScript, la page montre une image et un tableau, sans réglage."""
    page = open_picture(name, java_script_enabled=False)
    assert page.locator("moving-picture svg[role=img]").is_visible()
    assert page.locator("moving-picture table").is_visible()
    assert page.locator("moving-picture svg").count() == 1  # le livre et la liseuse l'agrandissent
    assert page.locator("input").count() == 0


@every_picture
def test_a_picture_is_not_an_explorer(name: str) -> None:
    """Une image n'a pas de page à mettre dans un cadre : ces pages gardent leurs numéros."""
    assert not _ELEMENT.search(PICTURES[name]()._repr_mimebundle_()[0]["text/html"])


@every_picture
def test_jupyter_shows_what_the_page_shows(open_picture: Open, name: str) -> None:
    """La porte de Jupyter monte la même image, et se referme."""
    page = open_picture(name)
    script = base64.b64encode((BUILT / JUPYTER).read_bytes()).decode()
    assert page.evaluate(MOUNT, [script, PICTURES[name]()._data]) == page.evaluate(TEXT)


@every_picture
def test_a_picture_leaves_a_trace_of_its_own(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Le HTML fixe est une sortie à lui, le même à chaque exécution, et ne demande rien dehors."""
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(lasting, "publish_display_data", lambda data, *_: shown.append(data))
    for _ in range(2):
        PICTURES[name]()._ipython_display_()
    static, view, again, _ = shown
    assert set(view) == {"application/vnd.jupyter.widget-view+json"}
    assert static == again
    assert "http" not in static["text/html"]
    assert not re.search(r"0x[0-9a-f]{6}|\d\.\d", static["text/plain"])
