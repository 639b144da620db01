"""Les gestes d'un lecteur, dans Chromium, Firefox et WebKit."""

from __future__ import annotations

from pathlib import Path

import pytest

from pruning_core.course.formatting import number, percent
from tests.engines.copying import witnessed
from tests.engines.tab import Tab
from tests.explorer.conftest import write_page
from tests.explorer.explorer_vectors import digits_explorer, lenet_explorer
from tests.pictures.instances import PICTURES
from tests.site.test_slides import DECKS, FAULTS, PROJECTOR
from tests.site.visits import LESSONS, PHONE

both_doors = pytest.mark.parametrize("door", ["http", "file"])
LESSON = LESSONS[0] if LESSONS else ""
WORDS = "notebooks/8_1_5_langue.html"
SLIDER = "pruning-explorer >>> input[type=range]"
FIRST_STAT = "pruning-explorer >>> .stat b"
TOLD = "document.querySelector('moving-picture').shadowRoot?.querySelector('.px').innerText"
TERM = "article a.terme"
BUBBLE = "[role=tooltip]"
BOX = "input[data-exercice]"
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"
# Règle l'explorateur et rend, une fois l'image suivie d'une autre, ses grands nombres.
SET = """async ([method, percent]) => {
  const root = document.querySelector("pruning-explorer").shadowRoot;
  const radio = root.querySelector(`input[value=${method}]`);
  if (!radio.checked) radio.click();
  const slider = root.querySelector("[type=range]");
  slider.value = percent;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  for (let turn = 0; turn < 3; turn += 1) await new Promise((go) => requestAnimationFrame(go));
  return [...root.querySelectorAll(".stat b")].map((one) => one.textContent);
}"""


@pytest.mark.parametrize(
    ("explorer", "sparsities"), [(digits_explorer, (0.5, 0.9, 1.0)), (lenet_explorer, (0.95,))]
)
def test_numbers_are_those_of_python(
    tab: Tab, tmp_path: Path, explorer: object, sparsities: tuple[float, ...]
) -> None:
    """L'explorateur donne les mêmes poids restants et la même exactitude que pruning_core."""
    network = explorer()
    (tmp_path / "page").mkdir()
    name = Path(write_page(tmp_path / "page", network, "explorateur")).name
    copy = witnessed(tmp_path / "page", tmp_path / "copie")
    tab.open((copy / name).as_uri())
    tab.box(FIRST_STAT)  # il est là : l'explorateur a démarré
    for method in network.methods:
        for sparsity in sparsities:
            result, masks = network.evaluate(method, sparsity, "global")
            kept = sum(int(mask.sum()) for mask in masks.values())
            shown = tab.run(SET, [method, 100 * sparsity])
            assert shown[1:] == [number(kept), percent(result.accuracy)], (method, sparsity)
    assert tab.faults() == []


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_moves(tab: Tab, tmp_path: Path, name: str) -> None:
    """Une image que l'on bouge s'ouvre, suit les touches, et ne demande rien ailleurs."""
    (tmp_path / "page").mkdir()
    page = Path(write_page(tmp_path / "page", PICTURES[name](), name, ("pictures.js",))).name
    tab.resize(*PHONE)
    tab.open((witnessed(tmp_path / "page", tmp_path / "copie") / page).as_uri())
    slider = "moving-picture >>> input[type=range]"
    tab.until(f"{TOLD} !== undefined")
    before = tab.run(f"() => {TOLD}")
    tab.focus(slider)
    for key in ("Home", "ArrowRight"):
        tab.press(key)
    tab.until(f"(before) => {TOLD} !== before", before)
    assert tab.run("() => document.documentElement.scrollWidth") == PHONE[0]
    assert tab.faults() == []
    assert tab.outside() == []


@both_doors
def test_slider_answers_to_keys_and_to_the_mouse(
    tab: Tab, doors: dict[str, str], door: str
) -> None:
    """Le curseur d'une leçon publiée suit les touches et la souris, et les nombres le suivent."""
    tab.resize(*PHONE)
    tab.open(f"{doors[door]}/{LESSON}")
    tab.focus(SLIDER)
    for key, value in (("Home", "0"), ("ArrowRight", "0.5"), ("End", "100"), ("ArrowLeft", "99.5")):
        tab.press(key)
        tab.until(f"(value) => {_value()} === value", value)
    tab.until(f"{_slider()}.getAttribute('aria-valuetext').includes('poids restants')")
    tab.drag(SLIDER, 0.9, 0.25)
    value = tab.read(SLIDER, "value")
    assert 22 <= float(value) <= 28
    told = f"{round(float(value))}\u00a0%"
    tab.until(f"(told) => {_slider('.stat b')}.textContent === told", told)
    assert tab.faults() == []


def _slider(css: str = "input[type=range]") -> str:
    return f"document.querySelector('pruning-explorer').shadowRoot.querySelector('{css}')"


def _value() -> str:
    return f"{_slider()}.value"


def test_hint_opens_and_closes(tab: Tab, doors: dict[str, str]) -> None:
    """Une définition s'ouvre à la souris et au toucher, et se ferme au départ et par Échap."""
    tab.resize(1280, 900)
    tab.open(f"{doors['http']}/{LESSON}")
    gone = f"!document.querySelector('{BUBBLE}')"
    tab.hover(TERM)
    tab.until(f"document.querySelector('{BUBBLE}')?.checkVisibility()")
    tab.mouse("move", 5, 5)
    tab.until(gone)
    tab.tap(TERM)
    tab.until(f"document.querySelector('{BUBBLE}')?.textContent.includes('Touchez encore')")
    tab.press("Escape")
    tab.until(gone)
    assert tab.faults() == []


@pytest.mark.parametrize(
    ("tag", "page_name", "asked", "values"),
    [
        ("pruning-explorer", LESSON, "sparsite=62.5&methode=magnitude", ["62.5"]),
        ("pruning-words", WORDS, "sparsite=80&comparer=wanda&tirage=7&debut=anti", ["80", "7"]),
    ],
)
def test_address_reopens_the_explorer(
    tab: Tab, doors: dict[str, str], tag: str, page_name: str, asked: str, values: list[str]
) -> None:
    """Depuis le disque, sur un téléphone, une adresse partagée rouvre l'explorateur, et y mène."""
    tab.resize(*PHONE)
    tab.open(f"{doors['file']}/{page_name}#explorateur=1&{asked}")
    shown = f"""(values) => {{
      const root = document.querySelector("{tag}").shadowRoot;
      const fields = [...root?.querySelectorAll("[type=range], [type=number]") ?? []];
      return String(fields.map((one) => one.value)) === String(values)
        && root.host.getBoundingClientRect().top < innerHeight
        && root.textContent.includes("Copier l’adresse");
    }}"""
    tab.until(shown, values)
    assert tab.run("() => document.documentElement.scrollWidth") == PHONE[0]
    assert tab.faults() == []


@both_doors
def test_search_finds_the_lesson(tab: Tab, doors: dict[str, str], door: str) -> None:
    """La recherche trouve la leçon."""
    tab.open(f"{doors[door]}/search.html?q=magnitude")
    tab.until("document.querySelector(\"#search-results a[href*='8_1_1_magnitude']\") !== null")
    assert tab.faults() == []


def test_done_exercise_stays_done(tab: Tab, doors: dict[str, str]) -> None:
    """Une coche reste quand on revient à la leçon, et l'accueil la compte."""
    tab.resize(1280, 900)
    tab.open(f"{doors['http']}/{LESSON}")
    tab.run(FORGET)
    tab.open(f"{doors['http']}/{LESSON}")
    tab.click(BOX)
    tab.until(f"document.querySelector('{BOX}').checked")
    tab.open(f"{doors['http']}/{LESSON}")
    assert tab.read(BOX, "checked") is True
    tab.open(f"{doors['http']}/book/index.html")
    assert tab.read(".faits") == "1"
    tab.run(FORGET)
    assert tab.faults() == []


def test_deck_is_shown_whole(tab: Tab, doors: dict[str, str]) -> None:
    """Les diapositives avancent au clavier, depuis le disque, et rien n'y est coupé."""
    tab.resize(*PROJECTOR)
    tab.open(f"{doors['file']}/{DECKS[0]}")
    tab.press("ArrowRight")
    tab.until("Reveal.getIndices().h === 1")
    total = tab.run("Reveal.getTotalSlides()")
    show = f"(rank) => {{ Reveal.slide(rank); return ({FAULTS})(); }}"
    assert total >= 15
    assert [fault for rank in range(total) for fault in tab.run(show, rank)] == []
    assert tab.faults() == []
