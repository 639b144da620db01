"""D'une page de leçon marquée (slides.py) à ses diapositives : le partage, puis la page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Comment, Tag

# Signes de texte : au-delà, une diapositive s'écrit plus petit ; au-delà encore, ses derniers
# paragraphes se disent au lieu de s'afficher.
_DENSE, _VERY_DENSE, _FULL = 600, 880, 1000
_LONG_CODE = 20  # lignes : un code plus long reste dans la leçon
_SCREEN_ONLY = "a.headerlink, .avancement, [hidden], script, .cell_output style[scoped]"
_MARK = re.compile(r" (/?)diapo ?([a-z]*|-) ?")
_QUIZ, _IN_THE_NOTEBOOK = "Quiz", "Exercices"


@dataclass
class Slide:
    """Une diapositive : son titre, ses blocs de HTML, ce qui se dit sans s'afficher."""

    title: str
    level: int = 2
    blocks: list[Tag] = field(default_factory=list)
    notes: list[Tag] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Signes de texte affichés."""
        return sum(len(block.get_text()) for block in self.blocks if block.name != "div")

    def lighten(self) -> None:
        """Fait passer dans les notes les derniers paragraphes d'une diapositive trop pleine."""
        while self.length > _FULL:
            last = next((b for b in reversed(self.blocks[1:]) if b.name == "p"), None)
            if last is None:
                return
            self.blocks.remove(last)
            self.notes.insert(0, last)


def slides_of(page: str) -> list[Slide]:
    """Rend les diapositives d'une page de leçon marquée ; aucune si rien n'y est marqué.

    Chaque titre commence une diapositive ; chaque question du quiz aussi.
    """
    article = BeautifulSoup(page, "html.parser").find("article")
    if not isinstance(article, Tag):
        return []
    for element in article.select(_SCREEN_ONLY):
        element.decompose()
    slides: list[Slide] = []
    heading = ""
    for kind, block in _marked_blocks(article):
        if block.name in ("h1", "h2", "h3"):
            heading = _inner(block)
            if kind and heading not in (_QUIZ, _IN_THE_NOTEBOOK):
                slides.append(Slide(heading, 1 if block.name == "h1" else 2))
        elif heading == _IN_THE_NOTEBOOK:
            continue
        elif kind == "notes" and slides:
            slides[-1].notes.append(block)
        elif kind and heading == _QUIZ:
            _add_to_quiz(slides, block)
        elif kind:
            if _begins(kind, block, slides[-1]) if slides else True:
                slides.append(Slide(heading))
            _add(slides[-1], block)
    for slide in slides:
        slide.lighten()
    return [slide for slide in slides if slide.blocks]


def _begins(kind: str, block: Tag, current: Slide) -> bool:
    """Un bloc commence-t-il une diapositive ? Un tableau de la prose aussi, si elle est pleine."""
    table = "pst-scrollable-table-container" in (block.get("class") or ())
    return bool(current.blocks) and (kind == "slide" or (table and current.length > _DENSE))


def _add(slide: Slide, block: Tag) -> None:
    if block.name == "details":  # une réponse repliée : à dire
        slide.notes += block.select(".sd-summary-content > *")
    else:
        slide.blocks.append(block)


def _add_to_quiz(slides: list[Slide], block: Tag) -> None:
    """Une question par diapositive, ses choix affichés, leurs explications dans les notes."""
    if block.name == "details":
        choice = copy(block)
        choice.name, choice["class"] = "p", "choix"
        label = block.select_one(".sd-summary-text")
        choice.clear()
        choice.append(label.get_text() if label else "")
        slides[-1].blocks.append(choice)
        slides[-1].notes += [copy(choice), *block.select(".sd-summary-content > *")]
    elif block.get_text().startswith("Question"):
        slides.append(Slide(_QUIZ, blocks=[block]))


def _marked_blocks(article: Tag) -> Iterator[tuple[str, Tag]]:
    """Blocs de la leçon dans l'ordre, et la marque de chacun.

    La marque ``slide`` n'est donnée qu'au premier bloc d'une cellule ; « - » aux suivants.
    """
    for section in article.find_all("section"):
        if section.parent is not None and section.parent.name in ("article", "section"):
            section["data-unwrap"] = ""
    for section in article.select("section[data-unwrap]"):
        section.unwrap()
    kind = ""
    for node in list(article.children):
        if isinstance(node, Comment) and (mark := _MARK.fullmatch(node)):
            kind = "" if mark[1] else mark[2]
        elif isinstance(node, Tag):
            cell = _cell_mark(node)
            if cell:
                yield cell, _shown(node)
            else:
                yield kind, node
                kind = "-" if kind == "slide" else kind


def _cell_mark(node: Tag) -> str:
    classes = [*(node.get("class") or ())]
    return next((c.removeprefix("tag_diapo-") for c in classes if c.startswith("tag_diapo-")), "")


def _shown(cell: Tag) -> Tag:
    """Une cellule de code, sans son code s'il est replié, trop long, ou n'ouvre que l'explorateur.

    L'explorateur, trop haut pour une diapositive, y laisse son graphique et son tableau.
    """
    explorer = cell.find("pruning-explorer")
    for element in cell.select("details, .pruning-static > p, pruning-explorer > style"):
        element.decompose()
    code = cell.select_one(".cell_input")
    if code is not None and (
        explorer is not None or len(code.get_text().strip().splitlines()) > _LONG_CODE
    ):
        code.decompose()
    if isinstance(explorer, Tag):
        explorer.name, explorer["class"] = "div", "explorateur"
        del explorer["style"]
    return cell


def _inner(tag: Tag) -> str:
    return "".join(str(child) for child in tag.contents).strip()


def write_deck(page: str, slides: list[Slide]) -> str:
    """Écrit la page des diapositives d'une leçon, avec les feuilles de style qu'il lui faut."""
    soup = BeautifulSoup(page, "html.parser")
    title = soup.title.get_text() if soup.title else ""
    description = soup.find("meta", attrs={"name": "description"})
    told = str(description["content"]) if isinstance(description, Tag) else title
    body = "\n".join(map(_section, slides))
    links = "\n".join(
        str(link)
        for link in soup.find_all("link", rel="stylesheet")
        if re.search(r"/(pygments|maths)\.css", str(link["href"]))
    )
    return _SHELL.format(
        title=html.escape(f"Diapositives : {title}"),
        description=html.escape(told),
        links=links,
        body=body,
    )


def _section(slide: Slide) -> str:
    blocks = "\n".join(map(_readdressed, slide.blocks))
    density = (slide.length > _DENSE) + (slide.length > _VERY_DENSE)
    css = ("", ' class="dense"', ' class="tres-dense"')[density]
    notes = "\n".join(map(_readdressed, slide.notes))
    aside = f'<aside class="notes">{notes}</aside>' if notes else ""
    title = f"<h{slide.level}>{slide.title}</h{slide.level}>"
    return f"<section{css}>\n{title}\n{blocks}\n{aside}</section>"


def _readdressed(block: Tag) -> str:
    """Un bloc sans ses repères ; ses liens mènent à la leçon, où ils sont."""
    for element in [block, *block.find_all(True)]:
        del element["id"]
    for link in block.find_all("a", href=True):
        if "://" not in str(link["href"]):
            link.unwrap()
    return str(block)


_SHELL = """<!DOCTYPE html>
<html lang="fr" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<link rel="icon" href="../_static/favicon.ico">
<link rel="stylesheet" href="reveal/reveal.css">
{links}
<link rel="stylesheet" href="deck.css">
<script defer src="reveal/reveal.js"></script>
<script defer src="deck.js"></script>
</head>
<body>
<main>
<div class="reveal">
<article class="slides">
{body}
</article>
</div>
</main>
</body>
</html>
"""
