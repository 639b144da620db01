"""La référence de pruning_core : ses docstrings, NumPy et en français, passées à autodoc.

Les docstrings sont écrites pour être lues telles quelles dans un terminal. Ce qui y gênerait
reStructuredText (les barres de |w|, les listes sans ligne vide) est échappé ici.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from typography import NO_BREAK

# Titres que napoleon ne traduit pas, et la façon dont il doit lire leur section.
SECTIONS = {"Attributes": ("Attributs", "params_style"), "Yields": ("Produit", "returns_style")}

_SETTINGS = {
    "autodoc_typehints": "none",  # les types, et les formes, sont dans les docstrings
    "autodoc_member_order": "bysource",
    "add_module_names": False,
    "napoleon_google_docstring": False,
    "napoleon_use_param": False,
    "napoleon_use_rtype": False,
    "napoleon_custom_sections": list(SECTIONS.values()),
    "default_role": "py:obj",  # `nom` devient un lien si la référence le décrit
}
# « Tensor » ou « sparsity » ne sont pas dans cette référence : seuls nos noms doivent se résoudre.
_ELSEWHERE = (r"py:.*", r"(?!pruning_core\.).*")

_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_DASH = re.compile(r"^(|[^-]*\)) --(?= |$)")
_SPECIAL = re.compile(r"[|*\\]|_(?!\w)")
_ITEM = re.compile(r"( *)- ")


def as_rst(lines: list[str]) -> list[str]:
    """Rend une docstring lisible par reStructuredText, sans changer ce qu'elle dit.

    >>> as_rst(["|w| vaut :", "- `a|b` ;", "fin"])
    ['\\\\|w\\\\| vaut :', '', '- `a|b` ;', '', 'fin']
    """
    titled = (_translated(lines, index) for index in range(len(lines)))
    return _spaced([line if ">>>" in line else _escaped(line) for line in titled])


def _translated(lines: list[str], index: int) -> str:
    line = lines[index]
    underlined = index + 1 < len(lines) and re.fullmatch(r"\s*-{3,}\s*", lines[index + 1])
    name = line.strip()
    return line.replace(name, SECTIONS[name][0]) if underlined and name in SECTIONS else line


def _escaped(line: str) -> str:
    parts = _CODE.split(line)
    parts[::2] = [_escaped_prose(part) for part in parts[::2]]
    return "".join(parts)


def _escaped_prose(text: str) -> str:
    """Échappe tout ce qui n'est pas un *italique*."""
    parts = _EMPHASIS.split(text)
    parts[::2] = [_SPECIAL.sub(r"\\\g<0>", part) for part in parts[::2]]
    parts[1::2] = [f"*{part}*" for part in parts[1::2]]
    return "".join(parts)


def _spaced(lines: list[str]) -> list[str]:
    """Met une ligne vide autour de chaque liste : sans elle, la suite y serait avalée."""
    found: list[str] = []
    margin: int | None = None  # celle de la liste en cours
    for line in lines:
        item = _ITEM.match(line)
        indent = len(line) - len(line.lstrip())
        begins = item is not None and margin is None
        ends = item is None and margin is not None and bool(line.strip()) and indent <= margin
        if (begins or ends) and found and found[-1].strip():
            found.append("")
        if item:
            margin = len(item[1])
        elif ends:
            margin = None
        found.append(line)
    return found


def process_docstring(
    app: Sphinx, what: str, name: str, target: object, options: object, lines: list[str]
) -> None:
    """Passe avant napoleon, qui lit les sections."""
    lines[:] = as_rst(lines)


def replace_dashes(app: Sphinx, doctree: nodes.document) -> None:
    """Met un deux-points à la place des deux tirets qui suivent un paramètre ou une erreur."""
    for body in doctree.findall(nodes.field_body):
        for text in list(body.findall(nodes.Text)):
            if _DASH.match(text):
                text.parent.replace(text, nodes.Text(_DASH.sub(f"\\1{NO_BREAK}:", text, count=1)))


def set_up_autodoc(app: Sphinx, config: Config) -> None:
    for name, value in _SETTINGS.items():
        setattr(config, name, value)
    config.nitpick_ignore_regex = [*config.nitpick_ignore_regex, _ELSEWHERE]


def setup(app: Sphinx) -> dict[str, Any]:
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.napoleon"):
        app.setup_extension(extension)
    app.connect("config-inited", set_up_autodoc, priority=100)
    app.connect("autodoc-process-docstring", process_docstring, priority=100)
    app.connect("doctree-read", replace_dashes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
