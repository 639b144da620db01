"""L'orthographe, contre les formes d'un dictionnaire français et les mots du projet."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent

# Ce qui se colle à un mot par une apostrophe.
_ELIDED = {"c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "presqu"}

_CHUNK = re.compile(r"[^\s«»“”\"(),;:!?…\[\]/·+×−–—]+")
_NOT_A_WORD = re.compile(r"[\d_=^\\<>{}@#~|%&*$¤`½²⁻₀-₉ᵀ⌊⌋]|[^\W\d_]\.[^\W\d_]|[Α-Ωα-ωℓ∇∂‖]")
_AGAIN = re.compile(r"(?:re|ré)(?=\w{4})", re.IGNORECASE)  # réentraîner, recomparer
_APOSTROPHE = re.compile(r"['’]")


@cache
def dictionary() -> frozenset[str]:
    """Les formes du français, et celles du projet (mots.txt)."""
    french = lzma.decompress((_FOLDER / "francais.txt.xz").read_bytes()).decode()
    own = (_FOLDER / "mots.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(french.split("\n")) | {line for line in own if line and line[0] != "#"}


def known(word: str) -> bool:
    """Dit si un mot, sans apostrophe ni trait d'union, est écrit comme il faut."""
    words = dictionary()
    return (
        len(word) < 2
        or not {word, word.lower(), word.capitalize()}.isdisjoint(words)
        or _AGAIN.sub("", word.lower(), count=1) in words
    )


def _parts(chunk: str) -> Iterator[str]:
    """Les mots d'un morceau : « l'a-t-on » donne « a », « t », « on »."""
    for piece in chunk.split("-"):
        *before, word = _APOSTROPHE.split(piece)
        yield from (part for part in before if part.lower() not in _ELIDED)
        yield word


def misspelled(text: str) -> list[tuple[int, str]]:
    """Mots inconnus d'un texte, avec le rang de leur premier signe.

    Les sigles, les nombres et ce qui tient du code ou de la formule ne sont pas des mots.
    """
    found = []
    for match in _CHUNK.finditer(text):
        chunk = match[0].strip(".'’-")
        extension = re.fullmatch(r"\.\w+\.?", match[0])  # .py
        if extension or not chunk or chunk in dictionary() or _NOT_A_WORD.search(chunk):
            continue
        for word in _parts(chunk):
            sigil = word[1:] != word[1:].lower()  # OBS, LeNet
            if not sigil and re.search(r"[^\W\d_]", word) and not known(word):
                found.append((match.start(), word))
    return found
