"""Le livre imprimé, pièce par pièce : coupures, chapitres, réponses."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from builder.failure import Failure
from builder.printing.answers import gather_answers
from builder.printing.chapters import Chapter, read_chapter
from builder.printing.document import printed_pages, read_identity, write_document
from builder.printing.explorers import print_explorers
from builder.printing.hyphens import SOFT, hyphenate, hyphenate_prose
from builder.printing.listings import cut_listings, tell_folded_names, unfold_imports

LESSON = """<article><section id="titre">
<h1>8.1 Leçon<a class="headerlink" href="#titre">#</a></h1>
<p>Voir la <a href="8_2.html#suite">suite</a>, <a href="../book/api.html">la référence</a> et
<a href="https://exemple.fr">ailleurs</a>.</p>
<img src="figure.png" alt="Une courbe">
<div class="cell tag_hide-cell"><pre>assert True</pre></div>
<div class="cell"><div class="cell_input"><pre>check("main", ...)</pre></div>
</div>
<dl><dt>Terme</dt><dd>Sens</dd></dl>
<p><code><span class="pre">second_order.compute_optimal_brain_damage</span></code></p>
<div class="cell tag_hide-input"><details><pre>plot()</pre></details><p>tracé</p></div>
<details class="sd-dropdown"><summary><span class="sd-summary-text">Réponse</span></summary>
<div class="sd-summary-content"><p>Dix pour cent.</p></div></details>
<section id="exercices"><h2>Exercices</h2>
<div class="exercise admonition" id="exo"><p>Calculez.<label class="fait"><input type="checkbox">
Fait</label></p></div><div hidden><p id="glose">une définition</p></div>
<div class="solution admonition" id="notebooks/8_1-solution-1">
<p class="admonition-title">Solution de l’<a href="#exo">exercice 1</a></p><p>Deux.</p></div>
</section>
<section id="quiz"><h2>Quiz</h2><p>Ouvrez la réponse que vous choisiriez.</p>
<p><strong>Question 1.</strong> Combien ?</p>
<details class="sd-dropdown"><summary><span class="sd-summary-text">a. Trois</span></summary>
<div class="sd-summary-content"><p>Non. Comptez mieux.</p></div></details>
<details class="sd-dropdown"><summary><span class="sd-summary-text">b. Deux</span></summary>
<div class="sd-summary-content"><p>Oui. Le compte y est.</p></div></details></section>
</section></article>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Un site d'une leçon."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "8_1.html").write_text(LESSON, encoding="utf-8")
    (folder / "figure.png").write_bytes(b"")
    return tmp_path


def read(site: Path) -> Chapter:
    return read_chapter(site, "notebooks/8_1", {"notebooks/8_1", "notebooks/8_2"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exactitude", "exac-ti-tude"),
        ("Élagage réseau", "Éla-gage réseau"),
        ("pruning_core", "pruning_core"),
        ("masks.compute", "masks.compute"),
        ("https://exemple.fr/magnitude", "https://exemple.fr/magnitude"),
        ("notebooks/magnitude", "notebooks/magnitude"),
        ("LENET", "LENET"),
    ],
)
def test_words_are_cut_as_french_does(text: str, expected: str) -> None:
    """Les mots se coupent à la française, ni les noms de code ni les adresses."""
    assert hyphenate(text).replace(SOFT, "-") == expected


def test_only_prose_is_cut() -> None:
    """Seule la prose française se coupe."""
    source = (
        "<p>exactitude <code>exactitude</code> <em>accuracy threshold</em></p>"
        "<pre>magnitude</pre><h2>Exactitude</h2><!-- exactitude -->"
    )
    soup = BeautifulSoup(source, "html.parser")
    hyphenate_prose(soup)
    assert str(soup).replace(SOFT, "-") == source.replace("<p>exactitude", "<p>exac-ti-tude")


def test_chapter_keeps_what_paper_shows(site: Path) -> None:
    """Un code replié ne s'imprime pas, sa figure si."""
    chapter = read(site)
    text = chapter.body.get_text()
    assert chapter.title == "8.1 Leçon"
    assert "tracé" in text
    assert not any(
        left in text for left in ("assert True", "plot()", "#", "Fait", "une définition")
    )


def test_links_stay_in_the_book(site: Path) -> None:
    """Chaque lien reste dans le livre."""
    links = [str(link["href"]) for link in read(site).body.find_all("a")]
    assert links[:2] == ["#notebooks-8_1--suite".replace("8_1", "8_2"), "https://exemple.fr"]
    assert "la référence (sur le site) et" in read(site).body.get_text()


def test_a_term_stays_with_its_definition(site: Path) -> None:
    """Un terme reste avec son sens."""
    assert [pair.get_text() for pair in read(site).body.select(".definition")] == ["TermeSens"]


def test_long_names_can_break(site: Path) -> None:
    """Un nom long peut se couper, sans changer."""
    name = read(site).body.select("p code > .pre")[0]
    assert name.get_text() == "second_order.compute_optimal_brain_damage"
    assert [str(part) for part in name.contents][:3] == ["second_", "<wbr/>", "order."]


def test_missing_picture_is_told(site: Path) -> None:
    """Une figure absente se dit."""
    (site / "notebooks" / "figure.png").unlink()
    with pytest.raises(Failure, match=r"image absente, figure\.png"):
        read(site)


def test_page_without_title_is_told(site: Path) -> None:
    """Une page sans titre se dit."""
    (site / "notebooks" / "8_1.html").write_text("<article></article>", encoding="utf-8")
    with pytest.raises(Failure, match="attendu un article"):
        read(site)


def test_answers_leave_the_lesson(site: Path) -> None:
    """Aucune réponse ne se lit dans la leçon ; chacune est une fois à la fin, sous son titre."""
    lesson = read(site)
    answers = gather_answers([lesson])
    left, taken = lesson.body.get_text(), answers.body.get_text()
    for answer in ("Dix pour cent.", "Deux.", "Non. Comptez mieux.", "Oui. Le compte"):
        assert answer not in left
        assert taken.count(answer) == 1
    questions = lesson.body.select(".interrogation")
    assert [question.get_text(" ", strip=True) for question in questions] == [
        "Question 1. Combien ? a. Trois b. Deux"
    ]
    assert [title.get_text() for title in answers.body.select(".admonition-title a")] == [
        "8.1 Leçon",
        "exercice 1",
        "Question 1",
    ]
    assert "Ouvrez" not in left


def test_references_go_both_ways(site: Path) -> None:
    """L'exercice dit la page de sa solution, et la solution celle de son exercice."""
    lesson = read(site)
    answers = gather_answers([lesson])
    for here, there in ((lesson, answers), (answers, lesson)):
        places = [str(span["data-page"]) for span in here.body.select("[data-page]")]
        assert len(places) == 3
        assert [place for place in places if there.body.find(id=place) is None] == []


def test_pages_follow_the_contents(tmp_path: Path) -> None:
    """Le livre suit le sommaire : toutes les leçons, sans les pages de classe."""
    toc = (
        "format: jb-book\nroot: book/index\nparts:\n- chapters:\n  - file: notebooks/8_1\n"
        "- chapters:\n  - file: book/classe/enseigner\n  - file: book/reference/glossaire\n"
    )
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert printed_pages(tmp_path) == ["book/index", "notebooks/8_1", "book/reference/glossaire"]


def cell(code: str, folded: bool = False) -> str:
    """Une cellule, telle que le site l'écrit."""
    listing = f'<div class="cell_input"><div class="highlight"><pre>{code}</pre></div></div>'
    if folded:
        fold = f"<details><summary>+</summary>{listing}</details>"
        return f'<div class="cell tag_hide-input">{fold}</div>'
    return f'<div class="cell">{listing}</div>'


def test_names_of_folded_code_are_told() -> None:
    """Un nom défini dans un code replié est annoncé, une fois."""
    source = (
        cell("import a", folded=True)
        + cell("SIZES = [a.b]\ndef shown(x): return x", folded=True)
        + cell("own = [shown(x) for x in SIZES]")
        + cell("own, SIZES")
    )
    article = BeautifulSoup(source, "html.parser")
    unfold_imports(article)
    tell_folded_names(article)
    notes = [(note.parent.pre.get_text(), note) for note in article.select(".ailleurs")]
    assert [(code, [n.get_text() for n in note.select("code")]) for code, note in notes] == [
        ("own = [shown(x) for x in SIZES]", ["shown", "SIZES"])
    ]
    assert len(article.select("details")) == 1


def test_imports_are_printed_dense() -> None:
    """Les importations tiennent en peu de lignes, et sont les mêmes."""
    names = ", ".join(f"some_name_{rank}" for rank in range(12))
    source = f"import a as b\nfrom c.d import ({names},)\nfrom e import f"
    article = BeautifulSoup(cell(source, folded=True), "html.parser")
    unfold_imports(article)
    printed = article.pre.get_text()
    assert ast.dump(ast.parse(printed)) == ast.dump(ast.parse(source))
    assert [len(line) > 80 for line in printed.splitlines()] == [False] * 7


@pytest.mark.parametrize(
    ("code", "lengths"),
    [
        ("a = 1\n\nb = 2\n", [3]),
        ("line\n" * 12, [12]),
        ("line\n" * 16, [6, 6, 4]),
        ("line\n" * 10 + "\n\n" + "line\n" * 3, [10, 3]),
        ("<span>line</span>\n" * 12 + "\na &lt; b", [12, 1]),
    ],
)
def test_listings_are_cut_at_blank_lines(code: str, lengths: list[int]) -> None:
    """Un code de plus de 12 lignes se coupe à ses lignes vides, ou en parts, sans rien perdre."""
    article = BeautifulSoup(f'<div class="highlight"><pre>{code}</pre></div>', "html.parser")
    before = article.get_text()
    cut_listings(article)
    assert article.get_text() == before
    pieces = [piece.get_text().strip("\n") for piece in article.select("pre > .morceau")]
    assert [len(piece.splitlines()) for piece in pieces] == lengths


def test_an_explorer_says_what_the_site_does() -> None:
    """L'explorateur imprimé dit ce que fait le site, et nomme ses axes."""
    source = (
        '<div class="cell"><div class="cell_input">Explorer()</div><pruning-explorer style="x">'
        '<svg viewbox="0 0 640 300"></svg><table></table></pruning-explorer></div>'
    )
    article = BeautifulSoup(source, "html.parser")
    print_explorers(article)
    text = article.get_text(" ")
    assert text.index("Sur le site, un curseur") < text.index("exactitude (%)")
    assert "sparsité (part" in text
    assert "Explorer()" not in text


def test_the_explorer_of_words_prints_its_words() -> None:
    """L'explorateur de mots imprimé dit ce que fait le site, et garde son tableau."""
    source = (
        '<div class="cell"><div class="cell_input">WordExplorer()</div><pruning-words style="x">'
        '<div class="pruning-static"><table><tr><td>mots</td></tr></table></div></pruning-words>'
        "</div>"
    )
    article = BeautifulSoup(source, "html.parser")
    print_explorers(article)
    assert "inventent des mots" in article.select_one(".explorateur > .ecran").get_text()
    assert article.select_one("table td").get_text() == "mots"
    assert "WordExplorer()" not in article.get_text()


def test_a_picture_prints_as_it_is() -> None:
    """Une image que l'on bouge s'imprime fixe, sans axes d'emprunt, et dit ce que fait le site."""
    source = (
        '<div class="cell"><div class="cell_input">Bowl()</div><moving-picture style="x">'
        '<svg viewbox="0 0 340 340"></svg></moving-picture></div>'
    )
    article = BeautifulSoup(source, "html.parser")
    print_explorers(article)
    assert "se bouge" in article.select_one(".explorateur > .ecran").get_text()
    assert str(article.svg) == '<svg viewbox="0 0 340 340"></svg>'
    assert "Bowl()" not in article.get_text()


@pytest.mark.parametrize("address", ["", "https://exemple.fr/cours"])
def test_the_book_says_where_the_site_is(
    site: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Le livre donne l'adresse du site auquel il renvoie, ou dit où le trouver."""
    monkeypatch.setenv("COURS_URL", f"{address}/" if address else "")
    root = Path(__file__).parents[2]
    identity = read_identity(root)
    assert identity.address == address
    written = write_document(identity, [read(site)], root, site)
    assert (f'<a href="{address}">' if address else "dans l’archive du cours") in written
