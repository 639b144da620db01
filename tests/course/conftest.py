"""Ce que les tests des expériences ont en commun."""

from __future__ import annotations

import pytest

from tests.course.witness import Witness, witness


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Witness:
    """Ce qu'une expérience apprend et mesure, sans qu'elle le fasse."""
    return witness(monkeypatch)
