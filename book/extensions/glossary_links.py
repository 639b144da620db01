"""Les termes du glossaire, reliés à leur définition à leur premier emploi dans une leçon.

Le lien est un lien ordinaire, qui marche sans JavaScript. La première phrase de la définition est
dans la page, cachée : les lecteurs d'écran la lisent avec le lien (``aria-describedby``), et le
script ``hints.js`` la montre au survol, au clavier et au toucher.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urldefrag

from bs4 import BeautifulSoup
from docutils import nodes
from reading_progress import card
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from typography import ancestors

GLOSSARY = "book/reference/glossaire"
LINK, HIDDEN = "terme", "gloses"
_SITES = {"html", "dirhtml"}

# Un terme n'est relié que dans la prose ; l'anglais est en italique, la fiche annonce la leçon.
_OUTSIDE = (
    *(nodes.table, nodes.definition_list, nodes.footnote, nodes.emphasis, nodes.literal),
    *(nodes.math, nodes.raw, nodes.reference, addnodes.pending_xref),
)
_OUTSIDE_CLASSES = {"fiche", "bibtex-citation", "pasted-text", "cell_output"}
_APOSTROPHE = re.compile("['\u2019]")
_SENTENCE_END = re.compile(r"\.(?=\s|$)")


class Term(NamedTuple):
    """L'ancre d'un terme du glossaire, et la première phrase de sa définition."""

    anchor: str
    definition: list[nodes.Node]


def glossary_terms(glossary: nodes.document) -> dict[str, Term]:
    """Termes d'un glossaire, par nom ; une définition peut en suivre plusieurs."""
    terms: dict[str, Term] = {}
    for entry in glossary.findall(nodes.definition_list_item):
        if paragraph := entry.next_node(nodes.paragraph):
            sentence = first_sentence(paragraph)
            heads = entry.findall(nodes.term)
            terms |= {head.astext(): Term(head["ids"][0], sentence) for head in heads}
    return terms


def first_sentence(definition: nodes.paragraph) -> list[nodes.Node]:
    """Première phrase d'une définition, sans le mot anglais qui la précède ni aucun lien."""
    kept: list[nodes.Node] = []
    for node in definition.children:
        if isinstance(node, nodes.Text):
            text = node if kept else node.lstrip(". ")
            sentence, *rest = _SENTENCE_END.split(text, maxsplit=1)
            kept.append(nodes.Text(sentence))
            if rest:
                break
        elif kept or not isinstance(node, nodes.emphasis):
            link = isinstance(node, addnodes.pending_xref | nodes.reference)
            kept.append(nodes.Text(node.astext()) if link else node.deepcopy())
    return [*kept, nodes.Text(".")]


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Motif qui reconnaît des termes, leur pluriel et leur majuscule ; un groupe par terme.

    >>> pattern(["bloc par neurone", "OBS"]).sub("*", "Blocs par neurone, obs, OBS")
    '*, obs, *'
    """
    words = "|".join(rf"({_written(name)})" for name in names)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")


def _written(name: str) -> str:
    return r"\s".join(_word(word) for word in name.split())


def _word(word: str) -> str:
    if not word.islower():  # un sigle ou un nom propre
        return re.escape(word)
    first, rest = word[0], _APOSTROPHE.sub(_APOSTROPHE.pattern, re.escape(word[1:]))
    plural = "" if word[-1] in "sxz" or len(word) < 3 else "[sx]?"
    return f"[{first}{first.upper()}]{rest}{plural}"


class Linker:
    """Relie dans une page le premier emploi de chaque terme."""

    def __init__(self, terms: dict[str, Term], address: str) -> None:
        names = sorted(terms, key=len, reverse=True)  # « élagage graduel » avant « élagage »
        self._pattern = pattern(names)
        self._anchors = [terms[name].anchor for name in names]
        self._address = address
        self._linked: set[str] = set()

    def link(self, page: nodes.document) -> None:
        """Remplace, dans la prose, chaque premier emploi par un lien."""
        for text in list(page.findall(nodes.Text)):
            if _is_prose(text):
                text.parent.replace(text, list(self._pieces(text)))

    def _pieces(self, text: nodes.Text) -> Iterator[nodes.Node]:
        start = 0
        for match in self._pattern.finditer(text):
            anchor = self._anchors[(match.lastindex or 0) - 1]
            if anchor not in self._linked:
                self._linked.add(anchor)
                yield nodes.Text(text[start : match.start()])
                address = f"{self._address}#{anchor}"
                yield nodes.reference("", match[0], refuri=address, internal=True, classes=[LINK])
                start = match.end()
        yield nodes.Text(text[start:])


def _is_prose(text: nodes.Text) -> bool:
    around = list(ancestors(text))
    return any(isinstance(node, nodes.paragraph) for node in around) and not any(
        isinstance(node, _OUTSIDE) or _OUTSIDE_CLASSES.intersection(node["classes"])
        for node in around
    )


def link_terms(app: Sphinx, page: nodes.document, docname: str) -> None:
    """Relie les termes d'une leçon, pour le site seulement."""
    if app.builder.name in _SITES and card(page):
        terms = glossary_terms(app.env.get_doctree(GLOSSARY))
        Linker(terms, app.builder.get_relative_uri(docname, GLOSSARY)).link(page)


def describe_terms(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Joint à une page les définitions de ses termes, à chaque lien la sienne."""
    links = body.select(f"a.{LINK}")
    if not links:
        return
    terms = glossary_terms(app.env.get_doctree(GLOSSARY)).values()
    definitions = {term.anchor: term.definition for term in terms}
    hidden = body.new_tag("div", attrs={"class": HIDDEN, "hidden": ""})
    for link in links:
        anchor = urldefrag(str(link["href"])).fragment
        link["aria-describedby"] = f"glose-{anchor}"
        told = body.new_tag("p", id=f"glose-{anchor}")
        told.append(BeautifulSoup(_written_out(app, definitions[anchor]), "html.parser"))
        hidden.append(told)
    body.append(hidden)


def _written_out(app: Sphinx, definition: list[nodes.Node]) -> str:
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    return app.builder.render_partial(nodes.inline("", "", *definition))["fragment"]


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", link_terms, priority=900)  # les renvois sont résolus
