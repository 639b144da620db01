"""Les fautes d'un texte : orthographe, puis règles de termes.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from language.passages import HIDDEN, Passage
from language.spelling import misspelled

# En italique, un mot étranger ou une insistance ; entre guillemets, parfois un titre étranger.
_ITALIC = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_QUOTE = re.compile(r"[«“]([^«»“”]+)[»”]")


@dataclass(frozen=True)
class Rule:
    """Une forme interdite, et ce qu'on écrit à la place."""

    forbidden: re.Pattern[str]
    advice: str
    pages_only: bool = False
    exceptions: list[str] = field(default_factory=list)

    def holds(self, passage: Passage) -> bool:
        place = passage.place.split(",")[0]
        return (passage.page or not self.pages_only) and place not in self.exceptions


@cache
def rules() -> tuple[Rule, ...]:
    """Les règles de termes.toml, dans l'ordre."""
    content = (Path(__file__).parent / "termes.toml").read_text(encoding="utf-8")
    return tuple(
        Rule(
            re.compile(told["interdit"], re.M if told.get("casse") else re.M | re.I),
            told["ecrire"],
            told.get("pages", False),
            told.get("sauf", []),
        )
        for told in tomllib.loads(content)["terme"]
    )


def _without_foreign_words(text: str) -> str:
    """Cache les italiques, et les citations dont la moitié des mots au moins sont étrangers."""

    def hide(match: re.Match[str]) -> str:
        return HIDDEN + "\n" * match[0].count("\n")

    def hide_if_foreign(match: re.Match[str]) -> str:
        foreign = 2 * len(misspelled(match[1])) >= len(match[1].split())
        return hide(match) if foreign else match[0]

    return _QUOTE.sub(hide_if_foreign, _ITALIC.sub(hide, text))


def faults(passage: Passage) -> Iterator[str]:
    """Une phrase par faute : où, quoi, et quoi écrire."""
    text = _without_foreign_words(passage.text)

    def said(start: int, told: str) -> str:
        return f"{passage.place}:{passage.line + text[:start].count(chr(10))} : {told}"

    for start, word in misspelled(text):
        yield said(start, f"« {word} » est inconnu (faute, ou mot à ajouter à mots.txt)")
    for rule in rules():
        if rule.holds(passage):
            for match in rule.forbidden.finditer(text):
                found = " ".join(match[0].split())
                yield said(match.start(), f"« {found} » ; écrire : {rule.advice}")
