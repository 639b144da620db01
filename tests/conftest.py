"""Réglages communs à tous les tests."""

from collections.abc import Iterator

import pytest
import torch
from builder.browser import FLAGS, ensure_browser
from builder.failure import Failure
from playwright.sync_api import Browser, sync_playwright

# Deux fils sur de petites matrices peuvent être 50 fois plus lents qu'un seul.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Même hasard pour chaque test, quel que soit leur ordre."""
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Un vrai Chromium. Par module : ouvert, Playwright garde une boucle asyncio en marche."""
    try:
        executable = ensure_browser()
    except Failure as failure:
        pytest.fail(str(failure), pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()
