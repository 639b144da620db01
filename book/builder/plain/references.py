"""Ce que citent les leçons : figures, formules, exercices et articles, avec leur numéro."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from pybtex.database import Entry, parse_file

_LABELLED = re.compile(
    r"^ *(?:`{3,}|:{3,})\{(math|exercise)\}[^\n]*\n(?: *:[a-z-]+:[^\n]*\n)*? *:label: (\S+)",
    re.MULTILINE,
)
_ALONE, _PAIR = 1, 2


@dataclass(frozen=True)
class References:
    """Numéros des figures, des formules et des exercices, par étiquette, et les articles cités."""

    numbers: dict[str, int]
    articles: dict[str, Entry]

    def textual(self, keys: str) -> str:
        """« LeCun et coll. (1990) »."""
        return " et ".join(f"{who} ({year})" for who, year in self._cited(keys))

    def parenthetical(self, keys: str) -> str:
        """« (LeCun et coll., 1990) »."""
        return f"({' ; '.join(f'{who}, {year}' for who, year in self._cited(keys))})"

    def listed(self, keys: Iterable[str]) -> str:
        """Les articles cités, un par ligne, du plus ancien au plus récent."""
        articles = sorted((self.articles[key] for key in set(keys)), key=_year)
        return "\n".join(
            f"- {_authors(one)} ({_year(one)}). *{re.sub(r'[{}]', '', one.fields['title'])}*."
            for one in articles
        )

    def _cited(self, keys: str) -> list[tuple[str, str]]:
        entries = [self.articles[key.strip()] for key in keys.split(",")]
        return [(_authors(entry), _year(entry)) for entry in entries]


def _year(entry: Entry) -> str:
    return str(entry.fields["year"])


def _authors(entry: Entry) -> str:
    names = [" ".join((*p.prelast_names, *p.last_names)) for p in entry.persons["author"]]
    names = [re.sub(r"[{}]", "", name) for name in names]
    if len(names) == _ALONE:
        return names[0]
    return " et ".join(names) if len(names) == _PAIR else f"{names[0]} et coll."


def read_references(root: Path) -> References:
    """Lit les leçons dans l'ordre du sommaire, et la bibliographie."""
    notebooks = [nbformat.read(path, as_version=4) for path in _in_order(root)]
    bibliography = parse_file(str(root / "book" / "references.bib"))
    return References(_numbers(notebooks), dict(bibliography.entries))


def _in_order(root: Path) -> list[Path]:
    parts = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = [one["file"] for part in parts for one in part["chapters"]]
    paths = [(root / name).with_suffix(".ipynb") for name in files]
    return [path for path in paths if path.is_file()]


def _numbers(notebooks: Sequence[Any]) -> dict[str, int]:
    """Les exercices se comptent dans leur leçon ; figures et formules, d'un bout à l'autre."""
    found: dict[str, list[str]] = {"math": [], "figure": []}
    numbers: dict[str, int] = {}
    for notebook in notebooks:
        found["exercise"] = []
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                for kind, label in _LABELLED.findall(cell.source):
                    found[kind].append(label)
            elif name := figure_of(cell).get("name"):
                found["figure"].append(name)
        numbers |= {
            label: rank for labels in found.values() for rank, label in enumerate(labels, 1)
        }
    return numbers


def figure_of(cell: Any) -> dict[str, str]:
    """Le nom et la légende de la figure d'une cellule ; rien si elle n'en a pas."""
    return cell.metadata.get("mystnb", {}).get("figure", {})
