"""Déplie un dictionnaire Hunspell français en la liste de ses formes : ``francais.txt.xz``.

Usage : ``python book/language/expand.py fr.aff fr.dic``. À relancer seulement pour prendre une
version plus récente du dictionnaire : voir LISEZMOI.md. Les élisions (l', d', qu'...) ne sont pas
dépliées : le correcteur les détache lui-même.
"""

from __future__ import annotations

import lzma
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FORMS = Path(__file__).with_name("francais.txt.xz")
NEEDS_SUFFIX = "()"


class Suffix(NamedTuple):
    """Ôte `removed`, ajoute `added`, si le mot finit par `condition`."""

    removed: str
    added: str
    condition: re.Pattern[str]

    def of(self, word: str) -> str | None:
        if not word.endswith(self.removed) or not self.condition.search(word):
            return None
        return word.removesuffix(self.removed) + self.added


def read_suffixes(text: str) -> dict[str, list[Suffix]]:
    """Drapeau -> ses suffixes, d'un fichier .aff (drapeaux de deux signes)."""
    found: dict[str, list[Suffix]] = defaultdict(list)
    for line in text.splitlines():
        parts = line.split()
        if len(parts) >= 5 and parts[0] == "SFX":
            _, flag, removed, added, condition = parts[:5]
            ending = re.compile(f"{condition}$")
            found[flag].append(Suffix(_text(removed), _text(added.split("/")[0]), ending))
    return found


def _text(part: str) -> str:
    return "" if part == "0" else part


def forms(entry: str, suffixes: dict[str, list[Suffix]]) -> Iterator[str]:
    """Formes d'une entrée de .dic : « affinage/S.() ... » donne affinage et affinages."""
    word, _, flags = entry.split()[0].partition("/")
    pairs = [flags[i : i + 2] for i in range(0, len(flags), 2)]
    if NEEDS_SUFFIX not in pairs:
        yield word
    for flag in pairs:
        for suffix in suffixes.get(flag, ()):
            if (form := suffix.of(word)) is not None:
                yield form


def main(aff: str, dic: str) -> None:
    suffixes = read_suffixes(Path(aff).read_text(encoding="utf-8"))
    entries = Path(dic).read_text(encoding="utf-8").splitlines()[1:]
    found = {form for entry in entries if entry.strip() for form in forms(entry, suffixes)}
    text = "\n".join(sorted(form for form in found if re.fullmatch(r"[^\W\d_]+", form)))
    FORMS.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(found)} formes, {FORMS.stat().st_size} octets")


if __name__ == "__main__":
    main(*sys.argv[1:])
