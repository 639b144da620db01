"""Une page du site, devenue un chapitre : ce qui se lit sur papier, et rien d'autre."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from builder.failure import Failure
from builder.printing.explorers import print_explorers
from builder.printing.fragments import fragment
from builder.printing.listings import cut_listings, tell_folded_names, unfold_imports

# Boutons, scripts et repères de l'écran. Une cellule repliée entière ne fait que vérifier.
_SCREEN_ONLY = (
    "a.headerlink, a.sd-stretched-link, .emporter, script, style, .toctree-wrapper, "
    ".sd-summary-state-marker, .pruning-static > p, .avancement, .avancements, label.fait, "
    ".repondre, [hidden], .cell.tag_hide-cell, .cell.tag_hide-input > details"
)
# Ces parties de l'accueil ne parlent que de l'écran.
_ABOUT_THE_SITE = "#comment-lire, #ce-que-ce-site-ne-fait-pas, .ouverture, p:has(+ .ouverture)"
_ELSEWHERE = " (sur le site)"
_BREAKABLE = re.compile(r"(?<=[._(,=])(?=[^\W\d])")
_LONG_NAME = 16  # signes : au-delà, un nom de code peut passer à la ligne


@dataclass(frozen=True)
class Chapter:
    """Un chapitre : son nom (celui de la page), son titre, son contenu."""

    name: str
    title: str
    body: Tag

    @property
    def key(self) -> str:
        return _key(self.name)

    @property
    def is_lesson(self) -> bool:
        return self.name.startswith("notebooks/")

    @property
    def parts(self) -> dict[str, str]:
        """Titre de chaque partie, par repère."""
        sections = self.body.select("section[id]:has(> h2)")
        return {str(one["id"]): one.h2.get_text(" ", strip=True) for one in sections if one.h2}


def read_chapter(site: Path, name: str, included: set[str]) -> Chapter:
    """Lit une page du site et en fait un chapitre.

    Parameters
    ----------
    site : Path
        Dossier du site construit.
    name : str
        Nom de la page, sans extension.
    included : set of str
        Noms de toutes les pages du livre : un lien vers une autre devient un texte, qui dit
        que cette page est sur le site.

    Raises
    ------
    Failure
        Si la page n'a pas d'article, ou l'article pas de titre.
    """
    page = site / f"{name}.html"
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find("article")
    if article is None or article.h1 is None:
        raise Failure(f"{name}.html : attendu un article qui commence par un titre.")
    unfold_imports(article)
    print_explorers(article)
    tell_folded_names(article)
    _leave_the_screen(article)
    cut_listings(article)
    _pair_definitions(article)
    _let_names_break(article)
    _address_pictures(article, page)
    _address_links(article, name, included)
    return Chapter(name, article.h1.get_text(" ", strip=True), article)


def _leave_the_screen(article: Tag) -> None:
    for element in article.select(f"{_SCREEN_ONLY}, {_ABOUT_THE_SITE}"):
        element.decompose()
    for cell in article.select(".cell:not(:has(img, svg))"):
        if not cell.get_text(strip=True):
            cell.decompose()
    for element in article.select("lesson-guess, lesson-outcome, lesson-guesses"):
        element.name, element["class"] = "div", "pronostic"
    for figure in article.find_all("figure"):
        figure.name, figure["class"] = "div", "figure"  # dans un PDF, c'est l'image qui est décrite
    for link in article.select("a[aria-describedby]"):
        del link["aria-describedby"]  # la définition survolée ; le lien mène au glossaire


def _pair_definitions(article: Tag) -> None:
    """Tient un terme avec sa définition : seul, il pourrait finir une page."""
    pairs = zip(article.select("dt:has(+ dd)"), article.select("dt + dd"), strict=True)
    for term, definition in list(pairs):
        term.wrap(fragment('<div class="definition"></div>')).append(definition)


def _let_names_break(article: Tag) -> None:
    """Laisse un long nom de code passer à la ligne : sinon la ligne d'avant se troue."""
    for name in article.select(":is(p, li, dd) code span.pre"):
        if len(name.get_text()) > _LONG_NAME:
            parts = _BREAKABLE.split(name.decode_contents())
            name.replace_with(fragment(f'<span class="pre">{"<wbr>".join(parts)}</span>'))


def _address_pictures(article: Tag, page: Path) -> None:
    for picture in article.find_all("img"):
        source = (page.parent / unquote(str(picture["src"]))).resolve()
        if not source.is_file():
            raise Failure(f"{page.name} : image absente, {picture['src']}")
        picture["src"] = source.as_uri()


def _address_links(article: Tag, name: str, included: set[str]) -> None:
    """Donne à chaque repère un nom unique dans le livre, et y mène les liens."""
    for element in article.find_all(id=True):
        element["id"] = _key(name, str(element["id"]))
    for link in article.find_all("a", href=True):
        address, anchor = urldefrag(unquote(urljoin(f"{name}.html", str(link["href"]))))
        page = address.removesuffix(".html")
        if page in included:
            link["href"] = "#" + _key(page, anchor)
        elif not urlsplit(address).scheme:
            link.insert_after(_ELSEWHERE)
            link.unwrap()


def _key(name: str, anchor: str = "") -> str:
    return re.sub(r"[^\w-]+", "-", f"{name}--{anchor}" if anchor else name)
