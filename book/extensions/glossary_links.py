"""Les termes du glossaire, reliés à leur définition à leur premier emploi dans une leçon.

Le lien est un lien ordinaire, qui marche sans JavaScript. La première phrase de la définition est
dans la page, cachée : les lecteurs d'écran la lisent avec le lien (``aria-describedby``), et le
script ``hints.js`` la montre au survol, au clavier et au toucher.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

SCRIPT = "hints.js"
GLOSSARY = "book/reference/glossaire"
LINK, HIDDEN = "terme", "gloses"
_SITES = {"html", "dirhtml"}

# Un terme n'est relié que dans la prose ; l'anglais est en italique, la fiche annonce la leçon.
_OUTSIDE = (
    *(nodes.title, nodes.caption, nodes.table, nodes.definition_list, nodes.emphasis),
    *(nodes.literal, nodes.FixedTextElement, nodes.math, nodes.math_block, nodes.raw),
    *(nodes.reference, nodes.footnote, nodes.citation, addnodes.pending_xref),
)
_OUTSIDE_CLASSES = {"fiche", "bibtex-citation", "pasted-text", "cell_output"}
_APOSTROPHE = re.compile("['\u2019]")
_SENTENCE_END = re.compile(r"\.(?=\s|$)")


@dataclass(frozen=True)
class Term:
    """Un terme du glossaire, l'ancre de son entrée et la première phrase de sa définition."""

    name: str
    anchor: str
    definition: list[nodes.Node] = field(compare=False)


def glossary_terms(glossary: nodes.document) -> dict[str, Term]:
    """Termes d'un glossaire : forme sous laquelle on les cherche -> terme."""
    terms: dict[str, Term] = {}
    for entry in glossary.findall(nodes.definition_list_item):
        heads = [node for node in entry.children if isinstance(node, nodes.term)]
        paragraph = entry.next_node(nodes.paragraph)
        if not heads or paragraph is None or not heads[0]["ids"]:
            continue
        term = Term(heads[0].astext(), heads[0]["ids"][0], first_sentence(paragraph))
        terms |= dict.fromkeys(variants(term.name), term)
    return terms


def variants(name: str) -> list[str]:
    """Les termes que réunit une entrée.

    >>> variants("jeu d'entraînement, de validation"), variants("lot")
    (["jeu d'entraînement", 'jeu de validation'], ['lot'])
    """
    first, *others = name.split(", ")
    return [first, *(f"{first.split()[0]} {other}" for other in others)]


def first_sentence(definition: nodes.paragraph) -> list[nodes.Node]:
    """Première phrase d'une définition, sans le mot anglais qui la précède ni aucun lien.

    Un renvoi à une équation est ôté : son numéro ne dit rien dans une autre page.
    """
    kept: list[nodes.Node] = []
    children = list(definition.children)
    if children and isinstance(children[0], nodes.emphasis):
        children = [nodes.Text(children[1].astext().lstrip(". ")), *children[2:]]
    for node in children:
        if isinstance(node, nodes.Text):
            end = _SENTENCE_END.search(node)
            kept += [nodes.Text(part) for part in [node[: end.start()] if end else node] if part]
            if end:
                break
        elif isinstance(node, addnodes.pending_xref | nodes.reference):
            if node.get("reftype") != "eq":
                kept.append(nodes.Text(node.astext()))
        else:
            kept.append(node.deepcopy())
    if kept and isinstance(kept[-1], nodes.Text):
        kept[-1] = nodes.Text(kept[-1].rstrip(" :,\u00a0\u202f"))
    return [*kept, nodes.Text(".")]


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Motif qui reconnaît des termes, leur pluriel et leur majuscule ; les plus longs d'abord.

    >>> pattern(["bloc par neurone", "OBS", "poids"]).findall("Blocs par neurone, obs, OBS, poids")
    ['Blocs par neurone', 'OBS', 'poids']
    """
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_written, ordered))})(?![\w-])")


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
        self._terms = terms
        self._address = address
        self._pattern = pattern(terms)
        self._linked: set[str] = set()

    def link(self, page: nodes.document) -> None:
        """Remplace, dans la prose, chaque premier emploi par un lien."""
        for text in list(page.findall(nodes.Text)):
            if _is_prose(text):
                pieces = list(self._pieces(text))
                if any(isinstance(piece, nodes.reference) for piece in pieces):
                    text.parent.replace(text, pieces)

    def _pieces(self, text: nodes.Text) -> Iterator[nodes.Node]:
        start = 0
        for match in self._pattern.finditer(text):
            written = match.group()
            term = next(
                t for name, t in self._terms.items() if re.fullmatch(_written(name), written)
            )
            if term.anchor in self._linked:
                continue
            self._linked.add(term.anchor)
            if match.start() > start:
                yield nodes.Text(text[start : match.start()])
            address = f"{self._address}#{term.anchor}"
            yield nodes.reference("", written, refuri=address, internal=True, classes=[LINK])
            start = match.end()
        if start < len(text):
            yield nodes.Text(text[start:])


def _is_prose(text: nodes.Text) -> bool:
    node: nodes.Node | None = text.parent
    inside = False
    while node is not None:
        if isinstance(node, _OUTSIDE):
            return False
        if isinstance(node, nodes.Element) and _OUTSIDE_CLASSES.intersection(node["classes"]):
            return False
        inside = inside or isinstance(node, nodes.paragraph)
        node = node.parent
    return inside


def link_terms(app: Sphinx, page: nodes.document, docname: str) -> None:
    """Relie les termes d'une leçon, pour le site seulement."""
    if app.builder.name not in _SITES or not _is_lesson(page):
        return
    terms = glossary_terms(app.env.get_doctree(GLOSSARY))
    Linker(terms, app.builder.get_relative_uri(docname, GLOSSARY)).link(page)


def _is_lesson(page: nodes.document) -> bool:
    return any("fiche" in box["classes"] for box in page.findall(nodes.admonition))


def describe_terms(body: BeautifulSoup, app: Sphinx, page: str) -> None:
    """Joint à une page les définitions de ses termes, à chaque lien la sienne, et le script."""
    links = body.select(f"a.{LINK}")
    if not links:
        return
    definitions = {
        term.anchor: term for term in glossary_terms(app.env.get_doctree(GLOSSARY)).values()
    }
    hidden = body.new_tag("div", attrs={"class": HIDDEN, "hidden": ""})
    for link in links:
        anchor = urldefrag(str(link["href"])).fragment
        link["aria-describedby"] = f"glose-{anchor}"
        if term := definitions.pop(anchor, None):
            told = body.new_tag("p", id=f"glose-{anchor}")
            told.append(BeautifulSoup(_written_out(app, term), "html.parser"))
            hidden.append(told)
    body.append(hidden)
    app.add_js_file(SCRIPT)


def _written_out(app: Sphinx, term: Term) -> str:
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    return app.builder.render_partial(nodes.inline("", "", *term.definition))["fragment"]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-resolved", link_terms, priority=900)  # les renvois sont résolus
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
