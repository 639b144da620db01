"""Le livre imprimé, relu dans son PDF : sommaire, ordre, images, polices, marges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from builder.downloads import BOOK, FOLDER
from builder.printing.document import read_book, read_chapters, read_identity
from builder.printing.hyphens import SOFT
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.site.visits import LESSONS, SITE

HOME = "book/index.html"
ROOT = Path(__file__).parents[2]
PDF = SITE / FOLDER / BOOK
TEXT_WIDTH = 612  # pixels : une feuille A4, moins ses marges
ENTRY = re.compile(r"^(.*\D)(\d{1,3})$")


@cache
def reader() -> PdfReader:
    return PdfReader(PDF)


@cache
def printed() -> list[str]:
    return [page.extract_text() for page in reader().pages]


@cache
def page_texts() -> list[str]:
    return [squeezed(text) for text in printed()]


@cache
def document() -> str:
    return read_book(ROOT, SITE, read_chapters(ROOT, SITE)).html


def squeezed(text: str) -> str:
    """Un texte sans espaces ni coupures, que la mise en page déplace."""
    return re.sub(rf"[\s{SOFT}]", "", text)


def contents() -> list[tuple[str, int]]:
    """Titre et page de chaque ligne du sommaire imprimé."""
    found = []
    for text in printed()[1:4]:
        lines = text.splitlines()
        entries = [match for line in lines if (match := ENTRY.match(line.strip()))]
        if found and len(entries) < 5:
            break
        found += [(squeezed(match[1]), int(match[2])) for match in entries]
    return found


def objects(kind: str) -> Iterator[Any]:
    """Éléments d'une sorte dans l'arbre de structure que suit un lecteur d'écran."""
    pending = [reader().trailer["/Root"]["/StructTreeRoot"]]
    while pending:
        node = pending.pop().get_object()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            if node.get("/S") == kind:
                yield node
            if "/K" in node:
                pending.append(node["/K"])


def test_contents_give_the_right_pages() -> None:
    """Chaque numéro du sommaire mène au titre qu'il annonce."""
    entries = contents()
    assert len(entries) > 40
    wrong = [entry for entry in entries if entry[0] not in page_texts()[entry[1] - 1]]
    assert wrong == []


def test_answers_come_last() -> None:
    """Solutions et explications du quiz viennent après la dernière leçon."""
    answers = dict(contents())["Solutionsetréponses"] - 1
    early, late = "".join(page_texts()[:answers]), "".join(page_texts()[answers:])
    assert late.count("Solutiondel’exercice") >= 12
    assert "Solutiondel’exercice" not in early
    assert late.count("Non.") >= 40
    assert "Non." not in early


def test_every_picture_is_described() -> None:
    """Chaque image du PDF a son texte de remplacement."""
    figures = list(objects("/Figure"))
    pages = [(SITE / name).read_text(encoding="utf-8") for name in LESSONS]
    assert len(figures) >= sum(page.count("<figure") for page in pages) > 10
    assert [node for node in figures if not str(node.get("/Alt", "")).strip()] == []


def test_signs_are_drawn() -> None:
    """Chaque police est dans le fichier, et chaque signe se dessine."""
    for number, page in enumerate(reader().pages, 1):
        fonts = page["/Resources"].get("/Font", {})
        composite = set()
        for name, font in fonts.items():
            if font["/Subtype"] == "/Type0":
                composite.add(name)
                described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
                assert {"/FontFile2", "/FontFile3"} & set(described), (number, name)
            else:
                assert font["/Subtype"] == "/Type3", (number, name)
        assert missing_signs(page.get_contents().get_data().decode("latin-1"), composite) == 0


def missing_signs(stream: str, composite: set[str]) -> int:
    """Signes de code 0, que les polices dessinent comme un carré vide."""
    current, missing = "", 0
    for name, codes in re.findall(r"(/F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>", stream):
        if name:
            current = name
        elif current in composite:
            missing += sum(codes[i : i + 4] == "0000" for i in range(0, len(codes), 4))
    return missing


def test_file_says_what_it_is() -> None:
    """Le PDF a titre, langue, signets et la date du cours, et reste léger."""
    root, identity = reader().trailer["/Root"], read_identity(ROOT)
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"]
    assert reader().metadata.title == identity.title
    assert reader().metadata["/CreationDate"].startswith(f"D:{identity.date.replace('-', '')}")
    titles = [entry.title for entry in reader().outline if not isinstance(entry, list)]
    assert len(titles) == len(set(titles))
    assert {"Glossaire", "Bibliographie", "Solutions et réponses"} <= set(titles)
    assert PDF.stat().st_size < 10_000_000


def test_nothing_is_cut_at_the_margin(browser: Browser, tmp_path: Path) -> None:
    """Tableaux, formules et lignes de code tiennent dans la marge."""
    path = tmp_path / "livre.html"
    path.write_text(document(), encoding="utf-8")
    page = browser.new_page(viewport={"width": TEXT_WIDTH, "height": 900})
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    page.evaluate("document.fonts.ready")
    wide = page.evaluate(
        """(limit) => [...document.querySelectorAll("body *")]
          .filter((e) => !e.closest("mjx-assistive-mml, svg") || e.tagName === "svg")
          .filter((e) => e.getBoundingClientRect().right > limit)
          .map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 60)}`)""",
        TEXT_WIDTH + 1,
    )
    page.close()
    assert wide == []


def test_only_prose_is_hyphenated() -> None:
    """Code, formules et adresses n'ont aucun trait d'union invisible."""
    soup = BeautifulSoup(document(), "html.parser")
    assert soup.get_text().count(SOFT) > 2_000
    parts = soup.select("code, pre, mjx-container, svg, h1, h2, h3, a[href*='://']")
    assert len(parts) > 500
    assert [part for part in parts if SOFT in str(part)] == []


def test_every_inner_link_leads_somewhere() -> None:
    """Chaque renvoi mène dans le livre."""
    soup = BeautifulSoup(document(), "html.parser")
    anchors = [str(tag["id"]) for tag in soup.find_all(id=True)]
    assert len(anchors) == len(set(anchors))
    links = [str(link["href"]) for link in soup.find_all("a", href=True)]
    assert [href for href in links if "://" not in href and href[1:] not in anchors] == []


def test_nothing_is_to_be_clicked() -> None:
    """Aucun bouton, case ni curseur n'est imprimé : chaque image d'une leçon l'est fixe."""
    pages = [(SITE / name).read_text(encoding="utf-8") for name in LESSONS]
    moved = [re.findall("<(?:pruning-explorer|moving-picture) ", page) for page in pages]
    soup = BeautifulSoup(document(), "html.parser")
    assert soup.select("button, input, select, textarea, label, details, pruning-explorer") == []
    still = soup.select(".explorateur > .ecran + .pruning-static:has(svg)")
    assert len(still) == sum(map(len, moved)) > 0


def test_the_opening_explorer_stays_on_the_site() -> None:
    """Le livre s'ouvre sur ce qu'est l'élagage, sans l'explorateur de l'accueil ni sa phrase."""
    home = BeautifulSoup((SITE / HOME).read_text(encoding="utf-8"), "html.parser")
    sentence, *prose = (p.get_text().strip() for p in home.select("article section > p"))
    assert "glissez" in sentence
    printed_home = BeautifulSoup(document(), "html.parser").select("#book-index section > p")
    assert printed_home[0].get_text().replace(SOFT, "").strip() == prose[0]


def test_words_are_found_by_a_search() -> None:
    """Les mots se trouvent entiers dans le texte du PDF."""
    text = "\n".join(printed())
    written = BeautifulSoup(document(), "html.parser").get_text().replace(SOFT, "")
    for word in ("élagage", "courbure", "sparsité"):
        assert text.count(word) >= 0.9 * written.count(word) > 20
    assert SOFT not in text
