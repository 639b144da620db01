"""Le modèle de mots : ses données, son calcul, son hasard et ses mesures."""

import hashlib
import math

import numpy as np
import pytest
import torch
from torch import nn

from pruning_core.course.words.corpus import (
    ALPHABET,
    CONTEXT,
    IGNORED,
    calibration,
    decode,
    encode,
    french_words,
    split,
    word_batches,
)
from pruning_core.course.words.inventing import invent, mixed, uniforms
from pruning_core.course.words.measures import bits_per_letter, known_share, letter_bits, new_words
from pruning_core.course.words.pretrained import new_word_model, save_word_model, word_model
from pruning_core.course.words.training import train_words, word_loss
from pruning_core.course.words.transformer import WordTransformer, block_weights
from pruning_core.course.words.trigram import LetterCounts


class Uniform(nn.Module):
    """Toutes les lettres se valent."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        dtype = torch.get_default_dtype()
        return torch.zeros(*inputs.shape, len(ALPHABET), dtype=dtype)


@pytest.fixture(scope="module")
def small() -> WordTransformer:
    """Un modèle minuscule, non entraîné."""
    return WordTransformer(8, 2, 2, seed=1)


def test_the_list_is_french() -> None:
    """Des formes de 3 à 15 lettres françaises, sans double, et chaque lettre y sert."""
    words = french_words()
    assert len(words) == 414_209 == len(set(words))
    assert {len(word) for word in words} == set(range(3, 16))
    assert set("".join(words)) == set(ALPHABET[1:])
    assert sorted(words) == list(words) and sorted(ALPHABET) == list(ALPHABET)
    assert {"élaguer", "cœur"} < set(words)


def test_the_split_is_disjoint_and_never_moves() -> None:
    """Chaque mot est dans une part et une seule, la même pour toujours."""
    parts = split()
    assert [len(part) for part in parts] == [389_209, 5_000, 20_000]
    assert set().union(*parts) == set(french_words())
    digest = hashlib.sha256("\n".join(parts.test).encode()).hexdigest()[:16]
    assert digest == "273728d431ebd054"


def test_calibration_is_drawn_from_training() -> None:
    """Des mots d'entraînement, sans répétition, qui dépendent de la graine seule."""
    words = calibration(300, seed=3)
    assert len(set(words)) == 300 and set(words) <= set(split().train)
    assert words == calibration(300, seed=3) != calibration(300, seed=4)
    with pytest.raises(ValueError, match="count : reçu 400000 ; attendu 389209 au plus"):
        calibration(400_000)


def test_words_come_back() -> None:
    """Coder puis décoder rend les mots ; les cibles sont les entrées décalées, puis la marque."""
    words = ["les", "désoxygénations", "a", "cœur"]
    inputs, targets = encode(words)
    assert inputs.shape == targets.shape == (4, CONTEXT)
    assert decode(inputs) == words
    assert (targets != IGNORED).sum(1).tolist() == [len(word) + 1 for word in words]
    inside = targets[:, :-1] > 0
    assert torch.equal(targets[:, :-1][inside], inputs[:, 1:][inside])


@pytest.mark.parametrize("word", ["", "a" * 16, "Les", "aujourd'hui", "niño"])
def test_other_writings_are_refused(word: str) -> None:
    """Un mot vide, trop long ou d'une autre écriture est refusé."""
    with pytest.raises(ValueError, match="attendu de 1 à 15 lettres"):
        encode([word])


def test_no_position_reads_the_next(small: WordTransformer) -> None:
    """Changer une lettre ne change rien avant elle, et change tout à partir d'elle."""
    inputs, _ = encode(["élaguerais"])
    other = inputs.clone()
    other[0, 5] += 1
    moved = (small(inputs) != small(other)).any(-1)[0]
    assert moved.tolist() == [False] * 5 + [True] * (CONTEXT - 5)


def test_attention_is_the_one_of_torch(small: WordTransformer) -> None:
    """L'attention écrite en toutes lettres est celle de torch."""
    attention = small.blocks[0].attention
    stream = torch.randn(3, 7, 8, generator=torch.Generator().manual_seed(0))
    heads = (
        layer(stream).unflatten(-1, (2, 4)).transpose(1, 2)
        for layer in (attention.query, attention.key, attention.value)
    )
    read = nn.functional.scaled_dot_product_attention(*heads, is_causal=True)
    expected = attention.output(read.transpose(1, 2).flatten(2))
    torch.testing.assert_close(attention(stream), expected)


def test_only_the_matrices_of_the_blocks_are_pruned(small: WordTransformer) -> None:
    """Six matrices par bloc ; ni biais, ni normalisation, ni plongement, ni scores."""
    chosen = block_weights(small)
    assert len(chosen) == 12
    assert sum(p.numel() for p in chosen.values()) == 2 * 12 * 8**2
    assert all(parameter is small.get_parameter(name) for name, parameter in chosen.items())


def test_the_seed_decides_the_weights() -> None:
    """Les poids de départ ne dépendent que de la graine, et laissent le hasard global."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = WordTransformer(8, 1, 2, seed=3).state_dict()
    assert torch.equal(torch.rand(3), expected)
    for name, value in WordTransformer(8, 1, 2, seed=3).state_dict().items():
        assert torch.equal(value, first[name])


def mulberry32(state: int) -> tuple[int, int]:
    """L'état d'après et le tirage de mulberry32, en entiers de Python."""
    state = (state + 0x6D2B79F5) % 2**32
    t = (state ^ state >> 15) * (state | 1) % 2**32
    t = (t + (t ^ t >> 7) * (t | 61)) % 2**32 ^ t
    return state, t ^ t >> 14


def test_the_chance_is_mulberry32() -> None:
    """Le tirage est celui de mulberry32, dont on connaît les premières valeurs, par mot."""
    state, drawn = 0, []
    for _ in range(3):
        state, value = mulberry32(state)
        drawn.append(value)
    assert drawn == [1144304738, 1416247, 958946056]
    start = mulberry32((mulberry32(7)[1] + 4_000_000_000) % 2**32)[1]
    for found in uniforms(7, np.array([4_000_000_000], dtype=np.uint32))[0]:
        start, value = mulberry32(start)
        assert found == value / 2**32
    assert mixed(np.array([5], dtype=np.uint32))[0] == mulberry32(5)[1]


def test_a_word_is_drawn_alone_or_among_others(small: WordTransformer) -> None:
    """Un mot ne dépend que de la graine et de son numéro, et commence comme demandé."""
    words = invent(small, 12, seed=2)
    assert invent(small, 1, seed=2, first=5) == words[5:6]
    assert invent(small, 12, seed=3) != words
    assert all(word.startswith("anti") for word in invent(small, 5, prompt="anti"))
    assert all(len(word) <= 15 for word in words)


def test_letters_follow_the_probabilities() -> None:
    """La lettre tirée est la première dont la probabilité cumulée dépasse le réel."""
    draws = uniforms(0, np.arange(3, dtype=np.uint32))
    codes = np.floor(draws * len(ALPHABET)).astype(int)
    expected = ["".join(ALPHABET[code] for code in row).split(".")[0] for row in codes]
    torch.set_default_dtype(torch.float64)
    try:
        assert invent(Uniform(), 3) == expected
    finally:
        torch.set_default_dtype(torch.float32)


def test_inventions_refuse_what_they_cannot_do(small: WordTransformer) -> None:
    """Une graine de plus de 32 bits et un début trop long sont refusés."""
    with pytest.raises(ValueError, match="seed : reçu 4294967296"):
        invent(small, 1, seed=2**32)
    with pytest.raises(ValueError, match="prompt : reçu 'aaaaaaaaaaaaaaa' ; attendu 14 lettres"):
        invent(small, 1, prompt="a" * 15)


def test_bits_of_chance() -> None:
    """Au hasard, log2 de l'alphabet ; sans compter la fin, les bits sont partagés autrement."""
    words = ["les", "a"]
    assert math.isclose(bits_per_letter(Uniform(), words), math.log2(41), rel_tol=1e-6)
    alone = bits_per_letter(Uniform(), words, mark=False)
    assert math.isclose(alone, math.log2(41) * 6 / 4, rel_tol=1e-6)
    with pytest.raises(ValueError, match="reçu 0 mot"):
        bits_per_letter(Uniform(), [])


def test_bits_are_the_loss(small: WordTransformer) -> None:
    """Les bits par lettre sont la perte de l'entraînement, en base 2."""
    inputs, targets = encode(words := split().test[:50])
    loss = word_loss(small(inputs), targets).item() / math.log(2)
    assert math.isclose(bits_per_letter(small, words), loss, rel_tol=1e-5)
    assert torch.equal(letter_bits(small, inputs, targets) == 0, targets == IGNORED)


def test_inventions_are_told_from_words() -> None:
    """La part des mots de la liste compte les répétitions ; le reste est nouveau."""
    words = ["élaguer", "gresseur", "élaguer", "", "les"]
    assert known_share(words) == 0.6
    assert new_words(words) == ["gresseur", ""]
    with pytest.raises(ValueError, match="reçu 0 mot"):
        known_share([])


def test_counting_again_is_surprised_less() -> None:
    """Un trigramme est d'autant moins surpris qu'il a compté le mot, et lit deux lettres avant."""
    words = ["les", "lent", "sel"]
    orders = [
        LetterCounts(words, order, strength=0.5).bits_per_letter(words) for order in (1, 2, 3)
    ]
    assert math.log2(41) > orders[0] > orders[1] > orders[2]
    counts = LetterCounts(words, 3)
    assert counts.bits_per_letter(["les"]) < counts.bits_per_letter(["zyg"])


def test_counts_tell_how_many_numbers_they_keep() -> None:
    """« aa » : la lettre et la marque ; puis « a » et la marque, chacune après ce qui précède."""
    assert LetterCounts(["aa"], 1).kept() == 2
    assert LetterCounts(["aa"], 2).kept() == 2 + 3


def test_counts_by_hand() -> None:
    """Les comptes de paires de lettres se recalculent à la main."""
    counts = LetterCounts(["ab", "aa"], 2, strength=1.0)
    # a, b et la marque ont été vus 3, 1 et 2 fois sur 6 ; après a : b, a, marque, une fois chacun.
    alone = {letter: (seen + 1 / 41) / 7 for letter, seen in {"a": 3, "b": 1, ".": 2}.items()}
    probability = (2 + alone["a"]) / 3 * (1 + alone["b"]) / 4 * (1 + alone["."]) / 2
    assert math.isclose(counts.bits_per_letter(["ab"]), -math.log2(probability) / 3)


def test_the_shipped_model_speaks_french() -> None:
    """Le modèle livré a la surprise annoncée sur des mots jamais vus, et il invente."""
    model = word_model()
    assert not model.training
    assert math.isclose(bits_per_letter(model, split().test[:2000]), 2.0399, abs_tol=1e-3)
    assert invent(model, 4) == ["javetai", "dégrossiez", "apyrourd", "proléprions"]


def test_a_saved_model_comes_back(tmp_path, monkeypatch) -> None:
    """Ce qui est enregistré se relit, arrondi à float16."""
    model = new_word_model(seed=4)
    save_word_model(model, tmp_path / "words.npz")
    monkeypatch.setattr("pruning_core.course.words.pretrained._WEIGHTS", tmp_path / "words.npz")
    again = word_model()
    for name, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], value.half().float())


def test_masks_are_held_while_training(small: WordTransformer) -> None:
    """Réentraîner avec des masques garde les zéros et fait baisser la perte."""
    model = WordTransformer(8, 1, 2)
    masks = {name: weight.abs() > 0.1 for name, weight in block_weights(model).items()}
    losses = train_words(model, 30, words=split().train[:2000], masks=masks)
    assert losses[-1] < losses[0]
    for name, weight in block_weights(model).items():
        assert not weight[~masks[name]].any()


def test_batches_hold_every_letter_and_nothing_else() -> None:
    """Chaque mot est dans un lot, entier, sans place de remplissage ; les longueurs croissent."""
    words = ["chat", "les", "chien", "bon"]
    batches = word_batches(words)
    assert [tuple(inputs.shape) for inputs, _ in batches] == [(2, 4), (1, 5), (1, 6)]
    assert all((targets != IGNORED).all() for _, targets in batches)
    read = [decode(inputs) for inputs, _ in batches]
    assert read == [["les", "bon"], ["chat"], ["chien"]]
