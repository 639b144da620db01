"""Une diapositive : ce qu'elle montre, ce qui s'y dit, et la taille de son texte.

Les hauteurs sont estimées ici ; tests/site/test_slides.py les mesure dans un navigateur, et nomme
une diapositive trop pleine. Son auteur la partage (CONTRIBUTING.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

_ROOM = 590  # pixels sous le titre d'une ligne, au-dessus des flèches
_PART, _TITLE_LINE, _TITLE_SIGNS = 28, 41, 42
_LARGE, _NORMAL = 30, 25  # taille du texte
_GAP = 15  # sous un paragraphe
_CODE_LINE, _ROW, _FIGURE = 24, 31, 300
_WIDTH = 1650  # d'une ligne : ses signes, multipliés par leur taille
_BLOCKS = ("div", "figure", "li", "ol", "p", "pre", "table", "ul")


@dataclass
class Slide:
    """Une diapositive : ses titres, ses blocs de HTML, ce qui se dit sans s'afficher."""

    title: str
    level: int = 2
    part: str = ""  # le titre de la partie, si la diapositive est sous celui d'une section
    blocks: list[Tag] = field(default_factory=list)
    notes: list[Tag] = field(default_factory=list)

    @property
    def density(self) -> str:
        """« dense » si le texte s'écrit plus petit pour tenir, « aere » plus grand s'il tient."""
        lines = len(BeautifulSoup(self.title, "html.parser").get_text()) // _TITLE_SIGNS
        room = _ROOM - _TITLE_LINE * lines - (_PART if self.part else 0)
        if _height(self.blocks, _NORMAL) > room:
            return "dense"
        is_text = all(block.name == "p" for block in self.blocks)
        return "aere" if is_text and _height(self.blocks, _LARGE) <= room else ""

    @property
    def explores(self) -> bool:
        """Vrai si elle montre un explorateur, dont le curseur est dans la leçon."""
        return any(block.select_one(".explorateur") for block in self.blocks)


def _height(blocks: list[Tag], size: int) -> float:
    """Hauteur estimée, en pixels, d'un texte de cette taille."""
    return sum(_block_height(block, size) for block in blocks)


def _block_height(block: Tag, size: int) -> float:
    classes = block.get("class") or ()
    if "explorateur" in classes or block.name == "figure":
        return _FIGURE
    if block.name == "div" and "math" in classes:
        return 45 + 40 * max(1, len(block.find_all("mjx-mtr")))
    if block.name == "table":
        return _GAP + sum(_ROW * (len(row.get_text()) // 110 + 1) for row in block.find_all("tr"))
    if block.name == "pre":
        lines = block.get_text().strip("\n").split("\n")
        return 30 + _CODE_LINE * sum(len(line) // 82 + 1 for line in lines)
    if inner := block.find_all(_BLOCKS, recursive=False):
        return (40 if "admonition" in classes else 0) + _height(list(inner), size)
    return _GAP + 1.38 * size * (len(block.get_text()) * size // _WIDTH + 1)
