"""La politique de sécurité de chaque page : rien d'ailleurs, aucun script qu'elle n'annonce.

Cette politique (``Content-Security-Policy``) est écrite dans la page, pour valoir sur tout serveur
et depuis le disque. Les scripts écrits dans la page y sont nommés par leur empreinte : un autre,
même glissé dans la page, est refusé.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# Les autres types (`application/json`, `application/ld+json`) sont des données, jamais exécutées.
_EXECUTED = {"", "module", "text/javascript", "application/javascript"}
# L'encodage reste en tête : un navigateur ne le cherche que dans les 1024 premiers octets.
_PLACE = re.compile(
    r'(<meta charset="utf-8" ?/?>)(?:\n<meta http-equiv="Content-Security-Policy"[^>]*>)?'
)

# Le script de Sphinx compile la règle du pluriel de la langue : la politique refuse ce qui compile.
_COMPILED = re.compile(r'new Function\(\s*"n",\s*`return \(\$\{catalog\.plural_expr\}\)`\s*\)')
_PLURAL = re.compile(r'"plural_expr": ("(?:[^"\\]|\\.)*")')


class InlineScripts(HTMLParser):
    """Ce qu'une page exécute sans aller le chercher : ses scripts et ses attributs ``on…``."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.handlers += [value for name, value in values.items() if name.startswith("on")]
        executed = values.get("type", "").lower() in _EXECUTED
        if tag == "script" and "src" not in values and executed:
            self._inside = True
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def fingerprint(script: str) -> str:
    """Empreinte d'un script, telle qu'une politique la cite."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(page: str) -> str:
    """La politique d'une page : le strict nécessaire à ce qu'elle contient."""
    inline = InlineScripts(page)
    scripts = ["'self'", *_fingerprints(inline.scripts)]
    if inline.handlers:
        scripts += ["'unsafe-hashes'", *_fingerprints(inline.handlers)]
    directives = {
        "default-src": "'self'",  # et non 'none' : Firefox va chercher d'avance la page suivante
        "script-src": " ".join(scripts),
        # formules composées, figures et thème posent leurs mesures dans des attributs style
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _fingerprints(scripts: Iterable[str]) -> list[str]:
    return sorted({fingerprint(script) for script in scripts})


def with_policy(page: str) -> str:
    """Écrit dans une page sa politique, à la place de celle qu'elle aurait déjà.

    Raises
    ------
    ExtensionError
        Si la page n'annonce pas son encodage : la politique n'aurait pas de place sûre.
    """
    content = html.escape(policy(page)).replace("&#x27;", "'")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{content}">'
    protected, places = _PLACE.subn(lambda match: f"{match[1]}\n{meta}", page, count=1)
    if not places:
        raise ExtensionError('page sans encodage : attendu <meta charset="utf-8"> dans <head>')
    return protected


def without_compilation(script: str, translations: str) -> str:
    """Écrit la règle du pluriel des traductions dans le script de Sphinx, qui la compilait.

    Raises
    ------
    ExtensionError
        Si l'un des deux n'est plus celui que l'on connaît.
    """
    plural = _PLURAL.search(translations)
    if plural is None or not _COMPILED.search(script):
        raise ExtensionError("scripts de Sphinx changés : règle du pluriel attendue, non trouvée")
    return _COMPILED.sub(f"(n) => ({json.loads(plural[1])})", script)


def protect_pages(app: Sphinx, exception: Exception | None) -> None:
    """Écrit sa politique dans chaque page du site, une fois que plus rien ne la change."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    _rewrite_plural(folder / "_static")
    for path in sorted(folder.rglob("*.html")):
        if path.relative_to(folder).parts[0] != "_static":  # des gabarits du thème
            page = path.read_text(encoding="utf-8")
            path.write_text(with_policy(page), encoding="utf-8", newline="\n")


def _rewrite_plural(folder: Path) -> None:
    script = folder / "doctools.js"
    translations = (folder / "translations.js").read_text(encoding="utf-8")
    compiled = without_compilation(script.read_text(encoding="utf-8"), translations)
    script.write_text(compiled, encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", protect_pages, priority=990)  # les pages sont retouchées
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
