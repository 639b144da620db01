"""Ce qu'un carnet garde d'un widget, une fois son noyau éteint."""

from __future__ import annotations

from typing import Any

import pytest

from pruning_core.course.explorer import WordExplorer, lasting
from tests.explorer.test_live import live
from tests.explorer.test_widget import tiny

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize(
    "make", [tiny, lambda: live([]), WordExplorer], ids=["explorer", "live", "words"]
)
def test_a_widget_leaves_a_table_of_its_own(monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    """Le HTML fixe est une sortie, la vue du widget une autre : perdre l'une laisse l'autre."""
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr(lasting, "publish_display_data", lambda data, *_: shown.append(data))
    make()._ipython_display_()
    static, view = shown
    assert set(static) == {"text/html", "text/plain"}
    assert set(view) == {VIEW}
    assert "<table" in static["text/html"] and "exécutez" in static["text/html"]
    assert ".jp-OutputArea-child:has(" in static["text/html"]
