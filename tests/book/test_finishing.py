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
    hold_punctuation,
    list_references,
    mark_aligned_prints,
    name_folds,
    phrase_solutions,
    stay_among_lessons,
    typeset_tables,
)

MATH = '<span class="math">i</span>'
PRINT = '<div class="cell_output"><div class="output"><pre{}>{}</pre></div></div>'
COLUMNS = "OBS       84 %\nmagnitude  3 %"
TABLE = '<div class="text_html"><table><tr><th>{}</th><td>{}</td></tr></table></div>'
TITLE = '<div class="solution"><p class="admonition-title">{}</p></div>'


@pytest.mark.parametrize(
    ("step", "theirs", "ours"),
    [
        (drop_repeated_ids, '<section id="solution-content"></section>', "<section></section>"),
        (
            phrase_solutions,
            TITLE.format("Solution de<a> Exercice 1 (Un pas d'OBS)</a>"),
            TITLE.format("Solution de l’<a>exercice 1 (Un pas d’OBS)</a>"),
        ),
        (empty_corners, "<tr><th></th><th>a</th></tr>", "<tr><td></td><th>a</th></tr>"),
        (
            name_folds,
            '<summary aria-label="Toggle hidden content"></summary>',
            '<summary aria-label="Afficher ou masquer la suite"></summary>',
        ),
        (list_references, '<p role="doc-biblioentry"></p>', '<p role="listitem"></p>'),
        (
            typeset_tables,
            TABLE.format("c'est", "96 % ± 0,2"),
            TABLE.format("c’est", "96\u00a0% ±\u00a00,2"),
        ),
        (
            mark_aligned_prints,
            PRINT.format("", COLUMNS),
            PRINT.format(' class="aligne"', COLUMNS),
        ),
        (
            mark_aligned_prints,
            PRINT.format("", f"<span></span>Juste. Un mot.\n{COLUMNS}"),
            PRINT.format(
                ' class="aligne"',
                f'<span></span><span class="phrase">Juste. Un mot.\n</span>{COLUMNS}',
            ),
        ),
        (
            hold_punctuation,
            f"<p>le poids ({MATH}), puis {MATH}, et {MATH} seul</p>",
            f'<p>le poids <span class="tenu">({MATH}),</span> puis '
            f'<span class="tenu">{MATH},</span> et {MATH} seul</p>',
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_step_mends_its_fault(step: Step, theirs: str, ours: str) -> None:
    """Une retouche répare sa faute, et laisse telle une page qui ne l'a pas."""
    for page in (theirs, ours):
        body = BeautifulSoup(page, "html.parser")
        step(body, SimpleNamespace(), "p")
        assert str(body) == ours


def test_printed_sentences_are_not_columns() -> None:
    """Deux espaces dans une seule ligne, ou en tête de ligne, ne font pas des colonnes."""
    for told in ("une phrase  imprimée\nsur deux lignes", "un\n  deux\n    trois"):
        body = BeautifulSoup(PRINT.format("", told), "html.parser")
        mark_aligned_prints(body, SimpleNamespace(), "p")
        assert not body.select(".aligne")


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("index", {"prev": None, "next": "notebooks/1"}),
        ("notebooks/1", {"prev": "index", "next": "notebooks/2"}),
        ("notebooks/2", {"prev": "notebooks/1", "next": None}),
        ("notebooks/annexes/1", {"prev": None, "next": "notebooks/annexes/2"}),
        ("notebooks/annexes/2", {"prev": "notebooks/annexes/1", "next": None}),
        ("classe", {"prev": None, "next": "glossaire"}),
        ("search", {"prev": None, "next": None}),
    ],
)
def test_next_page_is_of_the_same_kind(page: str, kept: dict[str, str | None]) -> None:
    """Leçons, annexes et autres pages se suivent à part ; l'accueil mène à la première leçon."""
    annexes = ["notebooks/annexes/1", "notebooks/annexes/2"]
    order = [None, "index", "notebooks/1", "notebooks/2", *annexes, "classe", "glossaire", None]
    relations = {
        here: [None, before, after]
        for before, here, after in zip(order, order[1:], order[2:], strict=False)
    }
    app = SimpleNamespace(
        env=SimpleNamespace(collect_relations=lambda: relations),
        config=SimpleNamespace(root_doc="index"),
    )
    around = dict(zip(("prev", "next"), relations.get(page, [None] * 3)[1:], strict=True))
    stay_among_lessons(app, page, "page.html", around, None)
    assert around == kept


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
