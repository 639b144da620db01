"""Le site construit, un serveur, un navigateur, et des pages ouvertes une seule fois."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import chromium
from tests.site.visits import DESKTOP, FACTS, PAGES, PHONE, SITE, Visit, opened, served

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


def settled(page: Page, visit: Visit) -> Visit:
    """Ce que la page a fait d'elle-même : axe, ensuite, lui en fait demander davantage."""
    facts = page.evaluate(FACTS)
    return Visit([*visit.requests], [*visit.failures], [*visit.errors], facts, page)


@pytest.fixture(scope="session")
def desktop(browser: Browser, address: str, page_name: str) -> Iterator[Visit]:
    """La page servie par http, en grand, sans mouvement."""
    with opened(browser, address, page_name, DESKTOP, reduced_motion="reduce") as (page, visit):
        yield settled(page, visit)


@pytest.fixture(scope="session")
def phone(browser: Browser, page_name: str) -> Iterator[Visit]:
    """La page ouverte depuis le disque, sur un téléphone."""
    with opened(browser, SITE.as_uri(), page_name, PHONE) as (page, visit):
        yield settled(page, visit)


@pytest.fixture(params=["desktop", "phone"])
def visit(request: pytest.FixtureRequest, desktop: Visit, phone: Visit) -> Visit:
    """La page, par l'une puis l'autre de ces deux portes."""
    return {"desktop": desktop, "phone": phone}[request.param]
