"""Les navigateurs des tests : de vrais Chromium, Firefox et WebKit, trouvés ou obtenus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Timer
from typing import Any

import psutil
import pytest
from builder.browser import CHROMIUM, ENGINES, FIREFOX, FLAGS, Engine, ensure_browser
from builder.failure import Failure
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.engines.by_playwright import playwright_tab
from tests.engines.tab import Tab

# Comme sur un téléphone, et comme les deux autres : la barre de défilement ne prend pas de place.
_FIREFOX = {
    "ui.useOverlayScrollbars": 1,
    "ui.prefersReducedMotion": 1,
    "privacy.reduceTimerPrecision": False,
}
NAMES = [engine.playwright_name for engine in ENGINES]


def chromium() -> Iterator[Browser]:
    """Lance Chromium, et le ferme."""
    with driver() as playwright:
        yield from launched(playwright, CHROMIUM)


@contextmanager
def driver() -> Iterator[Playwright]:
    """Lance Playwright, et le ferme."""
    playwright = sync_playwright().start()
    try:
        yield playwright
    finally:
        with bounded():
            playwright.stop()


@contextmanager
def bounded(seconds: float = 60.0) -> Iterator[None]:
    """Borne une fermeture : passé ce temps, Playwright et ses navigateurs sont arrêtés de force.

    Les tests sont alors finis : un navigateur qui ne se ferme pas ne doit ni les faire échouer, ni
    les faire attendre sans fin.
    """
    late = Event()

    def stop() -> None:
        late.set()
        for pilot in filter(_is_driver, psutil.Process().children()):
            for process in (*pilot.children(recursive=True), pilot):
                with suppress(psutil.NoSuchProcess):
                    process.kill()

    watch = Timer(seconds, stop)
    watch.start()
    try:
        yield
    except Exception:  # Playwright se plaint de ce que l'on vient d'arrêter
        if not late.is_set():
            raise
    finally:
        watch.cancel()


def _is_driver(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return "run-driver" in process.cmdline()
    return False


def launched(playwright: Playwright, engine: Engine) -> Iterator[Browser]:
    """Lance ce navigateur par Playwright, et le ferme."""
    place = _found(engine)
    options: dict[str, Any] = {}
    if engine is CHROMIUM:
        options["args"] = list(FLAGS)
    if engine is FIREFOX:
        options["firefox_user_prefs"] = _FIREFOX
        if place != Path(playwright.firefox.executable_path):
            options["channel"] = "moz-firefox"  # celui de tout le monde, par WebDriver BiDi
    browser = getattr(playwright, engine.playwright_name).launch(executable_path=place, **options)
    yield browser
    with bounded():
        browser.close()


@contextmanager
def tab_of(name: str, playwright: Playwright, folder: Path) -> Iterator[Tab]:
    """Un onglet de ce moteur, le temps du bloc ; ce qu'il écrit va dans ce dossier."""
    engine = ENGINES[NAMES.index(name)]
    if (place := _found(engine)).name == "WebKitWebDriver":
        from tests.engines.by_webdriver import webkit_tab  # Selenium, pour lui seul

        with webkit_tab(place, folder) as tab:
            yield tab
        return
    with (
        contextmanager(launched)(playwright, engine) as browser,
        playwright_tab(name, browser) as tab,
    ):
        yield tab


def _found(engine: Engine) -> Path:
    try:
        return ensure_browser(engine)
    except Failure as failure:
        pytest.fail(str(failure), pytrace=False)
