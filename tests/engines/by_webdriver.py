"""Un onglet de WebKitGTK, mené par son WebKitWebDriver sur un écran qui n'existe pas.

Ce pilote ne rapporte ni la console, ni les requêtes, et n'ajoute pas de script à l'ouverture d'une
page. Un témoin est donc écrit dans une copie des pages (``copying``), et un mandataire qui ne mène
nulle part reçoit tout ce qui irait ailleurs.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.keys import Keys

from tests.engines.tab import Tab

_BROWSERS = ("/usr/lib*/**/webkit2gtk-4*/MiniBrowser", "/usr/libexec/**/webkit*gtk-*/MiniBrowser")
# La barre d'outils de MiniBrowser, réduite à rien : elle élargirait une fenêtre de 320 px.
_GTK = """* { min-width: 0; min-height: 0; padding: 0; margin: 0; border: none; font-size: 1px;
  -gtk-icon-transform: scale(0.1); }"""
_RUN = """const done = arguments[arguments.length - 1];
(async (argument) => { const it = (SCRIPT); return typeof it === "function" ? it(argument) : it; })
  (arguments[0]).then((value) => done({ value }), (error) => done({ error: String(error) }));"""


class WebKitTab(Tab):
    """Le seul onglet d'un WebKitGTK."""

    engine = "webkit"

    def __init__(self, driver: webdriver.WebKitGTK, trapped: list[str]) -> None:
        self._driver = driver
        self._trapped = trapped
        driver.set_window_size(800, 600)
        self.until("innerWidth === 800")
        self._chrome = 600 - self.run("innerHeight")  # hauteur de ce qui n'est pas la page

    def go(self, url: str) -> None:
        self._driver.get("about:blank")
        self._trapped.clear()
        self._driver.get(url)

    def run(self, script: str, argument: Any = None) -> Any:
        told = self._driver.execute_async_script(_RUN.replace("SCRIPT", script), argument)
        if "error" in told:
            raise AssertionError(f"{told['error']} : {script}")
        return told.get("value")

    def press(self, *keys: str) -> None:
        for pressed in keys:
            *held, last = map(_key, re.split(r"(?<!^)\+", pressed))
            chain = ActionChains(self._driver, duration=0)
            for key in held:
                chain.key_down(key)
            chain.send_keys(last)
            for key in held:
                chain.key_up(key)
            chain.perform()

    def mouse(self, act: str, x: float = 0, y: float = 0) -> None:
        actions = ActionBuilder(self._driver, duration=0)
        if act == "move":
            actions.pointer_action.move_to_location(round(x), round(y))
        else:
            getattr(actions.pointer_action, f"pointer_{act}")()
        actions.perform()

    def resize(self, width: int, height: int) -> None:
        self._driver.set_window_size(width, height + self._chrome)
        self.until(f"innerWidth === {width} && innerHeight === {height}")  # la page suit la fenêtre

    def shot(self, path: Path) -> None:
        path.write_bytes(self._driver.get_screenshot_as_png())

    def faults(self) -> list[str]:
        return [*self.run("witnessed")]  # une page sans témoin échoue, plutôt que d'en avoir l'air

    def outside(self) -> list[str]:
        return [*self._trapped]


def _key(name: str) -> str:
    """La touche, sous le nom que lui donne Selenium."""
    return str(getattr(Keys, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper(), name))


@contextmanager
def webkit_tab(driver: Path, folder: Path) -> Iterator[Tab]:
    """Un onglet de WebKitGTK, le temps du bloc ; ses réglages vont dans ce dossier."""
    (folder / "gtk-3.0").mkdir()
    (folder / "gtk-3.0" / "gtk.css").write_text(_GTK, encoding="utf-8")
    with _screen() as display, _trap() as (proxy, trapped):
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(_minibrowser())
        for argument in ("--automation", f"--proxy={proxy}", "--ignore-host=127.0.0.1"):
            options.add_argument(argument)
        environment = {**os.environ, "DISPLAY": display, "XDG_CONFIG_HOME": str(folder)}
        service = webdriver.WebKitGTKService(str(driver), env=environment)
        launched = webdriver.WebKitGTK(options, service)
        try:
            yield WebKitTab(launched, trapped)
        finally:
            launched.quit()


def _minibrowser() -> Path:
    for pattern in _BROWSERS:
        for found in sorted(Path("/").glob(pattern[1:]), reverse=True):
            return found
    raise AssertionError(f"MiniBrowser, le navigateur de WebKitGTK : attendu dans {_BROWSERS}")


@contextmanager
def _screen() -> Iterator[str]:
    """Un écran en mémoire ; rend son nom."""
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1400x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        try:
            yield f":{number}"
        finally:
            server.terminate()


@contextmanager
def _trap() -> Iterator[tuple[str, list[str]]]:
    """Un mandataire qui note ce qu'on lui demande, et le refuse."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(502)

        do_CONNECT = do_POST = do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            """Rien : c'est ``asked`` que l'on lit."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
