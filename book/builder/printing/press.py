"""L'impression dans Chromium ; les numéros de page sont connus après un premier passage."""

from __future__ import annotations

import io
import logging
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter

from builder.browser import FLAGS, ensure_browser
from builder.failure import Failure
from builder.printing.document import Book, Identity

# Chromium compte mal ses objets ; qui les lit s'en plaint, et lit tout quand même.
logging.getLogger("pypdf").setLevel(logging.ERROR)

_SCRIPT = Path(__file__).with_name("press.js")
_PASSES = 3  # le deuxième suffit, sauf si les numéros posés déplacent une page


def print_book(book: Book, target: Path) -> None:
    """Imprime le livre en PDF.

    Parameters
    ----------
    book : Book
        Le livre, lu dans le site construit.
    target : Path
        Fichier à écrire, une fois le livre entier.

    Raises
    ------
    Failure
        Si Chromium manque, ou si un repère du sommaire ou d'un renvoi n'est sur aucune page.
    """
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        source = Path(folder) / "livre.html"
        source.write_text(book.html, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=list(FLAGS))
        page = browser.new_page()
        page.emulate_media(media="print")
        page.goto(source.as_uri(), wait_until="load")
        page.evaluate("document.fonts.ready")
        page.add_script_tag(path=_SCRIPT)
        page.evaluate("dropIdleHyphens()")
        printed = _print_numbered(page)
        browser.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    _describe(printed, book.identity).write(target)


def _print_numbered(page: Page) -> bytes:
    """Imprime, écrit les numéros de page, et recommence tant qu'ils changent.

    Chromium n'a pas ``target-counter`` ; paged.js, qui l'ajoute, met deux fois plus de temps.
    """
    known: dict[str, int] = {}
    for _ in range(_PASSES):
        printed = page.pdf(
            prefer_css_page_size=True, print_background=True, tagged=True, outline=True
        )
        found = page_numbers(PdfReader(io.BytesIO(printed)))
        if found == known:
            break
        if missing := page.evaluate("(pages) => writePages(pages)", found):
            raise Failure(f"PDF : sans page, {', '.join(missing)}")
        known = found
    return printed


def page_numbers(reader: PdfReader) -> dict[str, int]:
    """Page de chaque repère vers lequel mène un lien, la couverture étant la page 1."""
    return {
        name.removeprefix("/"): number + 1
        for name, destination in reader.named_destinations.items()
        if (number := reader.get_destination_page_number(destination)) is not None
    }


def _describe(printed: bytes, identity: Identity) -> PdfWriter:
    """Donne au PDF des métadonnées qui ne dépendent pas du moment de l'impression."""
    writer = PdfWriter(clone_from=io.BytesIO(printed))
    moment = f"D:{identity.date.replace('-', '')}000000Z"
    writer.metadata = {
        "/Title": identity.title,
        "/Author": identity.author,
        "/Subject": "Élagage de réseaux de neurones : magnitude, gradient, second ordre",
        "/Keywords": "élagage, réseaux de neurones, second ordre, OBD, OBS",
        "/CreationDate": moment,
        "/ModDate": moment,
    }
    return writer
