"""Couper les mots français : Chromium ne le sait pas hors ligne, les coupures sont posées ici."""

from __future__ import annotations

import re

import pyphen
from bs4 import Tag
from bs4.element import NavigableString

SOFT = "\u00ad"

# Ce qui s'y trouve n'est pas de la prose française. Les titres ne se coupent pas : le sommaire et
# les signets les répètent. L'italique porte les mots anglais, la bibliographie leurs titres.
_UNTOUCHED = (
    "code, pre, kbd, mjx-container, svg, em, cite, table, h1, h2, h3, h4, figcaption, "
    ".citation-list, .math, .admonition-title, .sig"
)
_WORD = re.compile(r"(?<![\w.@/:-])[A-ZÀ-Ý]?[a-zà-ÿœæ]{5,}(?![\w@/-]|[.:]\w)")
_HYPHENATION = pyphen.Pyphen(lang="fr", left=3, right=3)


def hyphenate(text: str) -> str:
    """Pose les coupures possibles de chaque mot d'un texte.

    >>> hyphenate("une exactitude, masks.py").replace(SOFT, "-")
    'une exac-ti-tude, masks.py'
    """
    return _WORD.sub(lambda match: _HYPHENATION.inserted(match[0], SOFT), text)


def hyphenate_prose(document: Tag) -> None:
    """Pose les coupures dans la prose d'un document, et nulle part ailleurs."""
    untouched = {id(element) for element in document.select(_UNTOUCHED)}
    for text in document.find_all(string=True):
        prose = type(text) is NavigableString and untouched.isdisjoint(map(id, text.parents))
        if prose and (cut := hyphenate(text)) != text:
            text.replace_with(cut)
