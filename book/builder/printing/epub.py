"""Le livre en EPUB 3, pour les liseuses et les téléphones : les chapitres du livre imprimé.

Le texte s'y met en page à la taille de l'écran. Les formules sont en MathML, que MathJax a joint à
chacune ; rien n'y dit de couleur, pour suivre le fond que choisit le lecteur.
"""

from __future__ import annotations

import uuid
import zipfile
from copy import copy
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import Tag

from builder.printing.chapters import Chapter
from builder.printing.document import TEMPLATES, Identity

_TEMPLATES = ("container.xml", "paquet.opf", "sommaire.xhtml", "couverture.xhtml", "liseuse.css")
# Ce qu'un livre en HTML admettait, et que XHTML n'a pas, ou qui n'a de sens que sur papier.
_PAPER_ONLY = "span:has(> [data-page])"
_OBSOLETE = ("border", "align", "valign", "data-mime-type", "loading", "jax", "focusable")


def write_epub(identity: Identity, chapters: list[Chapter], cover: Path, target: Path) -> None:
    """Écrit le livre en EPUB : mêmes chapitres, mêmes octets.

    Parameters
    ----------
    identity : Identity
        Ce que disent la couverture et les métadonnées.
    chapters : list of Chapter
        Les chapitres, dans l'ordre ; ils ne sont pas modifiés.
    cover : Path
        Image de la couverture, en PNG.
    target : Path
        Fichier à écrire.
    """
    pictures = {"couverture.png": cover}
    homes = {str(one["id"]): chapter.key for chapter in chapters for one in _named(chapter.body)}
    homes |= {chapter.key: chapter.key for chapter in chapters}
    pages = {
        chapter.key: _page(chapter, homes, pictures).decode(formatter="minimal")
        for chapter in chapters
    }
    about = {
        "identity": identity,
        "chapters": chapters,
        "pages": pages,
        "pictures": sorted(pictures),
        "name": uuid.uuid5(uuid.NAMESPACE_URL, identity.address or identity.title),
    }
    files: dict[str, str | bytes] = {"mimetype": "application/epub+zip"}
    for name in _TEMPLATES:
        folder = "META-INF" if name == "container.xml" else "livre"
        files[f"{folder}/{name}"] = TEMPLATES.get_template(f"liseuse/{name}").render(about)
    page = TEMPLATES.get_template("liseuse/chapitre.xhtml")
    for chapter in chapters:
        files[f"livre/{chapter.key}.xhtml"] = page.render(about, chapter=chapter)
    files |= {f"livre/images/{name}": path.read_bytes() for name, path in pictures.items()}
    _write(files, identity, target)


def _named(body: Tag) -> list[Tag]:
    return [one for one in body.find_all(id=True) if not one.find_parent("svg")]


def _page(chapter: Chapter, homes: dict[str, str], pictures: dict[str, Path]) -> Tag:
    """Une copie du chapitre, en XHTML ; note les images qu'il montre."""
    body = copy(chapter.body)
    for element in body.select(_PAPER_ONLY):
        element.decompose()
    for pair in body.select(".definition"):
        pair.unwrap()
    for figure in body.select(".figure"):
        figure.name = "figure"
    for formula in body.select("mjx-container"):
        for math in formula.find_all("math"):
            formula.replace_with(math)
    for drawing in body.find_all("svg"):
        drawing["xmlns"] = "http://www.w3.org/2000/svg"
        drawing["viewBox"] = drawing.attrs.pop("viewbox", "0 0 24 24")
    for picture in body.find_all("img"):
        path = Path(unquote(urlsplit(str(picture["src"])).path))
        pictures[path.name] = path
        picture["src"] = f"images/{path.name}"
    for link in body.select("a[href^='#']"):
        anchor = str(link["href"])[1:]
        if home := homes.get(anchor):
            link["href"] = f"{home}.xhtml" + (f"#{anchor}" if anchor != home else "")
        else:
            link.unwrap()  # vers une partie qui ne parle que du site
    for element in [body, *body.find_all(True)]:
        for name in _OBSOLETE:
            element.attrs.pop(name, None)
    return body


def _write(files: dict[str, str | bytes], identity: Identity, target: Path) -> None:
    year, month, day = map(int, identity.date.split("-"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (year, month, day, 0, 0, 0))
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            book.writestr(entry, content, kind)
