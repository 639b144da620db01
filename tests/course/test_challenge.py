"""Le défi : un fichier n'est jamais cru, et un refus dit ce qui était attendu."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.challenge import (
    BUDGET,
    ENTRY,
    read_entry,
    read_entry_apart,
    save_entry,
)
from pruning_core.course.models import mlp, trained_digits_mlp
from pruning_core.evaluation import evaluate
from tests.course.challenge import claim, network, rewrite


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / ENTRY
    save_entry(network(BUDGET), path, name="Ada")
    return path


def test_entry_is_measured_again(good: Path) -> None:
    """Un fichier relu donne les mêmes poids, et l'exactitude mesurée sur les bons jeux."""
    entry = read_entry(good)
    assert (entry.name, entry.weights) == ("Ada", BUDGET)
    digits, model = load_digits(), network(BUDGET)
    assert entry.test == evaluate(model, digits.test).accuracy
    assert entry.validation == evaluate(model, digits.validation).accuracy


@pytest.mark.slow
def test_entry_measured_apart_ignores_what_the_notebook_changed(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """La note ne dépend pas du budget ni des images que le carnet a changés."""
    assert read_entry_apart(good) == read_entry(good)
    rewrite(good, **{"0.weight": trained_digits_mlp(seed=0)[0].weight.detach().numpy()})
    monkeypatch.setattr("pruning_core.course.exercises.challenge.BUDGET", 7000)
    with pytest.raises(ValueError, match=r"^budget dépassé : reçu .* attendu 320 au plus\.$"):
        read_entry_apart(good)


def test_what_is_not_a_network_is_refused(tmp_path: Path) -> None:
    """Ce qui n'est pas un réseau est refusé, en disant ce qui a été reçu."""
    with pytest.raises(ValueError, match=r"reçu un objet de type NoneType ; attendu un nn\.Module"):
        save_entry(None, tmp_path / ENTRY, name="Ada")  # type: ignore[arg-type]
    assert not (tmp_path / ENTRY).exists()


def test_over_budget_is_not_saved(tmp_path: Path) -> None:
    """Avec un poids de trop, rien n'est écrit."""
    with pytest.raises(ValueError, match="reçu 321 poids non nuls ; attendu 320 au plus"):
        save_entry(network(BUDGET + 1), tmp_path / ENTRY, name="Ada")
    assert not (tmp_path / ENTRY).exists()


def test_budget_is_recounted_from_the_file(good: Path) -> None:
    """Le budget est recompté d'après le fichier."""
    rewrite(good, **{"0.weight": trained_digits_mlp(seed=0)[0].weight.detach().numpy()})
    with pytest.raises(ValueError, match="budget dépassé"):
        read_entry(good)


def test_forged_score_is_refused(good: Path) -> None:
    """Une exactitude annoncée qui n'est pas celle des poids est refusée."""
    rewrite(good, concurrent=claim(0.99))
    with pytest.raises(ValueError, match=r"reçu 99,0.% dans le fichier ; attendu 20,0.%"):
        read_entry(good)


def test_other_network_is_refused(tmp_path: Path) -> None:
    """Seul le réseau du défi est admis, même si un autre tient le budget."""
    model = mlp((64, 4, 10))
    with pytest.raises(ValueError, match="réseau du défi : reçu les formes"):
        save_entry(model, tmp_path / ENTRY, name="Ada")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_weights_are_refused(good: Path, value: float) -> None:
    """Une valeur qui n'est pas finie est refusée."""
    bias = np.zeros(10)
    bias[3] = value
    rewrite(good, **{"4.bias": bias})
    with pytest.raises(ValueError, match="valeurs non finies"):
        read_entry(good)


@pytest.mark.parametrize("kind", [np.longdouble, np.dtype(">f8")])
def test_unusual_numbers_are_read(good: Path, kind: np.dtype) -> None:
    """Les nombres écrits sur une autre machine sont lus."""
    before = read_entry(good)
    with np.load(good) as content:
        bias = content["4.bias"].astype(kind)
    rewrite(good, **{"4.bias": bias})
    assert read_entry(good) == before


def test_claim_that_is_no_number_is_refused(good: Path) -> None:
    """Une exactitude annoncée « nan » est refusée."""
    rewrite(good, concurrent=claim(np.nan))
    with pytest.raises(ValueError, match="exactitude de validation"):
        read_entry(good)


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
        read_entry(good)


def test_huge_file_is_refused(good: Path) -> None:
    """Un fichier trop gros une fois décompressé est refusé."""
    rewrite(good, bourrage=np.zeros(200_000))
    with pytest.raises(ValueError, match=r"octets ; attendu 1.000.000 au plus"):
        read_entry(good)


def test_missing_file_is_told(tmp_path: Path) -> None:
    """Un fichier absent est dit absent, et non abîmé."""
    with pytest.raises(FileNotFoundError, match="fichier absent"):
        read_entry(tmp_path / ENTRY)
