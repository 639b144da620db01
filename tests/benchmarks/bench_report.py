"""Les lignes d'un banc de mesure : un tableau à lire, du JSON à garder."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pruning_core.course.formatting import number
from tests.benchmarks.measuring import MIB

_VERSIONS = ("torch", "numpy", "backpack-for-pytorch")
_HEADINGS = ("mesure", "temps", "mémoire", "chiffre", "cible", "")


@dataclass(frozen=True)
class Target:
    """Ce qu'un chiffre doit valoir, au moins ou au plus."""

    value: float
    at_least: bool

    def met(self, value: float) -> bool:
        """Dit si un chiffre atteint la cible."""
        return value >= self.value if self.at_least else value <= self.value


def at_least(value: float) -> Target:
    """Cible que le chiffre doit atteindre ou dépasser."""
    return Target(value, at_least=True)


def at_most(value: float) -> Target:
    """Cible que le chiffre ne doit pas dépasser."""
    return Target(value, at_least=False)


@dataclass(frozen=True)
class Figure:
    """Un chiffre, et la cible qu'il a peut-être.

    Attributes
    ----------
    value : float
    unit : str
        Ce qui suit le nombre : « fois plus vite que ... », « % », « octets par poids ».
    target : Target or None
    digits : int
        Décimales montrées.
    """

    value: float
    unit: str
    target: Target | None = None
    digits: int = 1

    @property
    def met(self) -> bool | None:
        """Vrai ou faux quand il y a une cible."""
        return None if self.target is None else self.target.met(self.value)

    def cells(self) -> tuple[str, str, str]:
        """Le chiffre, la cible et le verdict, pour le tableau."""
        shown = f"{number(self.value, self.digits)} {self.unit}"
        if self.target is None:
            return shown, "", ""
        sign = "≥" if self.target.at_least else "≤"
        digits = 0 if self.target.value == int(self.target.value) else 1
        verdict = "atteinte" if self.met else "MANQUÉE"
        return shown, f"{sign} {number(self.target.value, digits)}", verdict


@dataclass(frozen=True)
class Line:
    """Une mesure : son temps et sa mémoire côte à côte, et ce qu'on en tire.

    Attributes
    ----------
    name : str
    seconds : float or None
    peak_bytes : int or None
    figures : tuple of Figure
    details : dict
        Le reste, gardé dans le JSON : graines, réglages, chiffres de chaque graine.
    """

    name: str
    seconds: float | None = None
    peak_bytes: int | None = None
    figures: tuple[Figure, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, ...]]:
        """Les lignes du tableau : une par chiffre, une au moins."""
        cells = [figure.cells() for figure in self.figures] or [("", "", "")]
        first = (self.name, _duration(self.seconds), _memory(self.peak_bytes), *cells[0])
        return [first, *(("", "", "", *more) for more in cells[1:])]


@dataclass(frozen=True)
class Group:
    """Des mesures qui se comparent, faites l'une après l'autre."""

    title: str
    lines: tuple[Line, ...]


def table(groups: Iterable[Group]) -> str:
    """Le tableau de toutes les mesures, en texte."""
    groups = list(groups)
    rows = [row for group in groups for line in group.lines for row in line.rows()]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    rule = "─" * (sum(widths) + 2 * len(widths) - 2)
    lines = [_row(_HEADINGS, widths), rule]
    for group in groups:
        lines.append(group.title)
        lines += [_row(row, widths) for line in group.lines for row in line.rows()]
        lines.append(rule)
    return "\n".join(lines)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [
        cell.rjust(width) if rank in (1, 2) else cell.ljust(width)
        for rank, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    if seconds < 1.0:
        return f"{number(1000 * seconds, 1)} ms"
    return f"{number(seconds, 1)} s"


def _memory(peak_bytes: int | None) -> str:
    return "—" if peak_bytes is None else f"{number(peak_bytes / MIB, 1)} Mio"


def document(groups: Iterable[Group], *, full: bool, seeds: list[int]) -> dict[str, Any]:
    """Toutes les mesures et leurs conditions, pour du JSON."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "threads": 1,
        "versions": {"python": platform.python_version()} | versions(),
        "seeds": seeds,
        "full": full,
        "groups": [
            {
                "title": group.title,
                "lines": [
                    asdict(line) | {"figures": [asdict(f) | {"met": f.met} for f in line.figures]}
                    for line in group.lines
                ],
            }
            for group in groups
        ],
    }


def versions() -> dict[str, str | None]:
    """Versions des bibliothèques mesurées ; None pour celle qui manque."""
    found: dict[str, str | None] = {}
    for name in _VERSIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def processor() -> str:
    """Nom du processeur, du mieux que le système le donne."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def missed(groups: Iterable[Group]) -> list[str]:
    """Les chiffres dont la cible est manquée, chacun en une ligne."""
    return [
        f"{group.title}, {line.name} : {' '.join(figure.cells()[:2])}"
        for group in groups
        for line in group.lines
        for figure in line.figures
        if figure.met is False
    ]


def save(path: Path, content: dict[str, Any]) -> None:
    """Écrit un document JSON, stable et lisible."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
