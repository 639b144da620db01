"""Du contenu marqué d'une leçon (slides.py) à ses diapositives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Comment, Tag

_LONG_CODE = 7  # lignes : un code plus long reste dans la leçon
_SCREEN_ONLY = "a.headerlink, .avancement, [hidden], script, .cell_output style[scoped]"
_REPLACED = (
    "details, .pruning-static > p, pruning-explorer > .pruning-static > table, "
    ":is(pruning-explorer, pruning-words, moving-picture, lesson-guess, lesson-outcome) > style"
)
_MARK = re.compile(r" (/?)diapo ?([a-z]*|-) ?")
_NUMBER = re.compile(r"\((\d+)\)")  # un renvoi à une formule, déjà entre parenthèses
_QUIZ, _IN_THE_NOTEBOOK = "Quiz", "Exercices"


@dataclass
class Slide:
    """Une diapositive : ses titres, ses blocs de HTML, ce qui se dit sans s'afficher."""

    title: str
    level: int = 2
    part: str = ""  # le titre de la partie, si la diapositive est sous celui d'une section
    blocks: list[Tag] = field(default_factory=list)
    notes: list[Tag] = field(default_factory=list)

    @property
    def explores(self) -> bool:
        """Vrai si elle montre un explorateur, dont le curseur est dans la leçon."""
        return any(block.select_one(".explorateur") for block in self.blocks)


def slides_of(body: BeautifulSoup) -> list[Slide]:
    """Rend les diapositives du contenu d'une page ; aucune si rien n'y est marqué.

    Chaque titre commence une diapositive ; chaque question du quiz aussi.
    """
    article = copy(body)
    for element in article.select(_SCREEN_ONLY):
        element.decompose()
    slides: list[Slide] = []
    here = Slide("")
    for kind, block in _marked_blocks(article):
        if block.name in ("h1", "h2", "h3"):
            here = _under(block, here)
            if kind and here.title not in (_QUIZ, _IN_THE_NOTEBOOK):
                slides.append(_empty(here))
        elif here.title == _IN_THE_NOTEBOOK:
            continue
        elif kind == "notes" and slides:
            slides[-1].notes.append(block)
        elif kind and here.title == _QUIZ:
            _add_to_quiz(slides, block)
        elif kind:
            if not slides or (kind == "slide" and slides[-1].blocks):
                slides.append(_empty(here))
            _add(slides[-1], block)
    for slide in slides:
        slide.blocks, slide.notes = _readdressed(slide.blocks), _readdressed(slide.notes)
    return [slide for slide in slides if slide.blocks]


def _under(heading: Tag, before: Slide) -> Slide:
    """Une diapositive vide sous ce titre ; sous un titre de section, celui de sa partie aussi."""
    part = ""
    if heading.name == "h3":
        part = before.part or (before.title if before.level == 2 else "")
    return Slide(heading.decode_contents().strip(), 1 if heading.name == "h1" else 2, part)


def _empty(model: Slide) -> Slide:
    return Slide(model.title, model.level, model.part)


def _add(slide: Slide, block: Tag) -> None:
    if block.name == "details":  # une réponse repliée : à dire
        slide.notes += block.select(".sd-summary-content > *")
    elif "fiche" in (block.get("class") or ()):
        slide.notes.append(block)
    else:
        slide.blocks.append(block)


def _add_to_quiz(slides: list[Slide], block: Tag) -> None:
    """Une question par diapositive et ses choix ; leurs explications dans les notes.

    Le choix juste, celui dont l'explication commence par « Oui », se montre à la touche suivante.
    """
    if block.name == "details":
        choice = copy(block)
        choice.name, choice["class"] = "p", "choix"
        label = block.select_one(".sd-summary-text")
        choice.clear()
        choice.append(label.get_text() if label else "")
        told = block.select(".sd-summary-content > *")
        slides[-1].notes += [copy(choice), *told]
        if told and told[0].get_text().strip().startswith("Oui"):
            choice["class"] = "choix juste fragment custom"
        slides[-1].blocks.append(choice)
    elif block.get_text().startswith("Question"):
        slides.append(Slide(_QUIZ, blocks=[block]))


def _marked_blocks(article: BeautifulSoup) -> Iterator[tuple[str, Tag]]:
    """Blocs de la leçon dans l'ordre, et la marque de chacun.

    La marque ``slide`` n'est donnée qu'au premier bloc d'une cellule ; « - » aux suivants.
    """
    for section in article.select("section:not(div section)"):  # celles des titres
        section.unwrap()
    kind = ""
    for node in list(article.children):
        if isinstance(node, Comment) and (mark := _MARK.fullmatch(node)):
            kind = "" if mark[1] else mark[2]
        elif isinstance(node, Tag):
            yield kind, _shown(node) if "cell" in (node.get("class") or ()) else node
            kind = "-" if kind == "slide" else kind


def _shown(cell: Tag) -> Tag:
    """Une cellule de code, sans son code s'il est replié, trop long, ou n'ouvre que l'explorateur.

    L'explorateur, trop haut pour une diapositive, n'y laisse que son graphique ; celui des mots,
    que son tableau ; une image que l'on bouge, son image et son tableau.
    """
    explorer = cell.find(["pruning-explorer", "pruning-words", "moving-picture"])
    for element in cell.select(_REPLACED):
        element.decompose()
    code = cell.select_one(".cell_input")
    if code is not None and (
        explorer is not None or len(code.get_text().strip().splitlines()) > _LONG_CODE
    ):
        code.decompose()
    if isinstance(explorer, Tag):
        if explorer.name == "pruning-explorer":
            legend = Tag(name="p", attrs={"class": "legende"})
            legend.string = "Exactitude (%) selon la sparsité"
            explorer.append(legend)
        explorer.name, explorer["class"] = "div", "explorateur"
        del explorer["style"]
    return cell


def _readdressed(blocks: list[Tag]) -> list[Tag]:
    """Des blocs sans leurs repères ; leurs liens mènent à la leçon, où ils sont."""
    for block in blocks:
        for element in [block, *block.find_all(True)]:
            del element["id"]
        for link in block.find_all("a", href=True):
            if "://" not in str(link["href"]):
                number = _NUMBER.fullmatch(link.get_text())
                if number and str(link.previous_sibling).endswith("("):
                    link.string = number[1]
                link.unwrap()
    return blocks
