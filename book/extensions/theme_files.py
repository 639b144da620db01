"""Ce que Sphinx et le thème livrent avec le site, retouché ou ôté une fois copié.

Leurs scripts n'offrent pas de réglage pour cela. Une retouche qui ne trouve plus son texte arrête
la construction : la version a changé.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# Fichier -> ses textes, et ce qui remplace chacun.
RETOUCHES = {
    # opening.js mesure les blocs qui débordent, une fois mis en page ; le thème le ferait un à un
    "scripts/pydata-sphinx-theme.js": {
        "e=>{e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1}": (
            "e=>tabStops.observe(e)"
        ),
    },
    "togglebutton.js": {
        'aria-label="Toggle hidden content"': 'aria-label="Afficher ou masquer la suite"',
    },
    # la politique de sécurité refuse ce qui compile : la règle du pluriel est écrite dans le script
    "doctools.js": {
        'new Function(\n      "n",\n      `return (${catalog.plural_expr})`\n    )': (
            "(n) => (n < 2 ? 0 : n % 1e6 === 0 ? 1 : 2)"  # le français, dans les mots de Sphinx
        ),
    },
    "searchtools.js": {
        # « constructor » et « __proto__ » sont des mots comme les autres (corrigé dans Sphinx 8)
        "{ files: terms[word], score: Scorer.term }": (
            "{ files: Object.hasOwn(terms, word) ? terms[word] : undefined, score: Scorer.term }"
        ),
        "{ files: titleTerms[word], score: Scorer.title }": (
            "{ files: Object.hasOwn(titleTerms, word) ? titleTerms[word] : undefined, "
            "score: Scorer.title }"
        ),
        "scoreMap.set(file, {})": "scoreMap.set(file, new Map())",
        "scoreMap.get(file)[word] = record.score": "scoreMap.get(file).set(word, record.score)",
        "scoreMap.get(file)[w]": "scoreMap.get(file).get(w)",
        # d'un fichier, ou dans un cadre sans origine, aucune page ne se lit : les liens suffisent
        "else if (showSearchSummary)\n": (
            'else if (showSearchSummary && location.protocol !== "file:" && origin !== "null")\n'
        ),
    },
}
# Le script des icônes les redessine pour 540 ko : la feuille de style du thème les porte déjà.
UNUSED = ("scripts/*.map", "scripts/fontawesome.js*", "*webpack-macros.html")


def retouched(script: str, found: str, replacement: str) -> str:
    """Remplace un texte que le script porte une fois, et une seule.

    Raises
    ------
    ExtensionError
        Si le script n'est plus celui que l'on connaît.
    """
    if script.count(found) != 1:
        raise ExtensionError(f"script du thème changé : attendu une fois « {found} »")
    return script.replace(found, replacement)


def retouch_files(app: Sphinx, exception: Exception | None) -> None:
    """Retouche les scripts du site, et ôte les fichiers qu'aucune page n'appelle."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name, changes in RETOUCHES.items():
        script = (static / name).read_text(encoding="utf-8")
        for found, replacement in changes.items():
            script = retouched(script, found, replacement)
        (static / name).write_text(script, encoding="utf-8", newline="\n")
    for pattern in UNUSED:
        for path in static.glob(pattern):
            path.unlink()


def setup(app: Sphinx) -> None:
    app.connect("build-finished", retouch_files)
