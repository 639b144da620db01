"""L'automate de la liste des mots, et les poids en petits entiers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pruning_core.course.explorer.words import file
from pruning_core.course.explorer.words.automaton import (
    accepted,
    minimal_automaton,
    pack_automaton,
    unpack_automaton,
)
from pruning_core.course.explorer.words.quantizing import (
    dequantize_rows,
    grid_step,
    planes,
    quantize_rows,
    to_grid,
    unzigzag,
    zigzag,
)
from pruning_core.course.words.corpus import ALPHABET, french_words


def test_file_accepts_every_word_and_no_other() -> None:
    """L'automate livré a tous les mots de la liste, et aucun autre."""
    start = unpack_automaton(file.load().automaton)
    found = ["".join(ALPHABET[letter] for letter in word) for word in accepted(start)]
    assert found == list(french_words())


def test_packs_what_javascript_reads() -> None:
    """« as », « es », « esse » : les octets que relit aussi `words.test.mjs`."""
    packed = pack_automaton(minimal_automaton([(1, 3), (2, 3), (2, 3, 3, 2)]))
    assert packed.states.tolist() == [8, 4, 3, 4, 6, 4]
    assert packed.arrows.tolist() == [2, 6, 4, 6, 6, 5]
    assert packed.returns.tolist() == [0]


@pytest.mark.parametrize("words", [[], [()], [(1,)], [(1,), (1, 1), (1, 1, 1)], [(1, 2), (2, 2)]])
def test_automaton_comes_back(words: list[tuple[int, ...]]) -> None:
    """Un automate écrit puis relu accepte les mêmes mots."""
    assert list(accepted(unpack_automaton(pack_automaton(minimal_automaton(words))))) == words


def test_automaton_is_minimal() -> None:
    """Deux états n'ont jamais les mêmes fins de mots."""
    rng = np.random.default_rng(0)
    words = sorted({tuple(rng.integers(1, 3, size=rng.integers(1, 7)).tolist()) for _ in range(60)})
    endings = {word[i:] for word in words for i in range(len(word) + 1)}
    after = {
        frozenset(end for end in endings if (*word[:i], *end) in set(words))
        for word in words
        for i in range(len(word) + 1)
    }
    assert len(pack_automaton(minimal_automaton(words)).states) == len(after)


def test_refuses_words_out_of_order() -> None:
    """Des mots non triés se refusent."""
    with pytest.raises(ValueError, match=r"reçu \(1,\) après \(2,\)"):
        minimal_automaton([(2,), (1,)])


def test_rows_are_rounded_to_the_nearest_level() -> None:
    """Une ligne arrondie est à moins d'un demi-pas ; un poids nul, une ligne nulle le restent."""
    matrix = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    matrix[2] = 0
    matrix[0, 3] = 0
    rows = quantize_rows([matrix, 2 * matrix])
    first, second = dequantize_rows(rows.codes, rows.scales, [(5, 7), (5, 7)])
    half = torch.from_numpy(rows.scales[:5].astype(np.float64))[:, None] / 2 + 1e-7
    assert bool(((first - matrix).abs() <= half).all())
    assert torch.equal(second, 2 * first)
    assert not first[2].any() and not first[0, 3]


def test_grid_holds_its_values() -> None:
    """Le pas est assez petit pour être fin, assez grand pour tenir ; au-delà, refus."""
    values = [torch.tensor([0.3, -1.7]), torch.tensor([[1.0]])]
    step = grid_step(values)
    found = to_grid(values, step) * step
    assert np.abs(found - [0.3, -1.7, 1.0]).max() <= step / 2
    assert 2**14 <= 1.7 / step < 2**15
    with pytest.raises(ValueError, match="reçu 9"):
        to_grid([torch.tensor([9.0])], step)


def test_integers_come_back() -> None:
    """Les entiers relatifs et leurs deux octets se relisent."""
    values = np.array([0, -1, 1, 127, -128, 300, -32768, 32767])
    assert unzigzag(zigzag(values)).tolist() == values.tolist()
    assert zigzag(values)[:4].tolist() == [0, 1, 2, 254]
    assert planes(np.array([1, 256, -1])) == bytes([0, 1, 255, 1, 0, 255])
