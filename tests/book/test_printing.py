"""Le livre imprimé, pièce par pièce : coupures, chapitres, réponses."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from builder.failure import Failure
from builder.printing.answers import Answers
from builder.printing.chapters import Chapter, read_chapter
from builder.printing.document import printed_pages
from builder.printing.hyphens import SOFT, hyphenate, hyphenate_prose

LESSON = """<article><section id="titre">
<h1>8.1 Leçon<a class="headerlink" href="#titre">#</a></h1>
<p>Voir la <a href="8_2.html#suite">suite</a>, <a href="../book/api.html">la référence</a> et
<a href="https://exemple.fr">ailleurs</a>.</p>
<img src="figure.png" alt="Une courbe">
<div class="cell tag_hide-cell"><pre>assert True</pre></div>
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
    """Une coupure à l'anglaise, ou posée dans un nom de code ou une adresse."""
    assert hyphenate(text).replace(SOFT, "-") == expected


def test_only_prose_is_cut() -> None:
    """Une coupure dans ce que l'on recopie, ou dans un mot anglais."""
    source = (
        "<p>exactitude <code>exactitude</code> <em>accuracy threshold</em></p>"
        "<pre>magnitude</pre><h2>Exactitude</h2><!-- exactitude -->"
    )
    soup = BeautifulSoup(source, "html.parser")
    hyphenate_prose(soup)
    assert str(soup).replace(SOFT, "-") == source.replace("<p>exactitude", "<p>exac-ti-tude")


def test_chapter_keeps_what_paper_shows(site: Path) -> None:
    """Un code replié imprimé, ou sa figure perdue avec lui."""
    chapter = read(site)
    text = chapter.body.get_text()
    assert chapter.title == "8.1 Leçon"
    assert "tracé" in text
    assert not any(
        left in text for left in ("assert True", "plot()", "#", "Fait", "une définition")
    )


def test_links_stay_in_the_book(site: Path) -> None:
    """Un lien vers une page du site que le livre n'a pas."""
    links = [str(link["href"]) for link in read(site).body.find_all("a")]
    assert links[:2] == ["#notebooks-8_1--suite".replace("8_1", "8_2"), "https://exemple.fr"]


def test_missing_picture_is_told(site: Path) -> None:
    """Un livre imprimé avec un trou à la place d'une figure."""
    (site / "notebooks" / "figure.png").unlink()
    with pytest.raises(Failure, match=r"image absente, figure\.png"):
        read(site)


def test_page_without_title_is_told(site: Path) -> None:
    """Une page vide, imprimée sans un mot."""
    (site / "notebooks" / "8_1.html").write_text("<article></article>", encoding="utf-8")
    with pytest.raises(Failure, match="attendu un article"):
        read(site)


def test_answers_leave_the_lesson(site: Path) -> None:
    """Une réponse lisible avant que l'on ait cherché, ou perdue en route."""
    lesson, answers = read(site), Answers()
    answers.take_from(lesson)
    left, taken = lesson.body.get_text(), answers.chapter.body.get_text()
    for answer in ("Dix pour cent.", "Deux.", "Non. Comptez mieux.", "Oui. Le compte"):
        assert answer not in left
        assert taken.count(answer) == 1
    assert "a. Trois" in left
    assert [title.get_text() for title in answers.chapter.body.select(".admonition-title a")] == [
        "8.1 Leçon",
        "exercice 1",
        "Question 1",
    ]
    assert "Ouvrez" not in left


def test_references_go_both_ways(site: Path) -> None:
    """Un exercice qui ne dit pas où est sa solution, ou une solution sans son exercice."""
    lesson, answers = read(site), Answers()
    answers.take_from(lesson)
    for here, there in ((lesson, answers.chapter), (answers.chapter, lesson)):
        places = [str(span["data-page"]) for span in here.body.select("[data-page]")]
        assert len(places) == 3
        assert [place for place in places if there.body.find(id=place) is None] == []


def test_pages_follow_the_contents(tmp_path: Path) -> None:
    """Une leçon oubliée, ou une page de classe imprimée dans le livre."""
    toc = (
        "root: book/index\nparts:\n- chapters:\n  - file: notebooks/8_1\n"
        "- chapters:\n  - file: book/classe/enseigner\n  - file: book/reference/glossaire\n"
    )
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert printed_pages(tmp_path) == ["book/index", "notebooks/8_1", "book/reference/glossaire"]
