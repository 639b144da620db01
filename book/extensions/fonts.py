"""Réduire une police aux signes employés."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont


def shrink(source: Path, target: Path, signs: Collection[int]) -> None:
    """Écrit en WOFF une police qui n'a plus que les signes donnés.

    Parameters
    ----------
    source, target : Path
        Police de départ (TTF ou WOFF) et fichier à écrire.
    signs : collection of int
        Points de code Unicode à garder ; ceux que la police n'a pas sont ignorés. Si elle n'en a
        aucun, elle est gardée entière : un navigateur refuse une police vide.
    """
    options = subset.Options(flavor="woff", notdef_outline=True, layout_features=["*"])
    # La date reste celle de la police : un site ne dépend pas du moment où il est construit.
    with TTFont(source, lazy=True, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=set(signs) & set(font.getBestCmap()) or font.getBestCmap())
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(target)
