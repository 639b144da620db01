"""Typographie française, posée à la construction du site.

Les sources gardent des espaces ordinaires ; cette extension les rend insécables dans le texte,
jamais dans le code, les formules, les adresses ni les signatures. Les nombres collés par
``glue`` prennent en plus la virgule décimale et leurs milliers sont séparés.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

NO_BREAK = "\u00a0"
THIN = "\u202f"

UNITS = (
    "%|‰|€|o|Ko|ko|Mo|Go|ms|s|min|h|px|fois|points?|poids|époques?|graines?|images?|exemples?"
    "|neurones?|couches?|pas"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=\w)'(?=\w|$)|^'(?=\w)"), "\u2019"),  # au bord aussi : l'**élagage**
    (re.compile(r"(?<![\d,.])\d{1,3}(?: \d{3})+(?!\d)"), ""),  # milliers : voir _group
    (re.compile(r"« "), f"«{NO_BREAK}"),
    (re.compile(r" (?=[:»])"), NO_BREAK),
    (re.compile(r" (?=[;!?])"), THIN),
    (re.compile(rf"(?<=\d) (?=(?:{UNITS})(?!\w))"), NO_BREAK),
    (re.compile(r"(?<=±) (?=\d)"), NO_BREAK),
    (re.compile(r"^ (?=[%‰€])"), NO_BREAK),  # le nombre est dans le nœud d'avant (glue, formule)
)

# Ce qui est dans ces nœuds n'est pas de la prose.
_UNTOUCHED = (
    nodes.FixedTextElement,
    nodes.literal,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.target,
    nodes.citation,
    nodes.footnote_reference,
    nodes.label,
    addnodes.desc_signature,
    addnodes.index,
    addnodes.literal_strong,
    addnodes.literal_emphasis,
)


def french(text: str) -> str:
    """Rend insécables les espaces que le français ne coupe pas.

    >>> french("l'élagage : 1 797 images ?").replace(NO_BREAK, "~").replace(THIN, "_")
    'l’élagage~: 1_797~images_?'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement or _group, text)
    return text


def french_number(text: str) -> str:
    """Écrit à la française un nombre seul : « 1797.5 » devient « 1 797,5 ».

    Un texte qui n'est pas un nombre décimal simple est rendu tel quel.
    """
    match = re.fullmatch(r"([-+−]?)(\d+)(?:\.(\d+))?( ?%?)", text)
    if match is None:
        return text
    sign, whole, decimals, end = match.groups()
    if len(whole) > 4 or (len(whole) == 4 and decimals is None):
        whole = f"{int(whole):,}".replace(",", THIN)
    tail = NO_BREAK + "%" if "%" in end else ""
    return sign.replace("-", "−") + whole + (f",{decimals}" if decimals else "") + tail


def _group(match: re.Match[str]) -> str:
    return match.group().replace(" ", THIN)


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Nœuds qui contiennent celui-ci, du plus proche à la page."""
    while (node := node.parent) is not None:
        yield node


def _is_prose(text: nodes.Text) -> bool:
    return not any(
        isinstance(node, _UNTOUCHED)
        or (isinstance(node, nodes.reference) and "://" in node.astext())
        or "code" in node["classes"]
        for node in ancestors(text)
    )


class FrenchTypography(SphinxTransform):
    """Passe sur les textes d'une page, avant que Sphinx n'en relève les titres."""

    default_priority = 870  # juste avant l'événement doctree-read (880)

    def apply(self, **kwargs: Any) -> None:
        for text in list(self.document.findall(nodes.Text)):
            if _is_prose(text):
                new = french(str(text))
                if new != text:
                    text.parent.replace(text, nodes.Text(new))


class FrenchGluedNumbers(SphinxPostTransform):
    """Met à la française les nombres de ``{glue:text}``, une fois qu'ils sont posés."""

    default_priority = 30  # après myst-nb (5) et les renvois de Sphinx (10)

    def run(self, **kwargs: Any) -> None:
        for inline in self.document.findall(nodes.inline):
            if "pasted-text" in inline.get("classes", ()):
                for text in list(inline.findall(nodes.Text)):
                    text.parent.replace(text, nodes.Text(french_number(str(text))))


def setup(app: Sphinx) -> None:
    app.add_transform(FrenchTypography)
    app.add_post_transform(FrenchGluedNumbers)
