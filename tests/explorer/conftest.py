"""La page d'un explorateur, ouverte depuis le disque."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pruning_core.course.explorer import Explorer, WordExplorer
from pruning_core.course.pictures.base import Picture
from tests.explorer.explorer_vectors import digits_explorer, lenet_explorer

ROOT = Path(__file__).parents[2]
CAPTURES = ROOT / "_build" / "captures" / "explorateur"
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Explorateur</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script defer src="{script}"></script><style>
html[data-theme=dark]{{--pst-color-background:#14181e;--pst-color-text-base:#ced6dd;
--pst-color-text-muted:#9ca4af;--pst-color-border:#48566b;background:#14181e;color:#ced6dd}}
body{{font-family:sans-serif;max-width:760px;margin:0 auto;padding:8px}}
</style></head><body><main><h1>Explorateur</h1>{explorer}<p>La suite.</p></main></body></html>"""


def write_page(
    folder: Path,
    explorer: Explorer | WordExplorer | Picture,
    name: str,
    scripts: tuple[str, ...] = ("explorer.js", "lenet.js"),
) -> str:
    """Pose sur le disque une page, l'explorateur, son script et ses données ; rend son adresse."""
    for script in scripts:
        (built,) = (ROOT / "pruning_core/course").glob(f"*/built/{script}")
        shutil.copy(built, folder)
    html = explorer._repr_mimebundle_()[0]["text/html"]
    page = folder / f"{name}.html"
    page.write_text(PAGE.format(explorer=html, script=scripts[0]), encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="session")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Adresse de la page du petit réseau."""
    explorer = digits_explorer()
    explorer.method, explorer.sparsity, explorer.scope = "magnitude", 0.9, "global"
    return write_page(tmp_path_factory.mktemp("page"), explorer, "chiffres")


@pytest.fixture(scope="session")
def lenet_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Adresse de la page de LeNet-300-100."""
    return write_page(tmp_path_factory.mktemp("page"), lenet_explorer(), "lenet")


@pytest.fixture(scope="session")
def words_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Adresse de la page de l'explorateur de mots."""
    scripts = ("words_explorer.js", "words.js")
    return write_page(tmp_path_factory.mktemp("page"), WordExplorer(), "mots", scripts)


@pytest.fixture
def open_page(browser: Browser, page_url: str) -> Iterator[Callable[..., Page]]:
    """Ouvre la page ; à la fin, aucune erreur ni aucune requête hors du dossier n'est admise."""
    contexts, troubles = [], []

    def open_(
        width: int = 1280,
        height: int = 900,
        *,
        url: str = page_url,
        tolerated: str | None = None,
        **options: object,
    ) -> Page:

        def note(text: str, source: str) -> None:
            if tolerated is None or tolerated not in source:
                troubles.append(text)

        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: note(message.text, message.location["url"]))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("file:", "data:")) or troubles.append(request.url)
            ),
        )
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def capture() -> Callable[[Page, str], None]:
    """Garde une capture de la page entière, pour qui veut la regarder après les tests."""

    def save(page: Page, name: str) -> None:
        CAPTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=CAPTURES / f"{name}.png", full_page=True)

    return save
