"""Du Markdown du site (MyST) au Markdown que tout le monde lit."""

from __future__ import annotations

import re
from collections.abc import Callable

from builder.plain.references import References

_DIRECTIVE = re.compile(
    r"^(?P<indent> *)(?P<fence>:{3,}|`{3,})\{(?P<name>[\w-]+)\} ?(?P<title>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_OPTION = re.compile(r"\A(?: *:([\w-]+): ?([^\n]*)\n)")
_ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
_CODE = re.compile(r"`([^`]+)`")
_LABELLED = re.compile(r"(.*?)\s*<[^>]+>", re.DOTALL)
_UNSEEN = re.compile(r"^(?:<!-- [^>]* -->|% [^\n]*|\([\w-]+\)=)\n?", re.MULTILINE)
_ELSEWHERE = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://)(?![\w/.-]*\.ipynb)[^)]*\)")
# Ce qui n'est pas de la prose : code, formules, adresses.
_VERBATIM = re.compile(r"(```.*?```|`[^`]+`|\$\$.*?\$\$|\$[^$]+\$|\]\([^)]*\))", re.DOTALL)
_SPACED = re.compile(r"(?<=«) | (?=[;?»]|!(?!\[)|:(?!-))")
_SENTENCE = re.compile(r"(\A|[.!?:]\s+|\n\n|^- )figure (?=\d)", re.MULTILINE)


def plain(text: str, references: References) -> str:
    """Réécrit le texte d'une cellule : ni directive, ni rôle, ni commentaire.

    Raises
    ------
    ValueError
        Pour une directive ou un rôle que l'on ne sait pas rendre.
    """
    text = _DIRECTIVE.sub(lambda found: _directive(found, references), text)
    text = _ROLE.sub(lambda found: _role(found[1], found[2], references), text)
    text = _ELSEWHERE.sub(r"\1", _UNSEEN.sub("", text))
    return _held(_SENTENCE.sub(r"\1Figure ", text))


def _held(text: str) -> str:
    """Tient au mot d'avant le signe double : sinon il commencerait une ligne."""
    pieces = _VERBATIM.split(text)
    pieces[::2] = (_SPACED.sub("\u00a0", piece) for piece in pieces[::2])
    return "".join(pieces)


def _directive(found: re.Match[str], references: References) -> str:
    name, title, body = found["name"], found["title"].strip(), found["body"]
    options = {}
    while option := _OPTION.match(body):
        options[option[1]], body = option[2].strip(), body[option.end() :]
    label = options.get("label", "")
    number = references.numbers.get(label, 0)
    if name == "math":
        return _formula(body.strip(), f"\\qquad ({number})" if label else "", found["indent"])
    if name not in _BLOCKS:
        raise ValueError(f"directive : reçu {name} ; attendu l'une de {['math', *_BLOCKS]}.")
    heading = title
    if name == "exercise":
        heading = f"Exercice {number} ({title})" if title else f"Exercice {number}"
    elif name == "solution":
        heading = f"Solution de l’exercice {references.numbers[title]}"
    return _BLOCKS[name](heading, plain(body.strip(), references))


def _formula(body: str, number: str, indent: str) -> str:
    return "\n".join(
        f"{indent}{line}".rstrip() for line in ("$$", *body.splitlines(), number, "$$") if line
    )


def _box(title: str, body: str) -> str:
    lines = f"**{title}**\n\n{body}".splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _folded(title: str, body: str) -> str:
    # Souligné : JupyterLab n'y met pas de triangle. Un titre n'est pas lu comme du Markdown.
    title = _CODE.sub(r"<code>\1</code>", title)
    return f"<details>\n<summary><u>{title}</u></summary>\n\n{body}\n\n</details>"


def _section(title: str, body: str) -> str:
    return f"### {title}\n\n{body}"


_BLOCKS: dict[str, Callable[[str, str], str]] = {
    **dict.fromkeys(("admonition", "note", "tip", "warning"), _box),
    "dropdown": _folded,
    "exercise": _section,
    "solution": _section,
}


_REFERENCES: dict[str, Callable[[str, References], str]] = {
    "eq": lambda target, references: f"({references.numbers[target]})",
    "numref": lambda target, references: f"figure {references.numbers[target]}",
    "cite:t": lambda target, references: references.textual(target),
    "cite:p": lambda target, references: references.parenthetical(target),
}
_WORDS = ("ref", "doc", "term")


def _role(name: str, target: str, references: References) -> str:
    if name in _REFERENCES:
        return _REFERENCES[name](target, references)
    if name in _WORDS:
        labelled = _LABELLED.fullmatch(target)
        return labelled[1] if labelled else target
    raise ValueError(f"rôle : reçu {name} ; attendu l'un de {[*_REFERENCES, *_WORDS]}.")
