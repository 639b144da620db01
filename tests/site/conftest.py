"""Le site construit, un serveur, un navigateur, et des pages ouvertes une seule fois."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import chromium
from tests.site.visits import DESKTOP, FACTS, PAGES, PHONE, SITE, Visit, served, visited, window

# Pour tous les modules : aucun, ici, n'a besoin d'une autre boucle asyncio que celle de Playwright.
browser = pytest.fixture(scope="session", name="browser")(chromium)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Confie à un même processus les tests d'une page, qu'il n'ouvre ainsi qu'une fois."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        item.add_marker(pytest.mark.xdist_group(parameters.get("page_name", item.path.stem)))


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
