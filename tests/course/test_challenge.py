"""Le défi : un fichier n'est jamais cru, et un refus dit ce qui était attendu."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.challenge import ENTRY, Entry
from pruning_core.course.exercises.challenges import DIGITS, WORDS, read_apart
from pruning_core.course.models import mlp, trained_digits_mlp
from pruning_core.course.words.corpus import split
from pruning_core.course.words.measures import bits_per_letter
from pruning_core.course.words.pretrained import word_model
from pruning_core.course.words.transformer import WordTransformer
from pruning_core.evaluation import evaluate
from tests.course.challenge import claim, network, rewrite


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / ENTRY
    DIGITS.save(network(DIGITS.budget), path, name="Ada")
    return path


def test_entry_is_measured_again(good: Path) -> None:
    """Un fichier relu donne les mêmes poids, et l'exactitude mesurée sur les bons jeux."""
    entry = DIGITS.read(good)
    assert (entry.name, entry.weights) == ("Ada", DIGITS.budget)
    digits, model = load_digits(), network(DIGITS.budget)
    assert entry.test == evaluate(model, digits.test).accuracy
    assert entry.validation == evaluate(model, digits.validation).accuracy


@pytest.mark.slow
def test_entry_measured_apart_ignores_what_the_notebook_changed(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """La note ne dépend pas du budget ni des images que le carnet a changés."""
    assert read_apart(DIGITS, good) == DIGITS.read(good)
    rewrite(good, **{"0.weight": trained_digits_mlp(seed=0)[0].weight.detach().numpy()})
    monkeypatch.setitem(vars(DIGITS), "budget", 7000)
    with pytest.raises(ValueError, match=r"^budget dépassé : reçu .* attendu 320 au plus\.$"):
        read_apart(DIGITS, good)


def test_what_is_not_a_network_is_refused(tmp_path: Path) -> None:
    """Ce qui n'est pas un réseau est refusé, en disant ce qui a été reçu."""
    with pytest.raises(ValueError, match=r"reçu un objet de type NoneType ; attendu un nn\.Module"):
        DIGITS.save(None, tmp_path / ENTRY, name="Ada")  # type: ignore[arg-type]
    assert not (tmp_path / ENTRY).exists()


def test_over_budget_is_not_saved(tmp_path: Path) -> None:
    """Avec un poids de trop, rien n'est écrit."""
    with pytest.raises(ValueError, match="reçu 321 poids non nuls ; attendu 320 au plus"):
        DIGITS.save(network(DIGITS.budget + 1), tmp_path / ENTRY, name="Ada")
    assert not (tmp_path / ENTRY).exists()


def test_budget_is_recounted_from_the_file(good: Path) -> None:
    """Le budget est recompté d'après le fichier."""
    rewrite(good, **{"0.weight": trained_digits_mlp(seed=0)[0].weight.detach().numpy()})
    with pytest.raises(ValueError, match="budget dépassé"):
        DIGITS.read(good)


def test_forged_score_is_refused(good: Path) -> None:
    """Une exactitude annoncée qui n'est pas celle des poids est refusée."""
    rewrite(good, concurrent=claim(0.99))
    with pytest.raises(ValueError, match=r"reçu 99,0.% dans le fichier ; attendu 20,0.%"):
        DIGITS.read(good)


def test_other_network_is_refused(tmp_path: Path) -> None:
    """Seul le réseau du défi est admis, même si un autre tient le budget."""
    model = mlp((64, 4, 10))
    with pytest.raises(ValueError, match="réseau du défi : reçu les formes"):
        DIGITS.save(model, tmp_path / ENTRY, name="Ada")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_weights_are_refused(good: Path, value: float) -> None:
    """Une valeur qui n'est pas finie est refusée."""
    bias = np.zeros(10)
    bias[3] = value
    rewrite(good, **{"4.bias": bias})
    with pytest.raises(ValueError, match="valeurs non finies"):
        DIGITS.read(good)


@pytest.mark.parametrize("kind", [np.longdouble, np.dtype(">f8")])
def test_unusual_numbers_are_read(good: Path, kind: np.dtype) -> None:
    """Les nombres écrits sur une autre machine sont lus."""
    before = DIGITS.read(good)
    with np.load(good) as content:
        bias = content["4.bias"].astype(kind)
    rewrite(good, **{"4.bias": bias})
    assert DIGITS.read(good) == before


def test_claim_that_is_no_number_is_refused(good: Path) -> None:
    """Une exactitude annoncée « nan » est refusée."""
    rewrite(good, concurrent=claim(np.nan))
    with pytest.raises(ValueError, match="mesure de validation"):
        DIGITS.read(good)


def broken(path: Path) -> None:
    path.write_bytes(b"rien de lisible")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:3000])


def pickled(path: Path) -> None:
    rewrite(path, **{"0.bias": np.array([print] * 64, dtype=object)})


def unsigned(path: Path) -> None:
    rewrite(path, concurrent=np.array("personne"))


@pytest.mark.parametrize("harm", [broken, cut, pickled, unsigned])
def test_broken_file_is_refused(good: Path, harm) -> None:
    """Un fichier abîmé ou piégé est refusé comme illisible, sans rien exécuter."""
    harm(good)
    with pytest.raises(ValueError, match=r"reseau\.npz : reçu un fichier illisible"):
        DIGITS.read(good)


def test_huge_file_is_refused(good: Path) -> None:
    """Un fichier trop gros une fois décompressé est refusé."""
    rewrite(good, bourrage=np.zeros(200_000))
    with pytest.raises(ValueError, match=r"octets ; attendu 305.120 au plus"):
        DIGITS.read(good)


def test_missing_file_is_told(tmp_path: Path) -> None:
    """Un fichier absent est dit absent, et non abîmé."""
    with pytest.raises(FileNotFoundError, match="fichier absent"):
        DIGITS.read(tmp_path / ENTRY)


def tiny_words() -> WordTransformer:
    return WordTransformer(8, 1, 1, seed=2)


def test_words_are_measured_on_their_own_parts(tmp_path: Path) -> None:
    """Le défi des mots compte les poids des blocs, et mesure 5 000 mots de chaque jeu."""
    challenge = replace(WORDS, network=tiny_words)
    challenge.save(tiny_words(), tmp_path / ENTRY, name="Ada")
    bits = [bits_per_letter(tiny_words(), part[:5_000]) for part in split()[1:]]
    assert challenge.read(tmp_path / ENTRY) == Entry("Ada", 768, *bits)


def test_dense_language_model_is_over_budget(tmp_path: Path) -> None:
    """Le modèle de mots donné a 153 600 poids à élaguer, trop pour le défi."""
    with pytest.raises(ValueError, match=r"reçu 153.600 poids non nuls ; attendu 30.000 au plus"):
        WORDS.save(word_model(), tmp_path / ENTRY, name="Ada")
    assert not (tmp_path / ENTRY).exists()


def test_best_is_highest_accuracy_or_fewest_bits() -> None:
    """La plus grande exactitude gagne, et le moins de bits ; à égalité, le moins de poids."""
    low, high, lean = Entry("a", 9, 0.0, 0.5), Entry("b", 9, 0.0, 0.7), Entry("c", 8, 0.0, 0.7)
    assert sorted((low, high, lean), key=DIGITS.merit) == [lean, high, low]
    assert sorted((high, lean, low), key=WORDS.merit) == [low, lean, high]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_measure_that_is_no_number_is_refused(tmp_path: Path, value: float) -> None:
    """Un réseau dont la mesure n'est pas un nombre fini n'est pas enregistré."""
    challenge = replace(DIGITS, validation=lambda model: value)
    with pytest.raises(ValueError, match=r"mesure : reçu (nan|inf) ; attendu un nombre fini"):
        challenge.save(network(DIGITS.budget), tmp_path / ENTRY, name="Ada")
    assert not (tmp_path / ENTRY).exists()
