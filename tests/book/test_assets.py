"""Les fichiers d'une page : ceux qui servent, et différés."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from assets import choose_assets


@pytest.mark.parametrize(
    ("template", "body", "expected"),
    [
        ("page.html", "<p>texte</p>", []),
        ("page.html", "<pruning-explorer></pruning-explorer>", ["explorer.js"]),
        ("page.html", "<pruning-words></pruning-words>", ["words_explorer.js"]),
        ("page.html", "<lesson-outcome></lesson-outcome>", ["guesses.js"]),
        ("page.html", "<moving-picture></moving-picture>", ["pictures.js"]),
        ("page.html", '<form class="repondre"></form>', ["answers.js", "answers.css"]),
        ("page.html", '<details data-choix="juste"></details>', ["answers.js", "answers.css"]),
        ("page.html", '<div class="gloses" hidden=""></div>', ["hints.js"]),
        ("page.html", '<div class="fiche admonition"></div>', ["progress.js"]),
        ("page.html", '<div class="avancements"></div>', ["progress.js"]),
        ("page.html", "<mjx-container></mjx-container>", ["maths.css"]),
        ("page.html", '<dl class="py function"></dl>', ["reference.css"]),
        ("genindex.html", "", ["reference.css"]),
    ],
)
def test_page_loads_only_what_serves(template: str, body: str, expected: list[str]) -> None:
    """Une page charge les fichiers de ce qu'elle porte, et pas les autres."""
    added: list[str] = []
    app: Any = SimpleNamespace(add_js_file=added.append, add_css_file=added.append)
    choose_assets(app, "p", template, {"body": body, "script_files": []}, None)
    assert added == expected


def test_every_script_is_a_file_and_waits() -> None:
    """Les scripts d'une page sont des fichiers, dans leur ordre, et tous différés."""
    first, inline, last = (
        SimpleNamespace(filename=name, attributes={}) for name in ("a.js", None, "b.js")
    )
    context: dict[str, Any] = {"script_files": [first, inline, last]}
    choose_assets(SimpleNamespace(), "p", "t", context, None)
    assert context["script_files"] == [first, last]
    assert first.attributes == last.attributes == {"defer": "defer"}
