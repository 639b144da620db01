"""Aucun test sauté, ni attendu en échec, sans qu'on le sache : les seules raisons qui vaillent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

_WINDOWS = os.name == "nt"

REASONS = {
    "ce script ne tourne que sur les machines de GitHub": _WINDOWS,
    "Binder tourne sous Linux": _WINDOWS,
    "apt-get n'existe pas sous Windows": _WINDOWS,
    "les liens demandent des droits sous Windows": _WINDOWS,
    "Windows n'a pas make": _WINDOWS,
    "la mémoire n'est mesurée que sous Linux": not Path("/proc/self/clear_refs").exists(),
}
"""Pourquoi un test peut ne pas tourner, et si cela vaut ici."""


def not_run(stats: Mapping[str, Iterable[Any]]) -> dict[str, str]:
    """Les tests sautés, ou attendus en échec, et leur raison, d'après le compte de l'outil."""
    found = {}
    for outcome in ("skipped", "xfailed", "xpassed"):
        for report in stats.get(outcome, []):
            told = getattr(report, "wasxfail", None)
            if told is None:
                told = report.longrepr[-1] if report.longrepr else ""
            found[report.nodeid] = str(told).removeprefix("Skipped: ")
    return found


def unexpected(found: Mapping[str, str]) -> list[str]:
    """Ceux dont la raison n'est pas de la liste, ou ne vaut pas ici : un par ligne."""
    return [
        f"{test} : {reason or 'sans raison'}"
        for test, reason in found.items()
        if not REASONS.get(reason)
    ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Un test qui n'a pas tourné, hors des raisons qui valent, fait échouer l'ensemble."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and unexpected(not_run(reporter.stats)):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Les nomme."""
    lines = unexpected(not_run(terminalreporter.stats))
    if lines:
        terminalreporter.section("Tests qui n'ont pas tourné (raisons permises : tests/skipped.py)")
    for line in lines:
        terminalreporter.write_line(line)
