"""Le livre entier, en un document HTML : couverture, sommaire, chapitres, réponses."""

from __future__ import annotations

import html
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import starmap
from pathlib import Path
from typing import Any

import matplotlib
import yaml
from bs4 import BeautifulSoup, Tag

from builder.printing.answers import UNKNOWN_PAGE, Answers
from builder.printing.chapters import Chapter, read_chapter
from builder.printing.hyphens import hyphenate_prose

# Pages qui ne servent qu'à l'écran, à la classe ou à qui programme.
_LEFT_OUT = (
    *("book/classe/", "book/reference/accessibilite", "book/reference/api"),
    *("book/reference/confiance", "book/reference/changements"),
)
STYLE = "livre.css"
_PLACE = re.compile(rf'(<span data-page="([^"]+)">){UNKNOWN_PAGE}')

# Les polices que livre matplotlib : les mêmes sur toute machine. Famille, graisse, style, fichier.
_FONTS = (
    ("Texte", "normal", "normal", "STIXGeneral"),
    ("Texte", "bold", "normal", "STIXGeneralBol"),
    ("Texte", "normal", "italic", "STIXGeneralItalic"),
    ("Texte", "bold", "italic", "STIXGeneralBolIta"),
    ("Secours", "normal", "normal", "DejaVuSerif"),  # les signes que STIX n'a pas
    ("Code", "normal", "normal", "DejaVuSansMono"),
    ("Code", "bold", "normal", "DejaVuSansMono-Bold"),
    ("Sans", "normal", "normal", "DejaVuSans"),
)

_EDITION = """
<section id="cette-edition">
<h2>Cette édition</h2>
<p>Ce livre est tiré du site du cours&#160;: le même texte, les mêmes nombres. {place} Trois choses
diffèrent. Les curseurs sont remplacés par leur graphique et leur tableau. Le code qui ne fait que
tracer ou vérifier n’est pas imprimé&#160;: il est dans les carnets, et le livre nomme ce que l’on y
prend. Les solutions des exercices et les réponses des quiz sont réunies à la fin&#8239;; un renvoi
donne leur page.</p>
</section>
"""


@dataclass(frozen=True)
class Entry:
    """Une ligne du sommaire."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True)
class Identity:
    """Ce que la couverture et les métadonnées disent du livre."""

    title: str
    author: str
    rights: str
    version: str
    date: str  # AAAA-MM-JJ
    address: str  # du site ; vide si la construction ne la connaît pas


def read_identity(root: Path) -> Identity:
    """Lit le titre, l'auteur et la version là où le cours les écrit déjà."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Identity(
        title=config["title"],
        author=config["author"],
        rights=config["copyright"],
        version=project["version"],
        date=str(citation["date-released"]),
        address=os.environ.get("COURS_URL", "").rstrip("/"),
    )


def printed_pages(root: Path) -> list[str]:
    """Pages du sommaire qui s'impriment, dans l'ordre : l'accueil, les leçons, le reste."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [name for name in _files(toc) if not name.startswith(_LEFT_OUT)]


def _files(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("root", "file"):
                yield value
            else:
                yield from _files(value)
    elif isinstance(node, list):
        for item in node:
            yield from _files(item)


class Book:
    """Le livre, avant impression.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    site : Path
        Dossier du site construit, d'où viennent les pages.
    """

    def __init__(self, root: Path, site: Path) -> None:
        self.identity = read_identity(root)
        self._site = site
        self._logo = (root / "book" / "images" / "logo.svg").as_uri()
        names = printed_pages(root)
        chapters = [read_chapter(site, name, set(names)) for name in names]
        answers = Answers()
        for chapter in chapters:
            if chapter.is_lesson:
                answers.take_from(chapter)
        edition = _EDITION.format(place=place_of_site(self.identity.address))
        chapters[0].body.append(BeautifulSoup(edition, "html.parser"))
        self.chapters = [*chapters, answers.chapter]
        for chapter in self.chapters:
            hyphenate_prose(chapter.body)
        self._unnumbered = self._compose()

    def entries(self) -> list[Entry]:
        """Lignes du sommaire : les chapitres, et les parties des leçons et des réponses.

        Les parties qui sont dans toutes les leçons (le quiz...) n'aideraient pas à s'y retrouver.
        """
        found = []
        lessons = [chapter for chapter in self.chapters if chapter.is_lesson]
        everywhere = set.intersection(*({part.title for part in _parts(one)} for one in lessons))
        for chapter in self.chapters:
            found.append(Entry(1, chapter.title, chapter.key))
            if chapter.is_lesson or chapter is self.chapters[-1]:
                found += [part for part in _parts(chapter) if part.title not in everywhere]
        return found

    def write(self, pages: Mapping[str, int]) -> str:
        """Rend le document ; `pages` donne la page de chaque repère, ou rien la première fois."""

        def number(match: re.Match[str]) -> str:
            return f"{match[1]}{pages.get(match[2], UNKNOWN_PAGE)}"

        return _PLACE.sub(number, self._unnumbered)

    def _compose(self) -> str:
        parts = [self._cover(), self._contents()]
        parts += [str(chapter.body) for chapter in self.chapters]
        return _SHELL.format(
            title=html.escape(self.identity.title),
            author=html.escape(self.identity.author),
            styles="\n".join(f'<link rel="stylesheet" href="{url}">' for url in self._styles()),
            fonts="\n".join(starmap(_font_face, _FONTS)),
            headers="\n".join(map(_running_header, self.chapters)),
            body="\n".join(parts),
        )

    def _styles(self) -> Iterator[str]:
        for name in ("pygments.css", "maths.css"):
            path = self._site / "_static" / name
            if path.is_file():
                yield path.as_uri()
        yield Path(str(files("builder.printing").joinpath(STYLE))).as_uri()

    def _cover(self) -> str:
        told = self.identity
        author = told.author[:1].upper() + told.author[1:]
        lines = (author, f"Version {told.version}, {told.rights}", told.address)
        written = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
        return (
            f'<section class="couverture"><img src="{self._logo}" alt="">'
            f'<p class="titre">{html.escape(told.title)}</p>'
            '<p class="sous-titre">Magnitude, gradient, second ordre : un cours exécutable</p>'
            f'<div class="mentions">{written}</div></section>'
        )

    def _contents(self) -> str:
        lines = "".join(
            f'<li class="niveau-{entry.level}"><a href="#{entry.anchor}">'
            f"<span>{html.escape(entry.title)}</span>"
            f'<span data-page="{entry.anchor}">{UNKNOWN_PAGE}</span></a></li>'
            for entry in self.entries()
        )
        return f'<nav class="sommaire"><h1>Sommaire</h1><ol>{lines}</ol></nav>'


def place_of_site(address: str) -> str:
    """Où est le site auquel renvoie « (sur le site) »."""
    if not address:
        return "Il est dans l’archive du cours, ou là où vous avez trouvé ce livre."
    shown = html.escape(address)
    return f'Il est à l’adresse <a href="{shown}">{shown}</a>.'


def _parts(chapter: Chapter) -> list[Entry]:
    found = []
    for heading in chapter.body.find_all("h2"):
        section = heading.parent
        if isinstance(section, Tag) and section.get("id"):
            title = heading.get_text(" ", strip=True)
            found.append(Entry(2, title, str(section["id"])))
    return found


def _font_face(family: str, weight: str, style: str, name: str) -> str:
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")
    return (
        f"@font-face {{ font-family: {family}; font-weight: {weight}; font-style: {style}; "
        f'src: url("{path.as_uri()}"); }}'
    )


def _running_header(chapter: Chapter) -> str:
    """Le titre courant d'un chapitre, en haut de ses pages."""
    title = chapter.title.replace("\\", "\\\\").replace('"', '\\"')
    name = f"page-{chapter.key}"
    return (
        f'@page {name} {{ @top-center {{ content: "{title}"; }} }}\n'
        f"#{chapter.key} {{ page: {name}; }}"
    )


_SHELL = """<!DOCTYPE html>
<html lang="fr" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="author" content="{author}">
{styles}
<style>
{fonts}
{headers}
</style>
</head>
<body>
{body}
</body>
</html>
"""
