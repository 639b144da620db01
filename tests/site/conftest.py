"""Le site construit, un serveur, un navigateur, et des pages ouvertes une seule fois."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builder.browser import CHROMIUM
from builder.downloads import FOLDER
from playwright.sync_api import Browser, Page, Playwright

from tests.browsers import NAMES, driver, launched, tab_of
from tests.engines.copying import witnessed
from tests.engines.tab import Tab
from tests.site.groups import GroupScheduling, claim, group_of
from tests.site.visits import DESKTOP, FACTS, PAGES, PHONE, SITE, Visit, served, visited, window


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Range les tests par groupe, les plus longs d'abord."""
    items.sort(key=lambda item: group_of(item.nodeid)[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """Deux processus se partagent les groupes."""
    return GroupScheduling(config, log)


@pytest.fixture(autouse=True)
def alone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> None:
    """Un groupe n'est que dans un processus : sinon, chacun ouvrirait les mêmes pages."""
    if worker_id != "master":
        claim(group_of(request.node.nodeid)[1], worker_id, tmp_path_factory)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Une seule fois : aucun module, ici, n'a besoin d'une autre boucle asyncio que la sienne."""
    with driver() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    yield from launched(playwright, CHROMIUM)


@pytest.fixture(scope="session", params=NAMES)
def tab(
    request: pytest.FixtureRequest,
    playwright: Playwright,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Tab]:
    """Un onglet dans chaque moteur, un seul pour tous les tests."""
    with tab_of(request.param, playwright, tmp_path_factory.mktemp("reglages")) as opened:
        yield opened


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Le site, avec le témoin que demande un moteur dont le pilote est muet."""
    return witnessed(SITE, tmp_path_factory.mktemp("copie"), without=FOLDER)


@pytest.fixture(scope="session")
def doors(copy: Path) -> Iterator[dict[str, str]]:
    """Les deux portes du site, pour un onglet : par http, et depuis le disque."""
    with served(copy) as base:
        yield {"http": base, "file": copy.as_uri()}


@pytest.fixture(scope="session", autouse=True)
def built_site() -> None:
    """Rien à éprouver sans site."""
    if not PAGES:
        pytest.fail("le site n'est pas construit : lancez make site", pytrace=False)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served(SITE) as base:
        yield base


@pytest.fixture(scope="session", params=PAGES)
def page_name(request: pytest.FixtureRequest) -> str:
    """Chaque page ; ses tests se suivent, pour ne l'ouvrir qu'une fois."""
    return request.param


# Une page ne trouve rien de ce qu'ont gardé les précédentes.
FORGET = "localStorage.clear(); sessionStorage.clear();"


@pytest.fixture(scope="session")
def windows(browser: Browser, address: str) -> Iterator[dict[str, Page]]:
    """Deux fenêtres, qui vont de page en page : une neuve prend plus de temps que la page."""
    with (
        window(browser, address, DESKTOP, reduced_motion="reduce") as desktop,
        window(browser, SITE.as_uri(), PHONE) as phone,
    ):
        desktop.add_init_script(FORGET)
        phone.add_init_script(FORGET)
        yield {"desktop": desktop, "phone": phone}


@contextmanager
def settled(page: Page, url: str, size: tuple[int, int]) -> Iterator[Visit]:
    """Ce que la page a fait d'elle-même : axe, ensuite, lui en fait demander davantage."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="light")
    with visited(page, url) as visit:
        facts = page.evaluate(FACTS)
        yield Visit([*visit.requests], [*visit.failures], [*visit.errors], facts, page)
        page.goto("about:blank")  # ce qui restait en cours n'est pas reproché à la suivante


@pytest.fixture(scope="session")
def desktop(windows: dict[str, Page], address: str, page_name: str) -> Iterator[Visit]:
    """La page servie par http, en grand, sans mouvement."""
    with settled(windows["desktop"], f"{address}/{page_name}", DESKTOP) as visit:
        yield visit


@pytest.fixture(scope="session")
def phone(windows: dict[str, Page], page_name: str) -> Iterator[Visit]:
    """La page ouverte depuis le disque, sur un téléphone."""
    with settled(windows["phone"], f"{SITE.as_uri()}/{page_name}", PHONE) as visit:
        yield visit


@pytest.fixture(params=["desktop", "phone"])
def visit(request: pytest.FixtureRequest, desktop: Visit, phone: Visit) -> Visit:
    """La page, par l'une puis l'autre de ces deux portes."""
    return {"desktop": desktop, "phone": phone}[request.param]
