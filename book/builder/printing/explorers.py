"""Les explorateurs et les images que l'on bouge, sur papier : fixes, et ce que fait le site."""

from __future__ import annotations

from bs4 import Tag

from builder.printing.fragments import fragment

_TOLD = {
    "pruning-explorer": "Sur le site, un curseur règle la sparsité et un menu la méthode\u00a0; "
    "le réseau y est élagué et réévalué à chaque mouvement. Voici, en fixe, ce qu’il affiche.",
    "pruning-words": "Sur le site, un curseur règle la sparsité\u00a0; deux réseaux élagués y "
    "inventent des mots à chaque mouvement, d’après un début et un tirage que l’on choisit. En "
    "voici quelques-uns, en fixe.",
    "moving-picture": "Sur le site, cette image se bouge, et ses nombres suivent. La voici, fixe.",
}
_AXES = (
    '<g><text x="0" y="-12">exactitude (%)</text>'
    '<text x="257" y="312" text-anchor="middle">sparsité (part des poids retirés)</text></g>'
)


def print_explorers(article: Tag) -> None:
    """Remplace chacun par son repli : une phrase, un graphique, un tableau."""
    for code in article.select(f".cell:has({', '.join(_TOLD)}) .cell_input"):
        code.decompose()  # il ne fait qu'ouvrir l'explorateur
    for drawing in article.select("pruning-explorer svg"):
        drawing["viewbox"] = "0 -26 640 344"  # agrandi pour les noms des axes
        drawing.append(fragment(_AXES))
    for explorer in article.find_all(list(_TOLD)):
        explorer.insert(0, fragment(f'<p class="ecran">{_TOLD[explorer.name]}</p>'))
        explorer.name, explorer.attrs = "div", {"class": "explorateur"}
