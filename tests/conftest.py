"""Réglages communs à tous les tests."""

import pytest
import torch

from tests.browsers import chromium

# Deux fils sur de petites matrices peuvent être 50 fois plus lents qu'un seul.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Même hasard pour chaque test, quel que soit leur ordre."""
    torch.manual_seed(0)


# Par module : ouvert, Playwright garde une boucle asyncio en marche.
browser = pytest.fixture(scope="module", name="browser")(chromium)
