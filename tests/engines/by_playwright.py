"""Un onglet mené par Playwright : Chromium, Firefox, et WebKit là où il en a une construction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tests.engines.tab import WITNESS, Tab


class PlaywrightTab(Tab):
    """Un onglet d'un navigateur que Playwright a lancé."""

    def __init__(self, engine: str, page: Page) -> None:
        self.engine = engine
        self.page = page
        self._said: list[str] = []
        self._asked: list[str] = []
        page.add_init_script(WITNESS)
        page.on("pageerror", lambda error: self._said.append(f"erreur : {error}"))
        page.on("request", lambda request: self._asked.append(request.url))

    def go(self, url: str) -> None:
        self.page.goto("about:blank")
        self._said.clear()
        self._asked.clear()
        self.page.goto(url, wait_until="load")

    def run(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def mouse(self, act: str, x: float = 0, y: float = 0) -> None:
        if act == "move":
            self.page.mouse.move(x, y)
        else:
            getattr(self.page.mouse, act)()

    def resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def shot(self, path: Path) -> None:
        self.page.screenshot(path=path)

    def faults(self) -> list[str]:
        return [*self._said, *self.run("witnessed")]

    def outside(self) -> list[str]:
        near = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
        return [url for url in self._asked if not url.startswith(near)]


class ChromiumTab(PlaywrightTab):
    """Un onglet de Chromium, que l'on peut vraiment toucher."""

    def __init__(self, page: Page) -> None:
        super().__init__("chromium", page)
        self._session: CDPSession = page.context.new_cdp_session(page)

    def tap(self, path: str) -> None:
        left, top, width, height = self.box(path)
        finger = [{"x": left + width / 2, "y": top + height / 2}]
        for kind, points in (("touchStart", finger), ("touchEnd", [])):
            self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@contextmanager
def playwright_tab(engine: str, browser: Browser) -> Iterator[Tab]:
    """Un onglet de ce navigateur, le temps du bloc."""
    touch = {"has_touch": True} if engine == "chromium" else {}
    with browser.new_context(viewport={"width": 1280, "height": 900}, **touch) as context:
        page = context.new_page()
        yield ChromiumTab(page) if engine == "chromium" else PlaywrightTab(engine, page)
