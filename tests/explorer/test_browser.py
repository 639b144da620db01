"""Un navigateur de test qui ne se ferme plus."""

from __future__ import annotations

import time

import psutil
import pytest
from builder.browser import CHROMIUM

from tests.browsers import bounded, driver, launched


def test_a_stuck_browser_is_stopped() -> None:
    """Figé, Chromium ne se ferme pas : il est arrêté, son pilote aussi, et l'on continue."""
    with driver() as playwright:
        browser = next(launched(playwright, CHROMIUM))
        here = psutil.Process().children(recursive=True)
        stuck = [process for process in here if process.name().startswith("chrom")]
        assert stuck
        for process in stuck:
            process.suspend()
        start = time.monotonic()
        with bounded(1.0):
            browser.close()
    assert not any(_lives(process) for process in stuck)
    assert time.monotonic() - start < 60


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_error_in_time_is_told() -> None:
    """Une erreur qui vient avant la borne n'est pas tue."""
    with pytest.raises(ValueError, match="dite"), bounded():
        raise ValueError("dite")
