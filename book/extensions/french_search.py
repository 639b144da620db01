"""La recherche du site : sans accents, et par les mots anglais.

Le moteur de Sphinx compare des radicaux, accents compris : « elagage » n'y trouverait pas
« élagage », ni « pruning » la leçon. Ici, un mot perd ses accents, puis un synonyme prend le
radical du terme du cours (``html_search_options``, dans ``_config.yml``). Python, qui écrit
l'index, et le navigateur, qui le lit, font de même.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import sphinx.search
from sphinx.application import Sphinx
from sphinx.search.fr import SearchFrench

_STEMMERS = Path(sphinx.search.__file__).parent / "minified-js"

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


def setup(app: Sphinx) -> None:
    app.add_search_language(FoldedFrench)
