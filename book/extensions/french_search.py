"""La recherche du site : sans accents, par les mots anglais, et par le numéro d'une leçon.

Le moteur de Sphinx compare des radicaux, accents compris : « elagage » n'y trouverait pas
« élagage », ni « pruning » la leçon. Ici, un mot perd ses accents, puis un synonyme prend le
radical du terme du cours (``html_search_options``, dans ``_config.yml``). Un numéro comme « 8.1.3 »
est un mot entier, que porte la leçon même si son titre ne le dit pas. Python, qui écrit l'index,
et le navigateur, qui le lit, font de même.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import sphinx.search
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.fr import SearchFrench

_STEMMERS = Path(sphinx.search.__file__).parent / "minified-js"

_NUMBER = r"\d+(?:\.\d+)+"  # d'une leçon ou d'une version ; une décimale française a une virgule
_LESSON = re.compile(r"notebooks/(\d+(?:_\d+)+)_")  # le nom d'un carnet commence par son numéro

_SPLITTER = """
var splitQuery = (query) =>
  query.match(/%s|[\\p{Letter}\\p{Number}_\\p{Emoji_Presentation}]+/gu) ?? [];
"""

# Le radicaliseur de Sphinx reste le moteur ; celui-ci l'entoure.
_WRAPPER = """
var Stemmer = function () {
  const french = new FrenchStemmer();
  const synonyms = new Map(Object.entries(%s));
  this.stemWord = function (word) {
    const bare = word.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "")
      .replace(/œ/g, "oe").replace(/æ/g, "ae");
    const stem = french.stemWord(bare);
    return synonyms.get(stem) ?? stem;
  };
};
"""


def fold(word: str) -> str:
    """Ôte accents, cédilles et ligatures.

    >>> fold("élagué"), fold("nœud")
    ('elague', 'noeud')
    """
    apart = unicodedata.normalize("NFD", word.lower())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return bare.replace("œ", "oe").replace("æ", "ae")


class FoldedFrench(SearchFrench):
    """Le français de Sphinx, sans accents et avec nos synonymes."""

    js_stemmer_rawcode = ""  # le code complet est dans js_stemmer_code
    js_splitter_code = _SPLITTER % _NUMBER
    _word_re = re.compile(rf"{_NUMBER}|\w+")

    def init(self, options: dict[str, Any]) -> None:
        super().init(options)
        told = options["synonyms"]
        self.synonyms = {self._root(word): self._root(term) for word, term in told.items()}
        scripts = ("base-stemmer.js", "french-stemmer.js")
        code = [(_STEMMERS / name).read_text(encoding="utf-8") for name in scripts]
        self.js_stemmer_code = "\n".join([*code, _WRAPPER % json.dumps(self.synonyms)])

    def _root(self, word: str) -> str:
        return super().stem(fold(word))

    def stem(self, word: str) -> str:
        root = self._root(word)
        return self.synonyms.get(root, root)


def number_lesson(app: Sphinx, doctree: nodes.document) -> None:
    """Donne à l'index les numéros d'une leçon et de sa partie, que le titre n'a pas toujours."""
    if found := _LESSON.match(app.env.docname):
        number = found[1].replace("_", ".")
        told = f"{number}, {number.rpartition('.')[0]}"
        doctree.insert(0, nodes.meta(name="keywords", content=told))


def put_lessons_first(app: Sphinx) -> list[Any]:
    """Fait du numéro d'une leçon une entrée d'index : elle vient avant les pages qui la citent."""
    indexer: Any = getattr(app.builder, "indexer", None)  # un site, et non une vérification
    for page in app.env.found_docs if indexer else ():
        if found := _LESSON.match(page):
            number = found[1].replace("_", ".")
            entries = indexer._index_entries.setdefault(page, [])
            entries += [(asked, "", "main") for asked in (number, f"leçon {number}")]
            indexer._title_mapping.setdefault(number, set()).add(page)
    return []  # aucune page de plus


def setup(app: Sphinx) -> None:
    app.add_search_language(FoldedFrench)
    app.connect("doctree-read", number_lesson)
    app.connect("html-collect-pages", put_lessons_first)
