"""Ce que l'on emporte du site : carnets, travaux pratiques, diapositives, livre, archive.

Tout est fait d'après le site qui vient d'être construit, et rangé dedans. La page des
téléchargements dit la taille de chaque fichier, ou pourquoi il manque : jamais de lien mort.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from builder.archive import NAME as ARCHIVE
from builder.archive import write_archive
from builder.browser import find_browser
from builder.classroom import release
from builder.plain.writing import write_editions
from builder.printing.chapters import Chapter
from builder.printing.document import read_book, read_chapters, read_identity
from builder.printing.epub import write_epub
from builder.printing.press import print_book
from builder.reports import french_size

FOLDER = "telechargements"
PAGE = "book/classe/telecharger.html"
BOOK = "elaguer-un-reseau-de-neurones.pdf"
EPUB = "elaguer-un-reseau-de-neurones.epub"
COVER = "book/images/couverture.png"

_NOTEBOOKS, _DECKS = f"{FOLDER}/carnets", "diapositives"
_TITLE = re.compile(r"<article.*?</h1>", re.DOTALL)
_PLACE = "<!-- telechargements : {} -->"
_KINDS = {".pdf": "PDF, ", ".epub": "EPUB, ", ".zip": "zip, "}
_HERE = "<p>Vous y êtes : cette page fait partie de l’archive.</p>"


@dataclass(frozen=True)
class Download:
    """Un fichier à emporter : ce qu'il est, et son chemin dans le site."""

    title: str
    path: str

    @property
    def lesson(self) -> str:
        """La page de la leçon ou de l'annexe dont c'est le carnet, ou les diapositives."""
        place = self.path.removeprefix(_NOTEBOOKS).removeprefix(_DECKS).strip("/")
        return f"notebooks/{Path(place).with_suffix('.html').as_posix()}"


def add_downloads(root: Path, site: Path) -> None:
    """Ajoute au site ce que l'on en emporte, et remplit la page qui le dit.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    site : Path
        Site qui vient d'être construit, pas encore en place.

    Raises
    ------
    Failure
        Si l'un des fichiers ne peut pas être fait.
    """
    chapters = read_chapters(root, site)
    groups = {
        "carnets": _notebooks(root, site),
        "corriges": _notebooks(root, site, solved=True),
        "travaux-pratiques": _labs(root, site),
        "liseuse": _epub(root, site, chapters),  # avant que l'imprimé ne coupe les mots
        "livre": _book(root, site, chapters),
    }
    groups["diapositives"] = [
        Download(lesson.title, path)
        for lesson in groups["carnets"]
        if (site / (path := lesson.lesson.replace("notebooks", _DECKS, 1))).is_file()
    ]
    _link_lessons(site, groups)
    page = site / PAGE
    if not page.is_file():
        return
    text = page.read_text(encoding="utf-8")
    for name, downloads in groups.items():
        text = text.replace(_PLACE.format(name), _list(downloads, site) or _ABSENT[name])
    place = _PLACE.format("archive")
    archive = Download("Tout le cours", f"{FOLDER}/{ARCHIVE}")
    page.write_text(text.replace(place, _HERE), encoding="utf-8", newline="\n")
    write_archive(root, site, site / archive.path)
    page.write_text(text.replace(place, _list([archive], site)), encoding="utf-8", newline="\n")


_ABSENT = {
    "carnets": "<p>Aucun carnet n’a été construit avec ce site.</p>",
    "corriges": "<p>Aucun corrigé n’a été construit avec ce site.</p>",
    "travaux-pratiques": "<p>Les travaux pratiques n’ont pas été construits avec ce site.</p>",
    "diapositives": "<p>Les diapositives n’ont pas été construites avec ce site.</p>",
    "livre": (
        "<p>Le livre n’a pas été imprimé avec ce site : il faut Chromium, que "
        "<code>make pdf</code> installe ou demande.</p>"
    ),
}


def _notebooks(root: Path, site: Path, *, solved: bool = False) -> list[Download]:
    """Les carnets à emporter, sans sorties ni solutions, ou leurs corrigés."""
    paths = write_editions(root, site / _NOTEBOOKS, solved=solved)
    return [Download(_heading(one), one.relative_to(site).as_posix()) for one in paths]


def _labs(root: Path, site: Path) -> list[Download]:
    """Les sujets de travaux pratiques, sans solution."""
    print("Travaux pratiques : sujets...", flush=True)
    folder = site / FOLDER / "travaux_pratiques"
    release(root, folder)
    subjects = sorted(folder.glob("*.ipynb"))
    return [Download(_heading(one), one.relative_to(site).as_posix()) for one in subjects]


def _heading(notebook: Path) -> str:
    """Le titre d'un carnet : sa première ligne de niveau 1."""
    cells = nbformat.read(notebook, as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)", prose, re.MULTILINE)
    return title[1].replace("'", "’").replace(" :", "\u00a0:") if title else notebook.stem


def _epub(root: Path, site: Path, chapters: list[Chapter]) -> list[Download]:
    """Le livre pour liseuses et téléphones."""
    identity = read_identity(root)
    write_epub(identity, chapters, root / COVER, site / FOLDER / EPUB)
    return [Download(identity.title, f"{FOLDER}/{EPUB}")]


def _book(root: Path, site: Path, chapters: list[Chapter]) -> list[Download]:
    """Le livre imprimé, si Chromium est là."""
    if find_browser() is None:
        return []
    print("Livre : impression en PDF...", flush=True)
    book = read_book(root, site, chapters)
    print_book(book, site / FOLDER / BOOK)
    return [Download(book.identity.title, f"{FOLDER}/{BOOK}")]


def _link_lessons(site: Path, groups: dict[str, list[Download]]) -> None:
    """Écrit sous le titre de chaque leçon les liens vers son carnet et ses diapositives."""
    links: dict[str, list[str]] = {}
    for label, group in (("Carnet", "carnets"), ("Diapositives", "diapositives")):
        for download in groups[group]:
            up = "../" * download.lesson.count("/")
            link = _link(Download(label, download.path), site, up)
            links.setdefault(download.lesson, []).append(link)
    for lesson, told in links.items():
        page = site / lesson
        line = rf'\g<0>\n<p class="emporter">{" · ".join(told)}</p>'
        text = _TITLE.sub(line, page.read_text(encoding="utf-8"), count=1)
        page.write_text(text, encoding="utf-8", newline="\n")


def _list(downloads: Sequence[Download], site: Path) -> str:
    items = "".join(f"<li><p>{_link(one, site, '../../')}</p></li>\n" for one in downloads)
    return f'<ul class="telechargements">\n{items}</ul>' if items else ""


def _link(download: Download, site: Path, up: str) -> str:
    path = site / download.path
    kept = "" if path.suffix == ".html" else " download"
    told = _KINDS.get(path.suffix, "") + french_size(path.stat().st_size)
    return f'<a href="{up}{download.path}"{kept}>{html.escape(download.title)}</a> ({told})'
