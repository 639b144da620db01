"""L'impression : deux passages dans Chromium, le second avec les numéros de page."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from builder.browser import FLAGS, ensure_browser
from builder.failure import Failure
from builder.printing.document import Book, Identity

# Chromium compte mal ses objets ; qui les lit s'en plaint, et lit tout quand même.
logging.getLogger("pypdf").setLevel(logging.ERROR)

# Une coupure qui ne sert pas resterait dans le texte du PDF : le mot n'y serait plus trouvé.
_DROP_IDLE_HYPHENS = """() => {
  document.body.style.width = "162mm";  // la largeur du texte, comme dans livre.css
  const range = document.createRange();
  const top = (node, at) => {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect().top;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const kept = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data;
    if (!text.includes("\\u00ad")) continue;
    const signs = [...text].filter((sign, at) =>
      sign !== "\\u00ad" || Math.abs(top(node, at - 1) - top(node, at + 1)) > 1);
    kept.push([node, signs.join("")]);
  }
  for (const [node, text] of kept) node.data = text;
  document.body.style.width = "";
}"""

_PASSES = 3  # le deuxième suffit, sauf si les numéros posés déplacent une page


def print_book(book: Book, target: Path) -> int:
    """Imprime le livre en PDF ; rend son nombre de pages.

    Parameters
    ----------
    book : Book
        Le livre, lu dans le site construit.
    target : Path
        Fichier à écrire ; remplacé d'un coup, une fois le livre entier.

    Raises
    ------
    Failure
        Si Chromium manque, ou si un repère du sommaire n'est sur aucune page.
    """
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=list(FLAGS))
        page = browser.new_page()
        page.emulate_media(media="print")
        source = Path(folder) / "livre.html"
        pages: Mapping[str, int] = {}
        for _ in range(_PASSES):
            source.write_text(book.write(pages), encoding="utf-8")
            printed = _print(page, source)
            found = page_numbers(PdfReader(io.BytesIO(printed)))
            if found == pages:
                break
            pages = found
        browser.close()
    missing = [entry.title for entry in book.entries() if entry.anchor not in pages]
    if missing:
        raise Failure(f"PDF : sans page, {', '.join(missing)}")
    return _finish(printed, book.identity, target)


def _print(page: Page, source: Path) -> bytes:
    page.goto(source.as_uri(), wait_until="load")
    page.evaluate("document.fonts.ready")
    page.evaluate(_DROP_IDLE_HYPHENS)
    return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)


def page_numbers(reader: PdfReader) -> dict[str, int]:
    """Page de chaque repère vers lequel mène un lien, la couverture étant la page 1."""
    numbers = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None:
            numbers[name.lstrip("/")] = number + 1
    return numbers


def _finish(printed: bytes, identity: Identity, target: Path) -> int:
    """Écrit le PDF avec des métadonnées qui ne dépendent pas du moment de l'impression."""
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
    writer.root_object[NameObject("/Lang")] = TextStringObject("fr")
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    partial = target.with_suffix(".partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("wb") as file:
        writer.write(file)
    partial.replace(target)
    return len(writer.pages)
