"""Les termes du glossaire, reliés dans les leçons."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from glossary_links import Linker, describe_terms, first_sentence, glossary_terms, pattern
from sphinx import addnodes
from sphinx.builders.html import StandaloneHTMLBuilder


def document(*content: nodes.Node) -> nodes.document:
    page = new_document("essai", get_default_settings())
    page += content
    return page


def glossary(*names: str) -> nodes.document:
    items = [
        nodes.definition_list_item(
            "",
            nodes.term("", name, ids=[f"term-{name}"]),
            nodes.definition("", nodes.paragraph("", f"Sens de {name}. Suite.")),
        )
        for name in names
    ]
    return document(nodes.definition_list("", *items))


def linked(page: nodes.document, *names: str) -> list[str]:
    """Relie les termes dans la page ; donne chaque texte relié et son ancre."""
    Linker(glossary_terms(glossary(*names)), "g.html").link(page)
    return [f"{link.astext()} {link['refuri']}" for link in page.findall(nodes.reference)]


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("un lot, des lots", "lot g.html#term-lot"),
        ("Lots et pilote", "Lots g.html#term-lot"),
        ("l’OBS, obs", "OBS g.html#term-OBS"),
        ("des blocs par neurone", "blocs par neurone g.html#term-bloc par neurone"),
        ("deux blocs par\nneurone", "blocs par\nneurone g.html#term-bloc par neurone"),
    ],
)
def test_term_is_found_as_it_is_written(prose: str, expected: str) -> None:
    """Pluriel, majuscule ou retour à la ligne, un terme se trouve, en mot entier."""
    names = ("lot", "OBS", "bloc par neurone")
    assert linked(document(nodes.paragraph("", prose)), *names) == [expected]


def test_only_the_first_use_is_linked() -> None:
    """Seul le premier emploi est relié, et le texte reste entier."""
    page = document(nodes.paragraph("", "un lot, puis un lot"), nodes.paragraph("", "des lots"))
    assert linked(page, "lot") == ["lot g.html#term-lot"]
    assert page.astext() == "un lot, puis un lot\n\ndes lots"


def test_longest_term_wins() -> None:
    """« élagage graduel » l'emporte sur « élagage »."""
    page = document(nodes.paragraph("", "un élagage graduel, puis un élagage"))
    assert linked(page, "élagage", "élagage graduel") == [
        "élagage graduel g.html#term-élagage graduel",
        "élagage g.html#term-élagage",
    ]


def test_term_alone_in_bold_is_linked() -> None:
    """Un terme seul dans son gras est relié."""
    page = document(nodes.paragraph("", "", nodes.strong("", "lot"), nodes.Text(" : un lot")))
    assert linked(page, "lot") == ["lot g.html#term-lot"]
    assert isinstance(next(page.findall(nodes.reference)).parent, nodes.strong)


@pytest.mark.parametrize(
    "outside",
    [
        nodes.title("", "un lot"),
        nodes.paragraph("", "", nodes.literal("", "lot")),
        nodes.paragraph("", "", nodes.math("", "lot")),
        nodes.paragraph("", "", nodes.emphasis("", "lot")),
        nodes.paragraph("", "", nodes.reference("", "lot", refuri="ailleurs")),
        nodes.literal_block("", "lot"),
        nodes.raw("", "lot", format="html"),
        nodes.figure("", nodes.caption("", "un lot")),
        nodes.admonition("", nodes.paragraph("", "un lot"), classes=["fiche"]),
        nodes.container("", nodes.paragraph("", "un lot"), classes=["cell_output"]),
    ],
    ids=lambda node: type(node).__name__,
)
def test_only_prose_is_linked(outside: nodes.Element) -> None:
    """Titres, code, formules, liens, légendes et fiche restent sans lien."""
    page = document(outside, nodes.paragraph("", "Voici un lot."))
    assert linked(page, "lot")[-1] == "lot g.html#term-lot"
    prose = list(page.findall(nodes.paragraph))[-1]
    assert "g.html" in str(prose)
    assert "g.html" not in str(page.children[0])


def test_a_definition_may_follow_several_terms() -> None:
    """Une définition peut suivre plusieurs termes, chacun relié à son ancre."""
    both = glossary("jeu de test")
    entry = next(both.findall(nodes.definition_list_item))
    entry.insert(0, nodes.term("", "jeu de validation", ids=["v"]))
    terms = glossary_terms(both)
    assert [terms[name].anchor for name in terms] == ["v", "term-jeu de test"]
    assert [nodes.inline("", "", *one.definition).astext() for one in terms.values()] == [
        "Sens de jeu de test.",
        "Sens de jeu de test.",
    ]


def test_proper_names_keep_their_case() -> None:
    """Un sigle ne se relie qu'en capitales."""
    found = pattern(["GGN", "Wanda"]).finditer("ggn wanda GGN Wanda GGNs")
    assert [match[0] for match in found] == ["GGN", "Wanda"]


def test_both_apostrophes_are_read() -> None:
    """Un terme se relie avec l'une ou l'autre apostrophe."""
    written = ["taux d'apprentissage", "taux d\u2019apprentissage"]
    for name in written:
        found = pattern([name]).finditer(" et le ".join(written))
        assert [match[0] for match in found] == written


def test_definition_is_one_sentence_without_links() -> None:
    """La définition est une phrase, sans le mot anglais ni lien."""
    page = addnodes.pending_xref("", nodes.inline("", "ici"), reftype="doc")
    definition = nodes.paragraph(
        *("", "", nodes.emphasis("", "score"), nodes.Text(". Le nombre d'"), page),
        nodes.Text(". Plus loin."),
    )
    sentence = nodes.inline("", "", *first_sentence(definition))
    assert sentence.astext() == "Le nombre d'ici."
    assert not list(sentence.findall(addnodes.pending_xref))


def test_sentence_keeps_its_formula() -> None:
    """La phrase garde ses formules et ses nombres à point."""
    definition = nodes.paragraph(
        *("", "", nodes.Text("Score 1.5 × "), nodes.math("", "|w|"), nodes.Text(", signé. Puis.")),
    )
    sentence = first_sentence(definition)
    assert [type(node).__name__ for node in sentence] == ["Text", "math", "Text", "Text"]
    assert nodes.inline("", "", *sentence).astext() == "Score 1.5 × |w|, signé."


def test_each_link_is_joined_to_its_definition() -> None:
    """Chaque lien est décrit par la définition de son terme, écrite une seule fois et cachée."""
    link = '<a class="terme reference internal" href="../g.html#term-lot">'
    app: Any = SimpleNamespace(
        env=SimpleNamespace(get_doctree=lambda name: glossary("lot", "poids")),
        builder=Mock(
            spec=StandaloneHTMLBuilder,
            render_partial=lambda node: {"fragment": f"<em>{node.astext()}</em>"},
        ),
    )
    page = BeautifulSoup(f"<p>un {link}lot</a></p>", "html.parser")
    describe_terms(page, app, "p")
    described = {str(found["aria-describedby"]) for found in page.select("a.terme")}
    assert described == {"glose-term-lot"}
    assert str(page.select_one("div.gloses[hidden]")) == (
        '<div class="gloses" hidden=""><p id="glose-term-lot"><em>Sens de lot.</em></p></div>'
    )


def test_page_without_term_is_left_alone() -> None:
    """Une page sans terme ne porte pas de définition."""
    page = BeautifulSoup("<p>rien</p>", "html.parser")
    describe_terms(page, SimpleNamespace(), "p")
    assert str(page) == "<p>rien</p>"
