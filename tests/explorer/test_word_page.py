"""L'explorateur de mots sur une page ouverte depuis le disque, dans un vrai Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pruning_core.course.explorer import WordExplorer
from tests.site.test_sizes import FAULTS

Open = Callable[..., Page]
Capture = Callable[[Page, str], None]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
# Espacement du texte que doit supporter une page (WCAG 1.4.12).
SPACED = """* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
  line-height: 1.5 !important; }"""


@pytest.fixture
def open_words(open_page: Open, words_url: str) -> Open:
    """Ouvre la page, et attend que les premiers mots soient écrits."""

    def open_(**options: object) -> Page:
        page = open_page(**{"url": words_url, **options})
        if options.get("java_script_enabled", True):
            written(page)
        return page

    return open_


def written(page: Page) -> list[list[str]]:
    """Les mots des deux colonnes, une fois tous écrits."""
    last = None
    while True:
        page.wait_for_timeout(150)
        lines = [column.locator(".letters").all_inner_texts() for column in columns(page)]
        now = [[line.rstrip("\u00a0") for line in column] for column in lines]  # la fin, colorée
        if now == last and all(column.locator(".found").inner_text() for column in columns(page)):
            return now
        last = now


def columns(page: Page) -> list:
    return page.locator(".column").all()


def shown(explorer: WordExplorer) -> list[list[str]]:
    return [
        [word or "(rien)" for word in explorer.inventions(method)]
        for method in (explorer.method, explorer.other)
    ]


def test_shows_the_words_python_invents(open_words: Open, capture: Capture) -> None:
    """Curseur au clavier, début, tirage, méthode : la page écrit les mots de Python."""
    page = open_words()
    explorer = WordExplorer()
    assert written(page) == shown(explorer)
    page.get_by_role("slider", name="Sparsité").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    explorer.sparsity = 0.7
    assert written(page) == shown(explorer)
    page.get_by_label("commencer par").fill("anti")
    explorer.prompt = "anti"
    assert written(page) == shown(explorer)
    page.get_by_role("button", name="Autres mots").click()
    explorer.seed = 2
    assert written(page) == shown(explorer)
    expect(page.get_by_label("tirage n°")).to_have_value("2")
    page.get_by_label("Seconde méthode").select_option("wanda")
    explorer.other = "wanda"
    assert written(page) == shown(explorer)
    capture(page, "mots-bureau")


def test_keyboard_reaches_everything(open_words: Open) -> None:
    """Dans l'ordre de lecture, chaque réglage se prend au clavier, et aucune touche ne sort."""
    page = open_words()
    page.evaluate("window.seen = []; addEventListener('keydown', (e) => seen.push(e.key))")
    page.get_by_role("slider", name="Sparsité").focus()
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.querySelector('pruning-words').shadowRoot.activeElement.tagName"
            )
        )
    assert reached == ["SELECT", "SELECT", "INPUT", "INPUT", "BUTTON"]
    before = written(page)
    page.keyboard.press("Enter")
    assert written(page) != before
    assert page.evaluate("seen") == []


def test_announces_once_the_words_are_written(open_words: Open) -> None:
    """Un lecteur d'écran n'est pas interrompu au chargement, puis apprend chaque réglage."""
    page = open_words()
    status = page.get_by_role("status")
    expect(status).to_have_text("")
    page.get_by_role("slider", name="Sparsité").fill("90")
    expect(status).to_contain_text("90\u00a0% élagués.")
    expect(status).to_contain_text("bits par lettre")


@pytest.mark.parametrize("look", ["clair", "sombre", "contraste"])
def test_axe_finds_nothing(open_words: Open, capture: Capture, look: str) -> None:
    """Contrôles nommés, contrastes suffisants à tous les niveaux : axe ne trouve rien."""
    page = open_words(forced_colors="active" if look == "contraste" else "none")
    if look == "sombre":
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        expect(page.locator(".px.dark")).to_have_count(1)
    page.get_by_role("slider", name="Sparsité").fill("90")
    written(page)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    capture(page, f"mots-{look}")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_fits_and_does_not_jump(open_words: Open, width: int) -> None:
    """La page tient en largeur, et ses textes sans se couvrir, même espacés."""
    page = open_words(width=width)
    page.get_by_role("slider", name="Sparsité").fill("90")
    written(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(FAULTS) == []
    page.evaluate(
        """(css) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.querySelector("pruning-words").shadowRoot.adoptedStyleSheets = [sheet];
        }""",
        SPACED,
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(FAULTS) == []


def test_nothing_moves_by_itself(open_words: Open) -> None:
    """Rien n'est animé pour qui a demandé moins de mouvement."""
    page = open_words(reduced_motion="reduce")
    page.get_by_role("slider", name="Sparsité").fill("40")
    page.wait_for_timeout(50)
    root = "document.querySelector('pruning-words').shadowRoot"
    assert page.evaluate(f"{root}.getAnimations().length") == 0


def test_says_what_it_refuses(open_words: Open) -> None:
    """Une lettre inconnue se dit, et le champ garde ce que le modèle peut lire."""
    page = open_words()
    field = page.get_by_label("commencer par")
    field.fill("re2")
    expect(page.get_by_role("alert")).to_contain_text("« 2 »")
    field.blur()
    expect(field).to_have_value("re")


def test_without_javascript_a_table_stands_in(open_words: Open) -> None:
    """Sans JavaScript, la page montre les inventions en tableau."""
    page = open_words(java_script_enabled=False)
    expect(page.get_by_role("table")).to_be_visible()
    assert page.locator("tbody tr").count() == 5


def test_missing_data_show_the_table(open_page: Open, words_url: str, tmp_path: Path) -> None:
    """Sans ses données, la page montre le tableau."""
    folder = Path(unquote(urlparse(words_url).path)).parent
    for name in ("words_explorer.js", "mots.html"):
        shutil.copy(folder / name, tmp_path)
    page = open_page(url=(tmp_path / "mots.html").as_uri(), tolerated="words.js")
    expect(page.get_by_role("table")).to_be_visible()
