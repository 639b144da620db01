"""La page d'une image que l'on bouge, ouverte depuis le disque comme celle d'un explorateur."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.explorer.conftest import capture, open_page, write_page
from tests.pictures.instances import PICTURES

__all__ = ["capture", "open_page"]

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Adresse de la page de chaque image."""
    folder = tmp_path_factory.mktemp("images")
    return {
        name: write_page(folder, make(), name, ("pictures.js",)) for name, make in PICTURES.items()
    }


@pytest.fixture(scope="session")
def page_url(urls: dict[str, str]) -> str:
    """Celle qu'`open_page` ouvre, sauf avis contraire."""
    return urls["bowl"]


@pytest.fixture
def open_picture(open_page: Open, urls: dict[str, str]) -> Open:
    """Ouvre la page d'une image, et attend qu'elle y soit."""

    def open_(name: str, **options: object) -> Page:
        page = open_page(url=urls[name], **options)
        if options.get("java_script_enabled", True):
            page.get_by_role("slider").first.wait_for()
        return page

    return open_
