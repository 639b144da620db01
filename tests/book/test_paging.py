"""La répartition en diapositives : réunir ce qui est court, partager ce qui est long."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from paging import Slide, shared_out

OUTPUT = '<div class="cell"><div class="cell_output"><pre>sortie</pre></div></div>'
FIGURE = '<div class="cell"><div class="cell_output"><figure><img></figure></div></div>'
CODE = '<div class="cell"><div class="cell_input"><pre>code</pre></div></div>'


def blocks(body: str) -> list[Tag]:
    return [tag for tag in BeautifulSoup(body, "html.parser").contents if isinstance(tag, Tag)]


def slides(*bodies: str) -> list[Slide]:
    return shared_out([Slide("Titre", blocks=blocks(body)) for body in bodies])


def texts(slide: Slide) -> list[str]:
    return [block.get_text()[:6] for block in slide.blocks]


def prose(letter: str, length: int) -> str:
    return f"<p>{letter * length}</p>"


def test_short_text_joins_its_figure() -> None:
    """Un texte court rejoint la figure qu'il annonce."""
    (slide,) = slides(prose("a", 200), FIGURE)
    assert [block.name for block in slide.blocks] == ["p", "div"]


def test_long_text_does_not_crush_the_next_figure() -> None:
    """Un texte long laisse sa place à la figure."""
    assert len(slides(prose("a", 440), FIGURE)) == 1
    assert len(slides(prose("a", 460), FIGURE)) == 2
    assert len(slides(prose("a", 340) * 2, FIGURE)) == 2


def test_short_conclusion_joins_its_figure() -> None:
    """Une conclusion courte reste avec sa figure."""
    (slide,) = slides(FIGURE, prose("a", 200))
    assert [block.name for block in slide.blocks] == ["div", "p"]


def test_sentence_cut_by_a_formula_stays_whole() -> None:
    """Une phrase coupée par une formule reste entière."""
    formula = '<div class="math">x</div>'
    body = prose("a", 500) + "<p>Le retrait donne</p>" + formula
    _, second = slides(body + prose("b", 500))
    assert texts(second) == ["Le ret", "x", "bbbbbb"]
    _, second = slides(body + prose("B", 500))
    assert texts(second) == ["BBBBBB"]


def test_text_fills_its_slide() -> None:
    """Un texte remplit sa diapositive sans déborder."""
    short, code, long = shared_out(
        [
            Slide("Court", blocks=blocks(prose("a", 200))),
            Slide("Code", blocks=blocks(CODE)),
            Slide("Long", blocks=blocks(prose("a", 290) + FIGURE + prose("a", 290))),
        ]
    )
    assert [slide.density for slide in (short, code, long)] == ["aere", "", "dense"]


def test_other_titles_are_not_joined() -> None:
    """Un texte reste sous son titre."""
    parts = [Slide("Un", blocks=blocks("<p>a</p>")), Slide("Deux", blocks=blocks("<p>b</p>"))]
    assert [slide.title for slide in shared_out(parts)] == ["Un", "Deux"]


def test_introduction_follows_what_it_introduces() -> None:
    """Une introduction va avec ce qu'elle introduit."""
    first, second = slides(CODE + "<p>La dernière ligne :</p>", CODE + prose("a", 30))
    assert texts(first) == ["code"]
    assert texts(second) == ["La der", "code", "aaaaaa"]
    _, second = slides(prose("a", 500) + prose("b", 290) + OUTPUT + prose("c", 300))
    assert texts(second) == ["bbbbbb", "sortie", "cccccc"]
    _, second = slides(prose("a", 500) + f"<p>{'b' * 280} :</p>" + CODE + prose("c", 300))
    assert texts(second) == ["bbbbbb", "code", "cccccc"]


def test_conclusion_stays() -> None:
    """Une conclusion reste avec le code dont elle parle."""
    for following in (CODE, OUTPUT):
        first, _ = slides(CODE + "<p>Conclusion.</p>", following)
        assert texts(first) == ["code", "Conclu"]


def test_long_text_has_an_even_sequel() -> None:
    """Un long texte se partage en suites égales, paragraphes entiers."""
    first, second = slides("".join(prose(letter, 250) for letter in "abcd"))
    assert [text[0] for text in texts(first)] == ["a", "b"]
    assert [text[0] for text in texts(second)] == ["c", "d"]
    assert first.title == second.title == "Titre"


def test_long_list_is_shared_between_items() -> None:
    """Une longue liste se partage entre deux points, et sa suite continue les numéros."""
    items = "".join(f"<li>{letter * 500}</li>" for letter in "abc")
    first, second, third = slides(f"<ol>{items}</ol>")
    assert [slide.blocks[0].get("start") for slide in (first, second, third)] == ["1", "2", "3"]
    (whole,) = slides("<ul><li>a</li><li>b</li></ul>")
    assert str(whole.blocks[0]) == "<ul><li>a</li><li>b</li></ul>"


def test_titles_take_their_room() -> None:
    """Un titre de deux lignes ou un surtitre prend sa place."""
    body = prose("a", 400) + CODE * 7

    def count(title: str, part: str = "") -> int:
        return len(shared_out([Slide(title, part=part, blocks=blocks(body))]))

    room = Slide("Titre").room
    assert Slide("<em>Titre</em>" * 2, part="Partie").room < room
    assert Slide("un titre de deux lignes " * 2).room < room
    assert Slide(f"<em title='{'x' * 50}'>Titre</em>").room == room
    assert (count("Titre"), count("deux lignes " * 5)) == (1, 2)


def test_notes_stay_with_their_text() -> None:
    """Les notes suivent leur texte, dites une fois."""
    for text, following in (("<p>a</p>", OUTPUT), ("<p>Voici :</p>", CODE * 9)):
        alone = Slide("Titre", blocks=blocks(text), notes=blocks("<p>une</p>"))
        after = Slide("Titre", blocks=blocks(following), notes=blocks("<p>deux</p>"))
        told = [note.get_text() for slide in shared_out([alone, after]) for note in slide.notes]
        assert told == ["une", "deux"]
