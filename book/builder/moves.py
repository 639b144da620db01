"""Ce qu'un nouveau requirements.lock change : paquets ajoutés, retirés, montés, descendus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

HEADINGS = ("Paquet", "Avant", "Après", "Changement")


@dataclass(frozen=True)
class Move:
    """Un paquet dont les versions fixées ont changé ; aucune avant s'il est ajouté.

    Un paquet a plusieurs versions si elles dépendent du système ou de Python.
    """

    name: str
    before: tuple[Version, ...]
    after: tuple[Version, ...]

    @property
    def kind(self) -> str:
        """Ce qui lui arrive ; une version majeure nouvelle peut casser ce qui l'emploie."""
        if not self.before:
            return "ajouté"
        if not self.after:
            return "retiré"
        if max(self.after) < max(self.before):
            return "descendu"
        return "version majeure" if self.major else "monté"

    @property
    def major(self) -> bool:
        """Son premier nombre monte, ou le deuxième tant que le premier est zéro."""
        return bool(self.before and self.after) and _series(self.after) > _series(self.before)

    def cells(self) -> tuple[str, str, str, str]:
        """La ligne du tableau."""
        return self.name, _shown(self.before), _shown(self.after), self.kind


def _series(versions: Iterable[Version]) -> tuple[int, ...]:
    release = max(versions).release
    return release[:1] if release[0] else (*release, 0)[:2]


def _shown(versions: Iterable[Version]) -> str:
    return ", ".join(map(str, versions)) or "–"


def moves(before: str, after: str) -> list[Move]:
    """Compare deux fichiers de versions ; les versions majeures nouvelles en tête."""
    old, new = _versions(before), _versions(after)
    none: tuple[Version, ...] = ()
    moved = [
        Move(name, old.get(name, none), new.get(name, none))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return sorted(moved, key=lambda move: not move.major)


def _versions(lock: str) -> dict[str, tuple[Version, ...]]:
    found: dict[str, set[Version]] = defaultdict(set)
    for line in lock.splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            found[requirement.name] |= {Version(pin.version) for pin in requirement.specifier}
    return {name: tuple(sorted(versions)) for name, versions in found.items()}


def summary(moved: list[Move]) -> str:
    """Le compte, en une phrase."""
    if not moved:
        return "Rien n'a bougé : les versions fixées sont les plus récentes possibles."
    majors = sum(move.major for move in moved)
    told = "1 paquet a bougé" if len(moved) == 1 else f"{len(moved)} paquets ont bougé"
    if majors:
        changes = "1 change" if majors == 1 else f"{majors} changent"
        told += f", dont {changes} de version majeure : lisez ce que disent leurs auteurs"
    return told + "."


def table(moved: list[Move]) -> str:
    """Le tableau, en colonnes alignées, pour le terminal."""
    rows = [HEADINGS, *(move.cells() for move in moved)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def markdown(moved: list[Move]) -> str:
    """Le compte et le tableau, pour une demande."""
    return "\n".join(_markdown_lines(moved)) + "\n"


def _markdown_lines(moved: list[Move]) -> Iterator[str]:
    yield "## Ce qui a bougé dans requirements.lock"
    yield ""
    yield summary(moved)
    if moved:
        yield ""
        yield _row(HEADINGS)
        yield _row("---" for _ in HEADINGS)
        for move in moved:
            name, before, after, kind = move.cells()
            yield _row((f"`{name}`", before, after, f"**{kind}**" if move.major else kind))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
