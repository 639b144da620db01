"""Ce que l'on emporte du site : carnets, travaux pratiques, diapositives, livre, archive.

Tout est fait d'après le site qui vient d'être construit, et rangé dedans. La page des
téléchargements dit la taille de chaque fichier, ou pourquoi il manque : jamais de lien mort.
"""

from __future__ import annotations

import html
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from builder.archive import NAME as ARCHIVE
from builder.archive import write_archive
from builder.browser import find_browser
from builder.classroom import release
from builder.digests import Record, content_digest, source_files, tree_digest
from builder.installation import prepare
from builder.printing.document import read_book
from builder.printing.press import print_book
from builder.reports import french_size

FOLDER = "telechargements"
PAGE = "book/classe/telecharger.html"
BOOK = "elaguer-un-reseau-de-neurones.pdf"

_TITLE = re.compile(r"<article.*?</h1>", re.DOTALL)
_PLACE = "<!-- telechargements : {} -->"
_KINDS = {".pdf": "PDF, ", ".zip": "zip, "}
_HERE = "<p>Vous y êtes : cette page fait partie de l’archive.</p>"


@dataclass(frozen=True)
class Download:
    """Un fichier à emporter : ce qu'il est, et son chemin dans le site."""

    title: str
    path: str


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
    groups = {
        "carnets": _notebooks(root, site),
        "travaux-pratiques": _labs(root, site),
        "diapositives": _slides(site),
        "livre": _book(root, site),
    }
    for lesson in sorted((site / "notebooks").glob("*.html")):
        _link_lesson(lesson, site, groups)
    page = site / PAGE
    if not page.is_file():
        return
    text = page.read_text(encoding="utf-8")
    for name, downloads in groups.items():
        text = text.replace(_PLACE.format(name), _list(downloads, site) or _ABSENT[name])
    place = _PLACE.format("archive")
    archive = Download("Tout le cours", f"{FOLDER}/{ARCHIVE}")
    write_archive(root, site, site / archive.path, {PAGE: text.replace(place, _HERE)})
    filled = text.replace(place, _list([archive], site))
    page.write_text(filled, encoding="utf-8", newline="\n")


_ABSENT = {
    "carnets": "<p>Aucun carnet n’a été construit avec ce site.</p>",
    "travaux-pratiques": "<p>Les travaux pratiques n’ont pas été construits avec ce site.</p>",
    "diapositives": "<p>Les diapositives n’ont pas été construites avec ce site.</p>",
    "livre": (
        "<p>Le livre n’a pas été imprimé avec ce site : il faut Chromium, que "
        "<code>make pdf</code> installe ou demande.</p>"
    ),
}


def _notebooks(root: Path, site: Path) -> list[Download]:
    """Les carnets des leçons, sans leurs sorties : dix fois plus légers, et à exécuter."""
    folder = site / FOLDER / "carnets"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for source in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(source, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        prepare(notebook)  # l'adresse du dépôt, si elle est connue
        text = nbformat.writes(notebook) + "\n"
        (folder / source.name).write_text(text, encoding="utf-8", newline="\n")
        title = _title(site / "notebooks" / f"{source.stem}.html")
        found.append(Download(title, f"{FOLDER}/carnets/{source.name}"))
    return found


def _labs(root: Path, site: Path) -> list[Download]:
    """Les sujets de travaux pratiques, sans solution ; refaits si une source a changé."""
    kept, record = root / "_build" / "sujets", Record(root, "sujets")
    makers = "pruning_core/course/classroom", "book/builder", "requirements.lock"
    sources = source_files(root, "notebooks/travaux_pratiques", *makers)
    digest = content_digest(root, sources, os.environ.get("COURS_DEPOT", ""))
    if not (kept.is_dir() and record.matches(digest + tree_digest(kept))):
        print("Travaux pratiques : sujets...", flush=True)
        shutil.rmtree(kept, ignore_errors=True)
        release(root, kept)
        record.write(digest + tree_digest(kept))
    folder = site / FOLDER / "travaux_pratiques"
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    subjects = sorted(folder.glob("*.ipynb"))
    return [Download(_heading(one), one.relative_to(site).as_posix()) for one in subjects]


def _heading(notebook: Path) -> str:
    """Le titre d'un carnet : sa première ligne de niveau 1."""
    cells = nbformat.read(notebook, as_version=4).cells
    prose = (cell.source for cell in cells if cell.cell_type == "markdown")
    lines = (line for source in prose for line in source.splitlines())
    title = next((line[2:] for line in lines if line.startswith("# ")), notebook.stem)
    return title.replace("'", "’")


def _slides(site: Path) -> list[Download]:
    decks = sorted((site / "diapositives").glob("*.html"))
    return [Download(_title(site / "notebooks" / d.name), f"diapositives/{d.name}") for d in decks]


def _book(root: Path, site: Path) -> list[Download]:
    """Le livre imprimé, si Chromium est là ; réimprimé si ce qu'il imprime a changé."""
    if find_browser() is None:
        return []
    book = read_book(root, site)
    kept, record = root / "_build" / "pdf" / BOOK, Record(root, "pdf")
    styles = [p.read_text(encoding="utf-8") for p in sorted((site / "_static").glob("maths.css"))]
    sources = source_files(root, "book/builder/printing", "requirements.lock")
    digest = content_digest(root, sources, book.html, *styles)
    if not (kept.is_file() and record.matches(digest)):
        print("Livre : impression en PDF...", flush=True)
        record.erase()
        print_book(book, kept)
        record.write(digest)
    shutil.copyfile(kept, site / FOLDER / BOOK)
    return [Download(book.identity.title, f"{FOLDER}/{BOOK}")]


def _link_lesson(lesson: Path, site: Path, groups: dict[str, list[Download]]) -> None:
    """Écrit sous le titre d'une leçon les liens vers son carnet et ses diapositives."""
    labels = {"carnets": "Carnet", "diapositives": "Diapositives"}
    links = [
        _link(Download(labels[group], download.path), site, "../")
        for group in labels
        for download in groups[group]
        if Path(download.path).stem == lesson.stem
    ]
    if links:
        line = f'<p class="emporter">{" · ".join(links)}</p>'
        page = lesson.read_text(encoding="utf-8")
        page = _TITLE.sub(lambda title: f"{title[0]}\n{line}", page, count=1)
        lesson.write_text(page, encoding="utf-8", newline="\n")


def _list(downloads: Sequence[Download], site: Path) -> str:
    items = "".join(f"<li><p>{_link(one, site, '../../')}</p></li>\n" for one in downloads)
    return f'<ul class="telechargements">\n{items}</ul>' if items else ""


def _link(download: Download, site: Path, up: str) -> str:
    path = site / download.path
    kept = "" if path.suffix == ".html" else " download"
    told = _KINDS.get(path.suffix, "") + french_size(path.stat().st_size)
    return f'<a href="{up}{download.path}"{kept}>{html.escape(download.title)}</a> ({told})'


def _title(page: Path) -> str:
    heading = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(
        "article h1"
    )
    if heading is None:
        return page.stem
    for link in heading.select("a.headerlink"):
        link.decompose()
    return heading.get_text(" ", strip=True)
