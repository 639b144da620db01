"""La typographie posée à la construction, sur du texte et sur un document entier."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from typography import FrenchGluedNumbers, FrenchTypography, french, french_number


def visible(text: str) -> str:
    """Insécable : ``~`` ; fine insécable : ``_``."""
    return text.replace("\u00a0", "~").replace("\u202f", "_")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mot : suite", "mot~: suite"),
        ("oui ; non ! vraiment ?", "oui_; non_! vraiment_?"),
        ("« mot »", "«~mot~»"),
        ("« mot » : suite", "«~mot~»~: suite"),
        ("90 % des poids", "90~% des poids"),
        ("1 797 images", "1_797~images"),
        ("de 16 777 217 à 8", "de 16_777_217 à 8"),
        ("en 1989 598 pages", "en 1989 598 pages"),
        ("1,5 000", "1,5 000"),
        ("l'idée d'OBD", "l’idée d’OBD"),
        ("c'est l'", "c’est l’"),
        ("5 s, 12 ms, 3 séances", "5~s, 12~ms, 3 séances"),
        (" % de sparsité", "~% de sparsité"),
        (" : la suite", "~: la suite"),
        ("96,6 ± 0,2", "96,6 ±~0,2"),
        ("rapport 3:1, note 12:30", "rapport 3:1, note 12:30"),
    ],
)
def test_french(written: str, expected: str) -> None:
    """Les espaces insécables sont posées où le français les veut, et nulle part ailleurs."""
    assert visible(french(written)) == expected


def test_french_is_stable() -> None:
    """Une seconde passe ne change rien."""
    text = french("« l'élagage » : 1 797 images, 90 % !")
    assert french(text) == text


@pytest.mark.parametrize(
    ("computed", "expected"),
    [
        ("93.4", "93,4"),
        ("1797", "1_797"),
        ("12345.6", "12_345,6"),
        ("-0.25", "−0,25"),
        ("+7", "+7"),
        ("90 %", "90~%"),
        ("999", "999"),
        ("2024-01", "2024-01"),
        ("v1.2.3", "v1.2.3"),
        ("1e-3", "1e-3"),
        ("magnitude", "magnitude"),
    ],
)
def test_french_number(computed: str, expected: str) -> None:
    """Un nombre collé s'écrit à la française ; un texte reste."""
    assert visible(french_number(computed)) == expected


def document(*children: nodes.Node) -> nodes.document:
    page = new_document("essai", get_default_settings())
    page += nodes.paragraph("", "", *children)
    return page


def typeset(page: nodes.document) -> list[str]:
    FrenchTypography(page).apply()
    return [visible(str(text)) for text in page.findall(nodes.Text)]


def test_only_prose_is_touched() -> None:
    """Code, formules, adresses et clés de citation ne changent pas."""
    url = nodes.reference("", "", nodes.Text("https://exemple.fr/a ?b"), refuri="x")
    page = document(
        nodes.Text("prose : "),
        nodes.literal("", "code : x"),
        nodes.math("", "a : b"),
        nodes.raw("", "<b> : </b>", format="html"),
        url,
        nodes.strong("", "gras ?"),
    )
    page += nodes.literal_block("", "x = 1 ; y")
    assert typeset(page) == [
        "prose~: ",
        "code : x",
        "a : b",
        "<b> : </b>",
        "https://exemple.fr/a ?b",
        "gras_?",
        "x = 1 ; y",
    ]


def test_punctuation_after_another_node() -> None:
    """La ponctuation tient à son mot, même après du gras ou du code."""
    page = document(nodes.Text("« "), nodes.emphasis("", "mot"), nodes.Text(" » : oui"))
    assert typeset(page) == ["«~", "mot", "~»~: oui"]


def test_only_glued_numbers_are_rewritten() -> None:
    """Seuls les nombres collés sont récrits, et tous."""
    page = document(
        nodes.inline("", "93.4", classes=["pasted-text"]), nodes.inline("", "93.4", classes=[])
    )
    FrenchGluedNumbers(page).run()
    assert [str(text) for text in page.findall(nodes.Text)] == ["93,4", "93.4"]
