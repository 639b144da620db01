"""Les explorateurs sur papier : leur graphique et leur tableau, et ce que fait le site."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

_TOLD = (
    "Sur le site, un curseur règle la sparsité et un menu la méthode\u00a0; le réseau y est "
    "élagué et réévalué à chaque mouvement. Voici, en fixe, ce qu’il affiche."
)
_AXES = (
    '<text x="0" y="-12">exactitude (%)</text>'
    '<text x="257" y="312" text-anchor="middle">sparsité (part des poids retirés)</text>'
)
_FRAME = "0 -26 640 344"  # le cadre du graphique, agrandi pour les noms de ses axes


def print_explorers(article: Tag) -> None:
    """Remplace chaque explorateur par son repli : une phrase, un graphique, un tableau."""
    for explorer in article.find_all("pruning-explorer"):
        cell = explorer.find_parent(class_="cell")
        if isinstance(cell, Tag) and (code := cell.select_one(".cell_input")):
            code.decompose()  # il ne fait qu'ouvrir l'explorateur
        explorer.name, explorer["class"] = "div", "explorateur"
        del explorer["style"]
        explorer.insert(0, BeautifulSoup(f'<p class="ecran">{_TOLD}</p>', "html.parser"))
        if isinstance(drawing := explorer.find("svg"), Tag):
            drawing["viewbox"] = _FRAME
            drawing.append(BeautifulSoup(_AXES, "html.parser"))
