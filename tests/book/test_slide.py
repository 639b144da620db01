"""Une diapositive : la taille de son texte suit ce qu'elle contient."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from slide import Slide

FIGURE = '<div class="cell"><div class="cell_output"><figure><img></figure></div></div>'
CODE = '<div class="cell"><div class="cell_input"><pre>code</pre></div></div>'


def blocks(body: str) -> list[Tag]:
    return [tag for tag in BeautifulSoup(body, "html.parser").contents if isinstance(tag, Tag)]


def prose(length: int) -> str:
    return f"<p>{'a' * length}</p>"


@pytest.mark.parametrize(
    ("body", "density"),
    [
        (prose(200), "aere"),
        (CODE, ""),
        (prose(290) + FIGURE + prose(290), "dense"),
        (f"<ol>{'<li>' + 'a' * 500 + '</li>'}</ol>" * 3, "dense"),
        ("<table>" + "<tr><td>9</td></tr>" * 18 + "</table>", ""),
        ("<table>" + "<tr><td>9</td></tr>" * 19 + "</table>", "dense"),
    ],
)
def test_text_fills_its_slide(body: str, density: str) -> None:
    """Un texte seul et court s'écrit plus grand ; ce qui déborderait, plus petit."""
    assert Slide("Titre", blocks=blocks(body)).density == density


def test_titles_take_their_room() -> None:
    """Un titre de deux lignes, ou un surtitre, ôte sa hauteur au texte ; ses balises, non."""
    full = blocks("<table>" + "<tr><td>9</td></tr>" * 18 + "</table>")
    assert Slide(f"<em title='{'x' * 50}'>Titre</em>", blocks=full).density == ""
    assert Slide("un titre de deux lignes " * 2, blocks=full).density == "dense"
    assert Slide("Titre", part="Partie", blocks=full).density == "dense"
