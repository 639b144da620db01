"""Un exercice à la main : ce que l'on demande, et des règles essayées dans l'ordre.

Une règle dit ce qu'il faut répondre à une réponse qui lui convient. Elle est faite de données, et
de rien d'autre : `book/scripts/answers.js` l'applique sur la page, à l'identique.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pruning_core.course.exercises.reading import choices, indices, numbers
from pruning_core.course.exercises.verdict import Hint

Answer = tuple[float | frozenset[int], ...]
"""Ce qu'a répondu le lecteur : un nombre par champ, ou un ensemble d'indices."""

_ROUNDED = 5e-4
_TESTS = {
    "near": lambda found, value, tolerance: abs(found - value) < tolerance,
    "size": lambda found, value, tolerance: abs(abs(found) - value) < tolerance,
    "above": lambda found, value, _: found > value,
    "same": lambda found, value, _: found == set(value),
    "within": lambda found, value, _: found <= set(value),
    "count": lambda found, value, _: len(found) == value,
}


@dataclass(frozen=True)
class Test:
    """Une condition sur un champ.

    Attributes
    ----------
    kind : str
        Clé de `_TESTS`.
    value : float ou list[int]
        À quoi l'on compare.
    tolerance : float
        À combien près, pour un nombre.
    negated : bool
        Vrai si la condition est le contraire.
    """

    kind: str
    value: float | list[int]
    tolerance: float = 0.0
    negated: bool = False

    def holds(self, found: float | frozenset[int]) -> bool:
        """Vrai si ce champ remplit la condition."""
        return _TESTS[self.kind](found, self.value, self.tolerance) != self.negated

    def __invert__(self) -> Test:
        return Test(self.kind, self.value, self.tolerance, not self.negated)


def near(value: float, tolerance: float = _ROUNDED) -> Test:
    """Ce nombre, à un demi-millième près : la réponse peut être arrondie."""
    return Test("near", value, tolerance)


def size(value: float) -> Test:
    """Ce nombre ou son opposé."""
    return Test("size", value, _ROUNDED)


def above(value: float) -> Test:
    """Plus que ce nombre."""
    return Test("above", value)


def same(*indices: int) -> Test:
    """Exactement ces indices."""
    return Test("same", list(indices))


def within(*indices: int) -> Test:
    """Pas d'autres indices que ceux-ci."""
    return Test("within", list(indices))


def count(value: int) -> Test:
    """Tant d'indices."""
    return Test("count", value)


@dataclass(frozen=True)
class Rule:
    """Ce que l'on dit d'une réponse, si elle remplit l'une des conditions.

    Attributes
    ----------
    told : str
        Pourquoi c'est juste, ou un indice.
    when : tuple
        Conditions, au choix ; chacune a un test par champ, None s'il est indifférent. Vide :
        toujours.
    right : bool
        Vrai si la réponse est juste.
    """

    told: str
    when: tuple[tuple[Test | None, ...], ...] = ()
    right: bool = False

    def applies(self, answer: Answer) -> bool:
        """Vrai si la réponse remplit l'une des conditions."""
        return not self.when or any(
            all(test is None or test.holds(found) for test, found in zip(one, answer, strict=True))
            for one in self.when
        )

    def data(self) -> dict[str, Any]:
        """La règle, telle que la page la lit."""
        when = [[test and list(vars(test).values()) for test in one] for one in self.when]
        return {"told": self.told, "when": when, "right": self.right}


@dataclass(frozen=True)
class Form:
    """Un exercice à la main.

    Attributes
    ----------
    fields : tuple[str, ...]
        Ce que l'on demande, champ par champ : des nombres, ou des indices s'il n'y en a qu'un.
    options : tuple[str, ...]
        Les réponses possibles à chaque champ, s'il faut choisir ; les règles en lisent le rang.
    rules : tuple[Rule, ...]
        Essayées dans l'ordre ; la dernière s'applique toujours.
    """

    fields: tuple[str, ...]
    rules: tuple[Rule, ...]
    options: tuple[str, ...] = ()

    @property
    def asks_indices(self) -> bool:
        """Vrai si la réponse est un ensemble d'indices."""
        return len(self.fields) == 1

    def __call__(self, answer: Any) -> str:
        """Juge une réponse ; rend la raison pour laquelle elle est juste, ou lève un indice."""
        read: Answer
        if self.asks_indices:
            read = (indices(answer),)
        elif self.options:
            read = choices(answer, self.options, len(self.fields))
        else:
            read = numbers(answer, f"({', '.join(self.fields)})", len(self.fields))
        rule = next(rule for rule in self.rules if rule.applies(read))
        if not rule.right:
            raise Hint(rule.told)
        return rule.told

    def data(self) -> dict[str, Any]:
        """L'exercice, tel que la page le lit."""
        return {"asksIndices": self.asks_indices, "rules": [rule.data() for rule in self.rules]}
