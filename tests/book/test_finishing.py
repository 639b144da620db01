"""La dernière main sur une page : chaque retouche, et rien de plus."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from finishing import (
    Step,
    drop_repeated_ids,
    empty_corners,
    finish_page,
    list_references,
    name_folds,
    phrase_solutions,
)

TITLE = '<div class="solution"><p class="admonition-title">{}</p></div>'


@pytest.mark.parametrize(
    ("step", "theirs", "ours"),
    [
        (drop_repeated_ids, '<section id="solution-content"></section>', "<section></section>"),
        (
            phrase_solutions,
            TITLE.format("Solution de<a> Exercice 1</a>"),
            TITLE.format("Solution de l’<a>exercice 1</a>"),
        ),
        (empty_corners, "<tr><th></th><th>a</th></tr>", "<tr><td></td><th>a</th></tr>"),
        (
            name_folds,
            '<summary aria-label="Toggle hidden content"></summary>',
            '<summary aria-label="Afficher ou masquer la suite"></summary>',
        ),
        (list_references, '<p role="doc-biblioentry"></p>', '<p role="listitem"></p>'),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_step_mends_its_fault(step: Step, theirs: str, ours: str) -> None:
    """Une retouche répare sa faute, et laisse telle une page qui ne l'a pas."""
    for page in (theirs, ours):
        body = BeautifulSoup(page, "html.parser")
        step(body, SimpleNamespace(), "p")
        assert str(body) == ours


def test_finished_page_says_the_same() -> None:
    """Texte, entités, données et dessins d'une page traversent l'analyse sans changer."""
    page = (
        "<p>a &lt; b &amp; c\u00a0; <em>é</em></p>"
        '<script type="application/json">{"a": "<b> &amp; c"}</script>'
        '<style>a > b {}</style><svg><path d="M0 0"></path></svg><pre>\n x</pre>'
    )
    context = {"body": page}
    app = SimpleNamespace(builder=SimpleNamespace(format="html"))
    finish_page(app, "p", "t", context, SimpleNamespace())
    assert context["body"] == page
