"""Réglages communs à toutes les épreuves."""

import pytest
import torch

# Deux fils sur de petites matrices peuvent être 50 fois plus lents qu'un seul.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Même hasard pour chaque épreuve, quel que soit leur ordre."""
    torch.manual_seed(0)
