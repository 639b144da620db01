"""Un navigateur de test qui ne se ferme plus."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest
from builder.browser import CHROMIUM

from tests.browsers import bounded, driver, launched


def test_a_stuck_browser_is_stopped() -> None:
    """Figé, Chromium ne se ferme pas : lui et son pilote sont arrêtés, et rien d'autre."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with other, driver() as playwright:
        browser = next(launched(playwright, CHROMIUM))
        here = psutil.Process().children(recursive=True)
        stuck = [process for process in here if process.name().startswith("chrom")]
        assert stuck
        for process in stuck:
            process.suspend()
        start = time.monotonic()
        with bounded(1.0):
            browser.close()
        psutil.wait_procs(stuck, timeout=10)
        assert not any(_lives(process) for process in stuck)
        assert other.poll() is None
        other.communicate(b"\n")
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
