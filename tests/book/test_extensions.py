"""Les petites extensions du livre : retouches, description, adresse, bibliographie, script."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from explorer_script import add_script
from interface import retouch, retouch_pages
from publication import add_description, description, read_environment


def page_of(*paragraphs: str) -> nodes.document:
    page = new_document("essai", get_default_settings())
    page += [nodes.paragraph("", text) for text in paragraphs]
    return page


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('<nav aria-label="Main">', '<nav aria-label="Sommaire du cours">'),
        ('<b title="Page">Main</b>', '<b title="Plan de la page">Main</b>'),
        ('<b title="8.1.1 Magnitude">', '<b title="8.1.1 Magnitude">'),
        (
            'Solution de<a class="x" href="#e"> Exercice 1 (Titre)</a>',
            'Solution de l’<a class="x" href="#e">exercice 1 (Titre)</a>',
        ),
        ('<section id="solution-content">', "<section>"),
        ("<tr><th></th><th>a</th></tr>", "<tr><td></td><th>a</th></tr>"),
    ],
)
def test_retouch(theirs: str, ours: str) -> None:
    """Un texte anglais laissé par le thème, ou une retouche qui déborde."""
    assert retouch(theirs) == ours
    assert retouch(ours) == ours


def test_entry_page_leads_to_the_root_document(tmp_path) -> None:
    """Une page d'entrée absente, en anglais, ou dont le titre casse le HTML."""
    app = SimpleNamespace(
        builder=SimpleNamespace(format="html"),
        outdir=tmp_path,
        config=SimpleNamespace(root_doc="book/index", html_title="A < B"),
    )
    retouch_pages(app, None)
    entry = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'url=book/index.html"' in entry
    assert "<h1>A &lt; B</h1>" in entry
    assert '<html lang="fr">' in entry


def test_description_is_the_first_paragraph() -> None:
    """Une description vide, ou coupée au milieu d'un mot."""
    assert description(page_of("  ", "Une  phrase\ncourte.")) == "Une phrase courte."
    long = description(page_of("mot " * 100))
    assert len(long) <= 160
    assert long.endswith("mot…")


def test_page_keeps_its_own_description() -> None:
    """Deux descriptions dans une page, ou un guillemet qui sort de l'attribut."""
    context = {"metatags": '<meta name="description" content="x" />'}
    add_description(None, "p", "t", context, page_of("Autre"))
    assert context["metatags"].count("description") == 1
    context = {}
    add_description(None, "p", "t", context, page_of('Un "mot"'))
    assert 'content="Un &quot;mot&quot;"' in context["metatags"]


def configuration() -> SimpleNamespace:
    return SimpleNamespace(html_baseurl="", html_theme_options={})


def test_addresses_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Une adresse inventée quand on n'en donne pas, ou oubliée quand on en donne une."""
    monkeypatch.delenv("COURS_URL", raising=False)
    monkeypatch.delenv("COURS_DEPOT", raising=False)
    silent = configuration()
    read_environment(None, silent)
    assert (silent.html_baseurl, silent.html_theme_options) == ("", {})

    monkeypatch.setenv("COURS_URL", "https://exemple.fr/cours")
    monkeypatch.setenv("COURS_DEPOT", "https://exemple.fr/depot/")
    told = configuration()
    read_environment(None, told)
    assert told.html_baseurl == "https://exemple.fr/cours/"
    assert told.html_theme_options["repository_url"] == "https://exemple.fr/depot"
    assert told.html_theme_options["use_repository_button"] is True


@pytest.mark.parametrize(
    ("body", "expected"),
    [("<p>texte</p>", []), ("<pruning-explorer><p></pruning-explorer>", ["explorer.js"])],
)
def test_explorer_script_only_where_it_serves(body: str, expected: list[str]) -> None:
    """Le script absent d'une leçon, ou chargé partout."""
    added: list[str] = []
    app = SimpleNamespace(add_js_file=lambda name, **options: added.append(name))
    add_script(app, "p", "t", {"body": body}, None)
    assert added == expected
