"""Le navigateur des tests : un vrai Chromium, trouvé ou obtenu comme pour le livre."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builder.browser import FLAGS, ensure_browser
from builder.failure import Failure
from playwright.sync_api import Browser, sync_playwright


def chromium() -> Iterator[Browser]:
    """Lance Chromium, et le ferme."""
    try:
        executable = ensure_browser()
    except Failure as failure:
        pytest.fail(str(failure), pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield launched
        launched.close()
