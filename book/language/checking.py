"""Les fautes d'un texte : l'orthographe, contre un dictionnaire, puis les règles de termes.toml."""

from __future__ import annotations

import lzma
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from language.passages import HIDDEN, Passage, without

_FOLDER = Path(__file__).parent
_FRENCH = _FOLDER.parents[1] / "pruning_core" / "course" / "data" / "francais.txt.xz"

# Ce qui se colle à un mot par une apostrophe.
_ELIDED = {"c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "presqu"}

_CHUNK = re.compile(r"[^\s«»“”\"(),;:!?…\[\]/·+×−–—]+")
_NOT_A_WORD = re.compile(
    r"[\d_=^\\<>{}@#~|%&*$¤`½²⁻₀-₉ᵀ⌊⌋]|[^\W\d_]\.[^\W\d_]|[Α-Ωα-ωℓ∇∂‖]|^\.\w+\.?$"
)
_AGAIN = re.compile(r"(?:re|ré)(?=\w{4})", re.IGNORECASE)  # réentraîner, recomparer

# En italique, un mot étranger ou une insistance ; entre guillemets, parfois un titre étranger.
_ITALIC = r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])"
_QUOTE = re.compile(r"[«“]([^«»“”]+)[»”]")


@cache
def dictionary() -> frozenset[str]:
    """Les formes du français, et celles du projet (mots.txt)."""
    french = lzma.decompress(_FRENCH.read_bytes()).decode()
    own = (_FOLDER / "mots.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(french.split("\n")) | {line for line in own if line and line[0] != "#"}


@cache
def rules() -> list[dict[str, Any]]:
    """Les règles de termes.toml, dans l'ordre."""
    told: list[dict[str, Any]] = tomllib.loads((_FOLDER / "termes.toml").read_text("utf-8"))[
        "terme"
    ]
    return told


def known(word: str) -> bool:
    """Dit si un mot, sans apostrophe ni trait d'union, est écrit comme il faut."""
    words = dictionary()
    return (
        len(word) < 2
        or not {word, word.lower(), word.capitalize()}.isdisjoint(words)
        or _AGAIN.sub("", word.lower(), count=1) in words
    )


def _words(chunk: str) -> Iterator[str]:
    """Les mots d'un morceau : « l'a-t-on » donne « a », « t », « on »."""
    for piece in chunk.split("-"):
        *before, word = re.split("['’]", piece)
        yield from (part for part in before if part.lower() not in _ELIDED)
        yield word


def misspelled(text: str) -> list[tuple[int, str]]:
    """Mots inconnus d'un texte, avec le rang de leur premier signe.

    Les sigles, les nombres et ce qui tient du code ou de la formule ne sont pas des mots.
    """
    found = []
    for match in _CHUNK.finditer(text):
        chunk = match[0].strip(".'’-")
        if chunk in dictionary() or _NOT_A_WORD.search(match[0]):
            continue
        for word in _words(chunk):
            sigil = word[1:] != word[1:].lower()  # OBS, LeNet
            if not sigil and re.search(r"[^\W\d_]", word) and not known(word):
                found.append((match.start(), word))
    return found


def _without_foreign_words(text: str) -> str:
    """Cache les italiques, et les citations dont la moitié des mots au moins sont étrangers."""

    def hide_if_foreign(match: re.Match[str]) -> str:
        foreign = 2 * len(misspelled(match[1])) >= len(match[1].split())
        return HIDDEN + "\n" * match[0].count("\n") if foreign else match[0]

    return _QUOTE.sub(hide_if_foreign, without(text, {_ITALIC: HIDDEN}))


def _broken_rules(passage: Passage, text: str) -> Iterator[tuple[int, str]]:
    for rule in rules():
        if passage.page or not rule.get("pages"):
            for match in re.finditer(rule["interdit"], text, re.MULTILINE | re.IGNORECASE):
                found = " ".join(match[0].split())
                yield match.start(), f"« {found} » ; écrire : {rule['ecrire']}"


def faults(passage: Passage) -> Iterator[str]:
    """Une phrase par faute : où, quoi, et quoi écrire."""
    text = _without_foreign_words(passage.text)
    unknown = (
        (start, f"« {word} » est inconnu (faute, ou mot à ajouter à mots.txt)")
        for start, word in misspelled(text)
    )
    for start, told in (*unknown, *_broken_rules(passage, text)):
        line = passage.line + text[:start].count("\n")
        yield f"{passage.place}:{line} : {told}"
