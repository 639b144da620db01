"""Un point vérifié : ce que l'on a trouvé, si cela convient, et sinon que faire."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial


class State(Enum):
    """Ce que vaut un point, du meilleur au pire."""

    GOOD = "bien"
    DOUBT = "réserve"
    FAULT = "à régler"


@dataclass(frozen=True)
class Point:
    """Un point de la liste.

    Attributes
    ----------
    state : State
        Ce que cela vaut.
    name : str
        Ce que l'on regarde, en un mot ou deux.
    found : str
        Ce que l'on a trouvé.
    remedy : str
        Que faire ; vide si tout va bien.
    """

    state: State
    name: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        lines = [f"  {self.state.value:<9} {self.name} : {self.found}"]
        lines += textwrap.wrap(self.remedy, 84, initial_indent=" " * 12 + "-> ")
        indent = " " * 15
        return "\n".join([*lines[:2], *(indent + line for line in lines[2:])])


good = partial(Point, State.GOOD)
doubt = partial(Point, State.DOUBT)
fault = partial(Point, State.FAULT)


def verdict(points: Sequence[Point]) -> str:
    """La phrase que l'on retient."""
    faults = sum(point.state is State.FAULT for point in points)
    doubts = sum(point.state is State.DOUBT for point in points)
    if faults:
        return f"Cette machine n'est pas prête : {_count(faults, 'point')} à régler (ci-dessus)."
    if doubts:
        return f"Cette machine est prête, avec {_count(doubts, 'réserve')} (ci-dessus)."
    return "Cette machine est prête."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}"
