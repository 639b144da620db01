"""Les explorateurs sur papier : leur graphique et leur tableau, et ce que fait le site."""

from __future__ import annotations

from bs4 import Tag

from builder.printing.fragments import fragment

_TOLD = (
    '<p class="ecran">Sur le site, un curseur règle la sparsité et un menu la méthode\u00a0; '
    "le réseau y est élagué et réévalué à chaque mouvement. Voici, en fixe, ce qu’il affiche.</p>"
)
_WORDS_TOLD = (
    '<p class="ecran">Sur le site, un curseur règle la sparsité\u00a0; deux réseaux élagués y '
    "inventent des mots à chaque mouvement, d’après un début et un tirage que l’on choisit. En "
    "voici quelques-uns, en fixe.</p>"
)
_AXES = (
    '<g><text x="0" y="-12">exactitude (%)</text>'
    '<text x="257" y="312" text-anchor="middle">sparsité (part des poids retirés)</text></g>'
)
_FRAME = "0 -26 640 344"  # le cadre du graphique, agrandi pour les noms de ses axes


def print_explorers(article: Tag) -> None:
    """Remplace chaque explorateur par son repli : une phrase, un graphique, un tableau."""
    for code in article.select(".cell:has(pruning-explorer, pruning-words) .cell_input"):
        code.decompose()  # il ne fait qu'ouvrir l'explorateur
    for tag, told in (("pruning-explorer", _TOLD), ("pruning-words", _WORDS_TOLD)):
        for explorer in article.find_all(tag):
            explorer.name, explorer.attrs = "div", {"class": "explorateur"}
            explorer.insert(0, fragment(told))
    for drawing in article.select(".explorateur svg"):
        drawing["viewbox"] = _FRAME
        drawing.append(fragment(_AXES))
