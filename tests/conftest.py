"""Réglages communs à tous les tests."""

import os

import pytest
import torch

from tests import skipped
from tests.browsers import chromium
from tests.devices import device, devices_of, told

__all__ = ["device"]

# Deux fils sur de petites matrices peuvent être 50 fois plus lents qu'un seul.
torch.set_num_threads(1)

# Les réseaux des recettes sont tirés au sort : rien n'est à télécharger.
os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_configure(config: pytest.Config) -> None:
    """Un test sauté se voit."""
    config.pluginmanager.register(skipped)


def pytest_collectstart() -> None:
    """Même hasard pour les données qu'un fichier de tests tire quand il est lu."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Même hasard pour chaque test, quel que soit leur ordre."""
    torch.manual_seed(0)


# Par module : ouvert, Playwright garde une boucle asyncio en marche.
browser = pytest.fixture(scope="module", name="browser")(chromium)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Dit sur quels périphériques les tests ont tourné, et sur lesquels ils n'ont pas pu."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    for rank, line in enumerate(told(devices_of(reports))):
        if rank == 0:
            terminalreporter.section("Périphériques")
        terminalreporter.write_line(line)
