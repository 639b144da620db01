"""Écrire un morceau de page comme on le lit : en HTML."""

from __future__ import annotations

from typing import cast

from bs4 import BeautifulSoup, Tag


def fragment(source: str) -> Tag:
    """Rend l'élément que décrit un texte HTML.

    >>> fragment("<p>un <em>mot</em></p>").em
    <em>mot</em>
    """
    return cast(Tag, BeautifulSoup(source, "html.parser").find())
