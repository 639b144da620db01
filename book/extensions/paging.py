"""Répartit le contenu d'une leçon en diapositives qui se lisent de loin.

Une diapositive a une hauteur et une longueur de texte bornées. Ce qui les dépasse va sur une
suite ; une courte introduction rejoint ce qu'elle introduit. Les hauteurs sont estimées ici, et
mesurées dans un navigateur par tests/site/test_slides.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from bs4 import BeautifulSoup, Tag

_ROOM = 590  # pixels sous le titre d'une ligne, au-dessus des flèches
_PART, _TITLE_LINE, _TITLE_SIGNS = 28, 41, 42
_WORDY = 800  # signes de prose
_SHORT = 450  # signes : une introduction, une conclusion
_LARGE, _NORMAL, _DENSE = 30, 25, 22  # taille du texte
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
        if _height(self.blocks, _NORMAL) > self.room:
            return "dense"
        airy = _is_text(self.blocks) and _height(self.blocks, _LARGE) <= self.room
        return "aere" if airy else ""

    @property
    def room(self) -> float:
        """Hauteur, en pixels, que ses titres laissent à son contenu."""
        lines = len(BeautifulSoup(self.title, "html.parser").get_text()) // _TITLE_SIGNS
        return _ROOM - _TITLE_LINE * lines - (_PART if self.part else 0)


def shared_out(slides: list[Slide]) -> list[Slide]:
    """Rend les diapositives réparties : courtes réunies à la suivante, longues partagées."""
    pages: list[Slide] = []
    for _, part in groupby(slides, key=lambda slide: (slide.part, slide.title)):
        pages += _shared_out_part(list(part))
    return pages


def _shared_out_part(part: list[Slide]) -> list[Slide]:
    for before, after in pairwise(part):
        _move_introduction(before, after)
    pages: list[Slide] = []
    for page in [page for slide in part if slide.blocks for page in _split(slide)]:
        if pages and _belong_together(pages[-1].blocks, page.blocks, page.room):
            pages[-1].blocks += page.blocks
            pages[-1].notes += page.notes
        else:
            pages.append(page)
    return pages


def _move_introduction(before: Slide, after: Slide) -> None:
    """Mène au début de la diapositive suivante ce qui, à la fin de celle-ci, l'annonce."""
    if before.blocks and after.blocks and _announces(before.blocks[-1]):
        after.blocks.insert(0, before.blocks.pop())
    if not before.blocks:
        before.notes, after.notes = [], before.notes + after.notes


def _belong_together(before: list[Tag], after: list[Tag], room: float) -> bool:
    """Un texte court et ce qu'il introduit, ou conclut, s'ils tiennent ensemble."""
    together = [*before, *after]
    return (
        any(_is_text(blocks) and _signs(blocks) < _SHORT for blocks in (before, after))
        and not any(map(_is_choice, together))
        and _height(together, _DENSE) <= room
        and _signs(together) <= _WORDY
    )


def _is_text(blocks: list[Tag]) -> bool:
    return all(block.name == "p" for block in blocks)


def _is_choice(block: Tag) -> bool:
    return "choix" in (block.get("class") or ())


def _introduces(block: Tag, following: Tag) -> bool:
    """Un paragraphe introduit la sortie qui le suit, ou ce qu'annoncent ses deux-points.

    Une formule et la phrase qu'elle coupe ne se séparent pas non plus.
    """
    if _is_formula(block):
        return following.get_text().strip()[:1].islower()
    if block.name != "p" or _is_choice(block):
        return False
    if _announces(block) or _is_formula(following):
        return True
    bare = _is_output(following) and following.select_one(".cell_input") is None
    return bare and _signs([block]) < _SHORT


def _announces(block: Tag) -> bool:
    return block.name == "p" and block.get_text().rstrip().endswith(":")


def _is_formula(block: Tag) -> bool:
    return block.name == "div" and "math" in (block.get("class") or ())


def _is_output(block: Tag) -> bool:
    return "cell" in (block.get("class") or ())


def _split(slide: Slide) -> list[Slide]:
    """Partage une diapositive trop pleine en parts aussi égales que ses blocs le permettent."""
    units = list(_units(slide.blocks))
    pages = _packed(units, slide.room, _WORDY)
    for percent in range(95, 45, -5):
        evener = _packed(units, slide.room * percent / 100, _WORDY * percent / 100)
        if len(evener) > len(pages):
            break
        pages = evener
    first, *others = [_joined(page) for page in pages]
    return [
        replace(slide, blocks=first),
        *(replace(slide, level=2, blocks=page, notes=[]) for page in others),
    ]


def _units(blocks: list[Tag]) -> Iterator[list[Tag]]:
    """Ce qui ne se sépare pas : un élément de liste, un bloc et ce qui l'introduit."""
    unit: list[Tag] = []
    for block, following in pairwise([*_pieces(blocks), None]):
        assert block is not None
        unit.append(block)
        if following is None or not _introduces(block, following):
            yield unit
            unit = []


def _pieces(blocks: list[Tag]) -> Iterator[Tag]:
    for block in blocks:
        items = block.find_all("li", recursive=False) if block.name in ("ul", "ol") else []
        for number, item in enumerate(items, start=int(str(block.get("start", "1")))):
            piece = copy(block)
            piece.clear()
            piece.append(copy(item))
            if piece.name == "ol":
                piece["start"] = str(number)
            yield piece
        if not items:
            yield block


def _packed(units: list[list[Tag]], room: float, wordy: float) -> list[list[Tag]]:
    pages: list[list[Tag]] = []
    for unit in units:
        longer = [*pages[-1], *unit] if pages else unit
        if pages and _height(longer, _DENSE) <= room and _signs(longer) <= wordy:
            pages[-1] = longer
        else:
            pages.append(list(unit))
    return pages


def _joined(blocks: list[Tag]) -> list[Tag]:
    """Remet en une liste les éléments qui se suivent sur une page."""
    joined: list[Tag] = []
    for block in blocks:
        if joined and block.name in ("ul", "ol") and joined[-1].name == block.name:
            joined[-1].extend(list(block.contents))
        else:
            joined.append(block)
    return joined


def _signs(blocks: list[Tag]) -> int:
    """Signes de prose."""
    return sum(
        0 if _is_output(block) or block.find("table") else len(block.get_text()) for block in blocks
    )


def _height(blocks: list[Tag], size: int) -> float:
    """Hauteur estimée, en pixels, d'un texte de cette taille."""
    return sum(_block_height(block, size) for block in blocks)


def _block_height(block: Tag, size: int) -> float:
    classes = block.get("class") or ()
    if "explorateur" in classes or block.name == "figure":
        return _FIGURE
    if _is_formula(block):
        return 45 + 40 * max(1, len(block.find_all("mjx-mtr")))
    if block.name == "table":
        return _GAP + sum(_ROW * (len(row.get_text()) // 110 + 1) for row in block.find_all("tr"))
    if block.name == "pre":
        lines = block.get_text().strip("\n").split("\n")
        return 30 + _CODE_LINE * sum(len(line) // 82 + 1 for line in lines)
    if inner := block.find_all(_BLOCKS, recursive=False):
        return (40 if "admonition" in classes else 0) + _height(list(inner), size)
    return _GAP + 1.38 * size * (len(block.get_text()) * size // _WIDTH + 1)
