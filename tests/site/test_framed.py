"""Un explorateur dans le cadre d'une autre page : Moodle, un blog, un dossier sur le disque."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Frame, Page, expect

from tests.engines.copying import rewrite, witnessed
from tests.engines.tab import Tab
from tests.site.budget import Budget, overruns, spending
from tests.site.visits import DESKTOP, LESSONS, PAGES, PHONE, SITE, served, window

FRAMED = [name for name in PAGES if name.startswith("explorateurs/")]
CLASS = "book/classe/integrer.html"
# Le réseau d'un explorateur, son script et un style : ni thème, ni formule, ni recherche.
BUDGET = Budget(files=6, transferred=1_000_000, blocking=5_000, elements=1_500)
HOST = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Un cours</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
</head><body style="margin: 0">{}<script src="suivre.js"></script></body></html>"""
FOLLOW = """addEventListener("message", ({ data }) => {
  if (data.hauteur) window.told = data.hauteur;
  if (data.started) window.started = true;
});"""
# Ajouté aux pages d'une copie : un cadre enfermé ne se laisse pas regarder.
STARTED = """;setInterval(() => {
  const [explorer] = document.querySelectorAll("pruning-explorer, pruning-words");
  const started = Boolean(explorer.shadowRoot?.querySelector("[type=range]"));
  parent.postMessage({ started }, "*");
}, 100);"""
FREE = '<iframe src="{}" title="Explorateur" width="100%" height="900"></iframe>'
JAILED = FREE.replace("<iframe", '<iframe sandbox="allow-scripts"')


def codes() -> dict[str, str]:
    """Le code à coller de chaque explorateur, par page."""
    page = BeautifulSoup((SITE / CLASS).read_text(encoding="utf-8"), "html.parser")
    texts = [code.get_text() for code in page.select("article .highlight-html pre")]
    found = {src[1]: text for text in texts if (src := re.search(r"(explorateurs/[^\"]+)", text))}
    return {name: html.unescape(text) for name, text in found.items()}


def test_each_explorer_has_its_page_and_its_code() -> None:
    """Chaque explorateur d'une leçon a une page, et un code qui mène à elle."""
    expected = []
    for lesson in LESSONS:
        count = len(re.findall("<pruning-[a-z]+ ", (SITE / lesson).read_text(encoding="utf-8")))
        stem = Path(lesson).stem
        expected += [f"explorateurs/{stem}-{rank + 1}.html" for rank in range(count)]
    assert sorted(expected) == FRAMED
    assert sorted(codes()) == FRAMED
    for name, code in codes().items():
        frame = BeautifulSoup(code, "html.parser").iframe
        assert frame is not None
        assert str(frame["src"]).startswith("https://")
        title = BeautifulSoup((SITE / name).read_text(encoding="utf-8"), "html.parser").h1
        assert title is not None
        assert frame["title"] == title.get_text()


@pytest.mark.parametrize("name", FRAMED)
def test_framed_page_is_light(browser: Browser, address: str, name: str) -> None:
    """Elle ne charge que l'explorateur et son réseau."""
    spent = spending(browser, address, SITE, name, PHONE)
    # Un grand réseau, que l'explorateur va chercher, ne retarde rien.
    late = re.compile(r"/(lenet|words)\.js")
    blocking = {url: size for url, size in spent.blocking.items() if not late.search(url)}
    assert list(overruns(replace(spent, blocking=blocking), BUDGET)) == []


@contextmanager
def hosted(browser: Browser, address: str, frame: str, width: int) -> Iterator[tuple[Page, Frame]]:
    """Une page d'un autre site, qui montre ce cadre."""
    with window(browser, address, (width, 900)) as page:
        host = f"{address}/cours/"
        body = HOST.format(frame).replace('src="suivre.js">', f">{FOLLOW}")
        page.route(host, lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(host, wait_until="load")
        yield page, page.frames[1]


@pytest.mark.parametrize("name", FRAMED)
def test_pasted_code_fits_from_phone_to_desktop(browser: Browser, address: str, name: str) -> None:
    """Collé tel quel, le cadre montre tout l'explorateur, sans défiler, de 320 à 1 280 pixels."""
    code = re.sub(r"https://[^/]+", address, codes()[name])
    with hosted(browser, address, code, 320) as (page, frame):
        frame.locator("pruning-explorer, pruning-words").locator("[type=range]").first.wait_for()
        for width in (320, 390, 640, 720, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(150)
            needed, given = frame.evaluate("[document.documentElement.scrollHeight, innerHeight]")
            assert needed <= given, width
            assert frame.evaluate("document.documentElement.scrollWidth") <= width


def test_lesson_opens_beside_or_inside(browser: Browser, address: str) -> None:
    """Le lien ouvre la leçon dans un onglet ; dans le cadre, s'il n'a droit qu'aux scripts."""
    url = f"{address}/{FRAMED[0]}"
    link = "main > p a"
    for code in (FREE, re.sub(r"https://[^/]+/\S+html", "{}", codes()[FRAMED[0]])):
        with hosted(browser, address, code.format(url), 800) as (page, frame):
            with page.context.expect_page() as opened:
                frame.locator(link).click()
            assert "/notebooks/" in opened.value.url
            assert frame.url == url
    with hosted(browser, address, JAILED.format(url), 800) as (page, frame):
        frame.locator(link).click()
        frame.wait_for_url("**/notebooks/*")
        assert len(page.context.pages) == 1


def test_explorer_lives_in_a_sandbox(browser: Browser, address: str) -> None:
    """Dans un cadre qui n'a droit qu'aux scripts, le curseur élague, et la hauteur est dite."""
    with hosted(browser, address, JAILED.format(f"{address}/{FRAMED[0]}"), 800) as (page, frame):
        slider = frame.locator("pruning-explorer input[type=range]")
        before = frame.locator(".stat b").nth(1).text_content()
        slider.press("End")
        expect(frame.locator(".stat b").nth(1)).not_to_have_text(before or "")
        page.wait_for_function("window.told > 0")
        told = page.evaluate("told")
        assert told == frame.evaluate("document.documentElement.offsetHeight")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Une copie du site, et à côté les pages d'un cours qui en montrent les explorateurs."""
    copy = tmp_path_factory.mktemp("cadres")
    (copy / "cours").mkdir()
    for kind, frame in {"libre": FREE, "enferme": JAILED}.items():
        for rank, name in enumerate(FRAMED):
            page = HOST.format(frame.format(f"../{name}"))
            (copy / "cours" / f"{kind}-{rank}.html").write_text(page, encoding="utf-8")
    (copy / "cours" / "suivre.js").write_text(FOLLOW, encoding="utf-8")
    witnessed(SITE, copy, without="telechargements")
    script = copy / "_static" / "framed.js"
    text = script.read_text(encoding="utf-8") + STARTED
    rewrite(script, text)
    with served(copy) as base:
        yield {"http": base, "file": copy.as_uri()}


@pytest.mark.parametrize(
    ("door", "kind"), [("http", "libre"), ("http", "enferme"), ("file", "libre")]
)
def test_every_engine_shows_it(tab: Tab, doors: dict[str, str], door: str, kind: str) -> None:
    """Servi, enfermé ou non, ou ouvert du disque, l'explorateur démarre dans chaque moteur."""
    tab.resize(*DESKTOP)
    for rank in range(len(FRAMED)):
        tab.open(f"{doors[door]}/cours/{kind}-{rank}.html")
        tab.until("() => window.started && window.told > 0", seconds=30)
        assert tab.outside() == []


def test_jailed_on_the_disk_it_shows_its_table(browser: Browser, doors: dict[str, str]) -> None:
    """Enfermé et ouvert du disque, où tout script est refusé, il montre son tableau, et le dit."""
    with window(browser, doors["file"], DESKTOP) as page:
        for rank in (0, len(FRAMED) - 1):  # un explorateur de réseaux, celui de mots
            page.goto(f"{doors['file']}/cours/enferme-{rank}.html", wait_until="load")
            still = page.frames[1].locator(".pruning-static")
            expect(still).not_to_have_css("height", "0px", timeout=20_000)  # au bout de 4 secondes
            assert still.locator("table").is_visible()
            assert "Pour bouger la sparsité vous-même" in still.inner_text()
            assert "navigateur récent" in still.inner_text()


def test_framed_policy_admits_no_written_script() -> None:
    """Aucun script écrit dans la page, rien qui compile, et rien qu'elle puisse envoyer."""
    for name in FRAMED:
        text = (SITE / name).read_text(encoding="utf-8")
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy
        assert "script-src 'self' https: http:;" in policy[1]
        assert policy[1].startswith("default-src 'none';")
        assert "form-action 'none'" in policy[1]
        assert set(re.findall(r"<script(?![^>]* src=)(?! type=.application/json)", text)) == set()
