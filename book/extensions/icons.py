"""Les icônes du thème, réduites à celles que le site emploie.

Le thème livre plus de deux mille icônes : leurs règles de style et leurs polices pèsent 200 ko sur
chaque page. Une fois les pages écrites, il ne reste que celles dont la classe s'y trouve.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fonts import shrink
from sphinx.application import Sphinx

FONTS = Path("_static/vendor/fontawesome/webfonts")
_CLASS = re.compile(r"\bfa-[a-z0-9-]+")
_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"([^"]+)"\}')
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})")
_SOURCES = re.compile(
    r'url\(([^()]*?/fa-[a-z0-9-]+)\.woff2\) format\("woff2"\),url\(\1\.ttf\)[^;}]*'
)


def keep_used(style: str, used: set[str]) -> str:
    """Ôte d'une feuille de style les icônes hors de `used`, et y adresse les polices réduites."""

    def rule(match: re.Match[str]) -> str:
        names = [name for name in match[1].split(",") if name[1:].removesuffix(":before") in used]
        return f'{",".join(names)}{{content:"{match[2]}"}}' if names else ""

    return _SOURCES.sub(r'url(\1.woff) format("woff")', _RULE.sub(rule, style))


def signs_of(texts: Iterable[str]) -> set[int]:
    """Points de code à usage privé (icônes) d'une suite de textes, échappés ou non."""
    signs: set[int] = set()
    for text in texts:
        signs |= {int(code, 16) for code in _ESCAPE.findall(text)}
        signs |= {ord(sign) for sign in set(text) if "\ue000" <= sign <= "\uf8ff"}
    return signs


def keep_used_icons(app: Sphinx, exception: Exception | None) -> None:
    """Réduit les feuilles de style et les polices du site qui vient d'être écrit."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    loaded = [*folder.rglob("*.html"), *(folder / "_static").rglob("*.js")]
    pages = [path.read_text(encoding="utf-8") for path in loaded]
    used = {name for text in pages for name in _CLASS.findall(text)}
    styles = []
    for path in (folder / "_static").rglob("*.css"):
        style = path.read_text(encoding="utf-8")
        styles.append(keep_used(style, used))
        if styles[-1] != style:
            path.write_text(styles[-1], encoding="utf-8", newline="\n")
    for font in (folder / FONTS).glob("*.ttf"):
        shrink(font, font.with_suffix(".woff"), signs_of([*styles, *pages]))
        font.with_suffix(".woff2").unlink()
        font.unlink()


def setup(app: Sphinx) -> None:
    app.connect("build-finished", keep_used_icons, priority=900)  # theme_files.py a passé
