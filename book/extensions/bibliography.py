"""Bibliographie en français : « et » entre les auteurs, appels « (LeCun et coll., 1990) »."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pybtex.plugin
import sphinxcontrib.bibtex.plugin
from pybtex.richtext import Text
from pybtex.style.formatting import unsrt
from pybtex.style.template import join, names, optional, sentence
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.style.referencing import BracketStyle, PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


class CourseStyle(unsrt.Style):
    """Style de pybtex, classé par auteur et année, mots de liaison français."""

    default_sorting_style = "author_year_title"

    def format_names(self, role: str, as_sentence: bool = True) -> Any:
        formatted = names(role, sep=", ", sep2=" et ", last_sep=" et ")
        return sentence[formatted] if as_sentence else formatted

    def format_title(self, e: Any, which_field: str, as_sentence: bool = True) -> Any:
        """Titre original, entre guillemets anglais : les titres cités sont en anglais."""
        title = join["“", unsrt.field(which_field), "”"]
        return sentence[title] if as_sentence else title

    def format_volume_and_series(self, e: Any, as_sentence: bool = True) -> Any:
        return optional[sentence[join["vol. ", unsrt.field("volume")]]]

    def get_inproceedings_template(self, e: Any) -> Any:
        return unsrt.toplevel[
            self.format_names("author"),
            self.format_title(e, "title"),
            sentence[
                join["Dans ", unsrt.tag("em")[unsrt.field("booktitle")]],
                optional[join["pages ", unsrt.pages]],
                unsrt.field("year"),
            ],
            self.format_web_refs(e),
        ]


@dataclass
class CourseReferenceStyle(AuthorYearReferenceStyle):
    """Appels de citation : « LeCun et coll. (1990) » et « (LeCun et coll., 1990) »."""

    bracket_textual: BracketStyle = field(
        default_factory=partial(BracketStyle, left="(", right=")")
    )
    bracket_parenthetical: BracketStyle = field(
        default_factory=partial(BracketStyle, left="(", right=")")
    )
    person: PersonStyle = field(
        default_factory=partial(PersonStyle, sep2=" et ", last_sep=" et ", other=Text(" et coll."))
    )


def setup(app: Sphinx) -> None:
    pybtex.plugin.register_plugin("pybtex.style.formatting", "cours", CourseStyle)
    sphinxcontrib.bibtex.plugin.register_plugin(
        "sphinxcontrib.bibtex.style.referencing", "cours", CourseReferenceStyle
    )
