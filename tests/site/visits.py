"""Ouvrir les pages du site dans un vrai navigateur et noter ce qui s'y passe."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from moved import MOVED
from playwright.sync_api import Browser, Page, Route

from tests.engines.tab import READY

SITE = Path(__file__).parents[2] / "_build" / "html"
_FOUND = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
# Sans les gabarits du thème, ni les pages qui ne font que mener à une autre.
LEADS = ["index.html", *(f"{former}.html" for former in MOVED)]
PAGES = [name for name in _FOUND if not name.startswith("_static/") and name not in LEADS]
ANNEXES = [name for name in PAGES if name.startswith("notebooks/annexes/")]
LESSONS = [n for n in PAGES if n.startswith("notebooks/") and n not in ANNEXES]
# Une page de chaque sorte : celles d'un même dossier ont le même gabarit.
KINDS = {str(Path(name).parent) if "/" in name else name: name for name in PAGES[::-1]}.values()
every_lesson = pytest.mark.parametrize("page_name", LESSONS, indirect=True)
DESKTOP, PHONE = (1280, 900), (390, 844)
_WRITTEN_HERE = ("data:", "blob:")  # des adresses qui ne demandent rien à personne

# Ce que la politique de la page (book/templates/policy.html) a refusé.
REFUSALS = """
  window.refusals = [];
  addEventListener("securitypolicyviolation", (refusal) =>
    refusals.push(`${refusal.effectiveDirective} : ${refusal.blockedURI} ${refusal.sample}`));
"""

# Taille et couleurs demandées à l'instant ne sont à la page qu'une fois qu'elle s'est redessinée.
REPAINTED = """() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"""

# Les couleurs de l'explorateur d'un cadre sont celles qui ont été demandées.
FOLLOWED = """(dark) => {
  const frame = document.querySelector("pruning-explorer, pruning-words").shadowRoot;
  return frame?.querySelector(".px")?.classList.contains("dark") === dark;
}"""

FACTS = """() => {
  const all = (css) => [...document.querySelectorAll(css)];
  const text = (css) => all(css).map((e) => e.textContent.trim());
  const written = ["title", "aria-label", "placeholder", "data-bs-title", "data-tooltip"];
  // Ailleurs que dans une citation, dont l'infobulle est un titre étranger.
  const labels = all(written.map((a) => `[${a}]`)).filter((e) => !e.matches("a.reference"))
    .flatMap((e) => written.map((a) => e.getAttribute(a)));
  // Le texte de l'interface : tout ce qui n'est ni la leçon (ou la diapositive que reveal.js lit à
  // voix haute), ni du code, ni l'index des noms, ni un mot inventé.
  const foreign = `script, style, noscript, code, .genindextable, .math, .aria-status,
    pruning-words td${document.querySelector("#search-results") ? "" : ", article"}`;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const chrome = [];
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest(foreign)) chrome.push(walker.currentNode.data);
  return {
    lang: document.documentElement.lang,
    title: document.title,
    h1: text("h1").filter((_, i) => !all("h1")[i].closest("#jb-print-docs-body")),
    description: document.querySelector("meta[name=description]")?.content ?? "",
    icon: document.querySelector("link[rel~=icon]")?.href ?? "",
    unnamed: all("img:not([alt]), article img[alt='']").map((e) => e.outerHTML.slice(0, 200)),
    formulas: all("article .math").length,
    composed: all("article .math mjx-container").length,
    broken: text("mjx-merror, [data-mjx-error]"),
    width: document.documentElement.scrollWidth,
    labels: [...new Set(labels.filter(Boolean))],
    buttons: text("button").filter(Boolean),
    chrome: [...new Set(chrome.map((t) => t.trim()).filter(Boolean))],
    explorers: all("pruning-explorer, pruning-words").length,
    policies: all("head > meta[http-equiv=Content-Security-Policy]").length,
    refusals: window.refusals,
  };
}"""


@dataclass
class Visit:
    """Ce qu'une page a demandé, dit et montré."""

    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    page: Page | None = None


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Sert un dossier sur cette machine, le temps du bloc ; donne l'adresse."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Rien : les fautes sont lues dans le navigateur."""

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def window(browser: Browser, base: str, size: tuple[int, int], **options: Any) -> Iterator[Page]:
    """Une fenêtre neuve, coupée de tout ce qui n'est pas à cette adresse."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **options)

    def gate(route: Route) -> None:
        route.continue_() if route.request.url.startswith(base) else route.abort()

    context.route(lambda url: not url.startswith(_WRITTEN_HERE), gate)
    page = context.new_page()
    page.add_init_script(REFUSALS)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def visited(page: Page, url: str, *, script: bool = True) -> Iterator[Visit]:
    """Va à une page, attend qu'elle soit prête, et note ce qui s'y passe jusqu'à la fin du bloc."""
    visit = Visit(page=page)
    requests, failures, errors = visit.requests, visit.failures, visit.errors
    notes: dict[Any, Any] = {
        "request": lambda r: r.url.startswith(_WRITTEN_HERE) or requests.append(r.url),
        "requestfailed": lambda r: failures.append(f"{r.url} : {r.failure}"),
        "response": lambda r: r.status < 400 or failures.append(f"{r.url} : {r.status}"),
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda m: m.type in ("error", "warning") and errors.append(m.text),
    }
    for event, note in notes.items():
        page.on(event, note)
    page.goto(url, wait_until="load")
    if script:
        page.evaluate(READY)
    try:
        yield visit
    finally:
        for event, note in notes.items():
            page.remove_listener(event, note)


@contextmanager
def opened(
    browser: Browser, base: str, page_name: str, size: tuple[int, int], **options: Any
) -> Iterator[tuple[Page, Visit]]:
    """Ouvre une page dans une fenêtre neuve, et attend qu'elle soit prête."""
    script = options.get("java_script_enabled", True)
    with (
        window(browser, base, size, **options) as page,
        visited(page, f"{base}/{page_name}", script=script) as visit,
    ):
        yield page, visit


def wear(page: Page, size: tuple[int, int], scheme: str = "light") -> None:
    """Donne à la page une taille et des couleurs, sans la recharger."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    # Les diapositives restent claires, pour un projecteur ; dans un cadre, l'explorateur suit le
    # système.
    if "/explorateurs/" in page.url:
        page.wait_for_function(FOLLOWED, arg=scheme == "dark")
    elif "/diapositives/" not in page.url:
        page.locator(f"html[data-theme={scheme}]").wait_for(state="attached")
    page.evaluate(REPAINTED)
