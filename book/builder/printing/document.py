"""Le livre entier, en un document HTML : couverture, sommaire, chapitres, réponses."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from sphinx_external_toc.parsing import parse_toc_yaml

from builder.printing.answers import gather_answers
from builder.printing.chapters import Chapter, read_chapter
from builder.printing.hyphens import hyphenate_prose

# Pages qui ne servent qu'à l'écran, à la classe ou à qui programme.
_LEFT_OUT = (
    *("book/classe/", "book/reference/accessibilite", "book/reference/api"),
    *("book/reference/confiance", "book/reference/navigateurs", "book/reference/changements"),
)
_HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=PackageLoader("builder.printing", ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


@dataclass(frozen=True)
class Identity:
    """Ce que la couverture et les métadonnées disent du livre."""

    title: str
    author: str
    rights: str
    version: str
    date: str  # AAAA-MM-JJ
    address: str  # du site ; vide si la construction ne la connaît pas


@dataclass(frozen=True)
class Book:
    """Le livre, avant impression ; les places des numéros de page y sont vides."""

    identity: Identity
    html: str


def read_chapters(root: Path, site: Path) -> list[Chapter]:
    """Lit les chapitres du livre dans le site construit ; les réponses sont le dernier.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    site : Path
        Dossier du site construit, d'où viennent les pages.
    """
    names = printed_pages(root)
    chapters = [read_chapter(site, name, set(names)) for name in names]
    answers = gather_answers([chapter for chapter in chapters if chapter.is_lesson])
    return [*chapters, answers]


def read_book(root: Path, site: Path, chapters: list[Chapter]) -> Book:
    """Compose le livre à imprimer ; les coupures des mots sont posées dans les chapitres."""
    for chapter in chapters:
        hyphenate_prose(chapter.body)
    identity = read_identity(root)
    return Book(identity, write_document(identity, chapters, root, site))


def write_document(identity: Identity, chapters: list[Chapter], root: Path, site: Path) -> str:
    """Compose les chapitres en un document, selon ``livre.html``.

    Le sommaire tait les parties de toutes les leçons (le quiz...) : elles n'y aideraient pas.
    """
    lessons = [set(chapter.parts.values()) for chapter in chapters if chapter.is_lesson]
    styles = [site / "_static" / "pygments.css", site / "_static" / "maths.css"]
    return TEMPLATES.get_template("livre.html").render(
        identity=identity,
        chapters=chapters,
        everywhere=set.intersection(*lessons),
        logo=(root / "book" / "images" / "logo.svg").as_uri(),
        styles=[style.as_uri() for style in (*styles, _HERE / "livre.css") if style.is_file()],
        fonts=Path(matplotlib.get_data_path(), "fonts", "ttf").as_uri(),
    )


def read_identity(root: Path) -> Identity:
    """Lit le titre, l'auteur et la version là où le cours les écrit déjà."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return Identity(
        title=config["title"],
        author=config["author"],
        rights=config["copyright"],
        version=str(citation["version"]),
        date=str(citation["date-released"]),
        address=os.environ.get("COURS_URL", "").rstrip("/"),
    )


def printed_pages(root: Path) -> list[str]:
    """Pages du sommaire qui s'impriment, dans l'ordre : l'accueil, les leçons, le reste."""
    return [name for name in parse_toc_yaml(root / "_toc.yml") if not name.startswith(_LEFT_OUT)]
