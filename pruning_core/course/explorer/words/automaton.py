"""La liste des mots dans un automate minimal : tous ses mots, et eux seuls, en peu d'octets.

Deux mots de même début en partagent les premiers états, deux mots de même fin les derniers
(*DAWG*). L'automate s'écrit en profondeur d'abord : la plupart des flèches mènent alors à l'état
suivant, et ne coûtent que leur lettre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_ARROWS, _FINAL, _SHARED = 4, 2, 1


class State:
    """Un état : ses flèches, par lettre croissante, et s'il finit un mot."""

    __slots__ = ("arrows", "final")

    def __init__(self) -> None:
        self.arrows: dict[int, State] = {}
        self.final = False

    def signature(self) -> tuple[bool, tuple[tuple[int, int], ...]]:
        """La même pour deux états d'où partent les mêmes fins de mots."""
        return self.final, tuple((letter, id(state)) for letter, state in self.arrows.items())


def minimal_automaton(words: Iterable[tuple[int, ...]]) -> State:
    """Le plus petit automate qui accepte ces mots, et eux seuls.

    Parameters
    ----------
    words : suite de tuples d'entiers
        Triés, sans répétition, de lettres entre 0 et 127.

    Returns
    -------
    State
        L'état de départ.

    Raises
    ------
    ValueError
        Si les mots ne sont pas triés.

    Notes
    -----
    Temps linéaire en le nombre de lettres.

    References
    ----------
    Daciuk, Mihov, Watson et Watson, *Incremental Construction of Minimal Acyclic Finite-State
    Automata*, 2000.
    """
    register: dict[tuple[bool, tuple[tuple[int, int], ...]], State] = {}
    path = [State()]

    def close(before: tuple[int, ...], length: int) -> None:
        """Remplace chaque état au-delà de ce début par celui qui a les mêmes fins, s'il y en a."""
        while len(path) > length + 1:
            state = path.pop()
            path[-1].arrows[before[len(path) - 1]] = register.setdefault(state.signature(), state)

    last: tuple[int, ...] | None = None
    for word in words:
        if last is not None and last >= word:
            raise ValueError(f"mots : reçu {word} après {last} ; attendu un ordre croissant.")
        before = last or ()
        common = next(
            (i for i, (a, b) in enumerate(zip(before, word, strict=False)) if a != b), len(before)
        )
        close(before, common)
        for letter in word[common:]:
            path[-1].arrows[letter] = state = State()
            path.append(state)
        path[-1].final = True
        last = word
    close(last or (), 0)
    return path[0]


class PackedAutomaton(NamedTuple):
    """Un automate écrit ; relu par `readAutomaton` dans `js/words/automaton.js`.

    Attributes
    ----------
    states : ndarray uint8
        Par état, en profondeur d'abord : 4 × nombre de flèches + 2 s'il finit un mot + 1 si
        plusieurs flèches y mènent.
    arrows : ndarray uint8
        Par flèche, dans l'ordre du parcours : 2 × lettre + 1 si elle mène à un état déjà écrit.
    returns : ndarray uint16
        Pour chacune de celles-là, le rang de cet état parmi ceux où plusieurs flèches mènent.
    """

    states: NDArray[np.uint8]
    arrows: NDArray[np.uint8]
    returns: NDArray[np.uint16]


def pack_automaton(start: State) -> PackedAutomaton:
    """Écrit un automate en profondeur d'abord."""
    entered = Counter(id(after) for state in _states(start) for after in state.arrows.values())
    shared: dict[int, int] = {}
    states, arrows, returns = [], [], []
    waiting: list[tuple[int, State]] = []

    def enter(state: State) -> None:
        several = entered[id(state)] > 1
        if several:
            shared[id(state)] = len(shared)
        states.append(_ARROWS * len(state.arrows) + _FINAL * state.final + _SHARED * several)
        waiting.extend(reversed(state.arrows.items()))

    enter(start)
    while waiting:
        letter, state = waiting.pop()
        back = id(state) in shared
        arrows.append(2 * letter + back)
        if back:
            returns.append(shared[id(state)])
        else:
            enter(state)
    return PackedAutomaton(
        np.array(states, np.uint8), np.array(arrows, np.uint8), np.array(returns, np.uint16)
    )


def _states(start: State) -> Iterator[State]:
    seen, waiting = {id(start)}, [start]
    while waiting:
        state = waiting.pop()
        yield state
        for after in state.arrows.values():
            if id(after) not in seen:
                seen.add(id(after))
                waiting.append(after)


def unpack_automaton(packed: PackedAutomaton) -> State:
    """Relit un automate."""
    states, arrows, returns = (iter(part.tolist()) for part in packed)
    shared: list[State] = []
    waiting: list[State] = []

    def enter() -> State:
        code, state = next(states), State()
        state.final = bool(code & _FINAL)
        if code & _SHARED:
            shared.append(state)
        waiting.extend([state] * (code // _ARROWS))
        return state

    start = enter()
    while waiting:
        state = waiting.pop()
        code = next(arrows)
        state.arrows[code // 2] = shared[next(returns)] if code % 2 else enter()
    return start


def accepted(start: State) -> Iterator[tuple[int, ...]]:
    """Tous les mots d'un automate, triés."""
    waiting: list[tuple[tuple[int, ...], State]] = [((), start)]
    while waiting:
        word, state = waiting.pop()
        if state.final:
            yield word
        waiting.extend(((*word, letter), after) for letter, after in reversed(state.arrows.items()))
