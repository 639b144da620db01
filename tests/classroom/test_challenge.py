"""Le défi : un fichier n'est jamais cru, et le classement dit pourquoi il en refuse un."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from builder.failure import Failure
from builder.ranking import LAB, RANKING, ranking
from torch import nn

from pruning_core import global_masks, magnitude_scores, pruned_copy
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


def network(kept: int) -> nn.Module:
    """Le réseau du cours, élagué par magnitude à ce nombre de poids."""
    model = trained_digits_mlp(seed=0)
    return pruned_copy(model, global_masks(magnitude_scores(model), 1 - kept / 6464))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / ENTRY
    save_entry(network(BUDGET), path, name="Ada")
    return path


def rewrite(path: Path, **changes: np.ndarray) -> None:
    """Réécrit un fichier du défi à la main, comme le ferait un tricheur."""
    with np.load(path) as content:
        arrays = {key: content[key] for key in content.files}
    with path.open("wb") as file:
        np.savez_compressed(file, **{**arrays, **changes})


def claim(accuracy: float) -> np.ndarray:
    return np.array(json.dumps({"nom": "Ada", "exactitude": accuracy}))


def test_entry_is_measured_again(good: Path) -> None:
    """Un fichier relu avec d'autres poids, ou mesuré sur un autre jeu."""
    entry = read_entry(good)
    assert (entry.name, entry.weights) == ("Ada", BUDGET)
    digits, model = load_digits(), network(BUDGET)
    assert entry.test == evaluate(model, digits.test).accuracy
    assert entry.validation == evaluate(model, digits.validation).accuracy


def test_entry_measured_apart_ignores_what_the_notebook_changed(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Une note mesurée avec le budget ou les images que le carnet a changés."""
    assert read_entry_apart(good) == read_entry(good)
    rewrite(good, **{"0.weight": trained_digits_mlp(seed=0)[0].weight.detach().numpy()})
    monkeypatch.setattr("pruning_core.course.exercises.challenge.BUDGET", 7000)
    with pytest.raises(ValueError, match=r"^budget dépassé : reçu .* attendu 320 au plus\.$"):
        read_entry_apart(good)


def test_what_is_not_a_network_is_refused(tmp_path: Path) -> None:
    """Une réponse vide ou d'un autre type, et une erreur obscure."""
    with pytest.raises(ValueError, match=r"reçu un objet de type NoneType ; attendu un nn\.Module"):
        save_entry(None, tmp_path / ENTRY, name="Ada")  # type: ignore[arg-type]
    assert not (tmp_path / ENTRY).exists()


def test_over_budget_is_not_saved(tmp_path: Path) -> None:
    """Un fichier écrit malgré un poids de trop."""
    with pytest.raises(ValueError, match="reçu 321 poids non nuls ; attendu 320 au plus"):
        save_entry(network(BUDGET + 1), tmp_path / ENTRY, name="Ada")
    assert not (tmp_path / ENTRY).exists()


def test_budget_is_recounted_from_the_file(good: Path) -> None:
    """Des poids ajoutés au fichier après coup."""
    rewrite(good, **{"0.weight": trained_digits_mlp(seed=0)[0].weight.detach().numpy()})
    with pytest.raises(ValueError, match="budget dépassé"):
        read_entry(good)


def test_forged_score_is_refused(good: Path) -> None:
    """Une exactitude annoncée qui n'est pas celle des poids."""
    rewrite(good, concurrent=claim(0.99))
    with pytest.raises(ValueError, match=r"reçu 99,0.% dans le fichier ; attendu 20,0.%"):
        read_entry(good)


def test_other_network_is_refused(tmp_path: Path) -> None:
    """Un réseau plus large, qui tiendrait le budget autrement."""
    model = mlp((64, 4, 10))
    with pytest.raises(ValueError, match="réseau du défi : reçu les formes"):
        save_entry(model, tmp_path / ENTRY, name="Ada")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_weights_are_refused(good: Path, value: float) -> None:
    """Un NaN, qui n'est ni compté ni mesuré comme un poids."""
    bias = np.zeros(10)
    bias[3] = value
    rewrite(good, **{"4.bias": bias})
    with pytest.raises(ValueError, match="valeurs non finies"):
        read_entry(good)


@pytest.mark.parametrize("kind", [np.longdouble, np.dtype(">f8")])
def test_unusual_numbers_are_read(good: Path, kind: np.dtype) -> None:
    """Un fichier écrit sur une autre machine, qui arrête tout le classement."""
    before = read_entry(good)
    with np.load(good) as content:
        bias = content["4.bias"].astype(kind)
    rewrite(good, **{"4.bias": bias})
    assert read_entry(good) == before


def test_claim_that_is_no_number_is_refused(good: Path) -> None:
    """Une exactitude « nan », qu'aucune comparaison n'écarte."""
    rewrite(good, concurrent=claim(np.nan))
    with pytest.raises(ValueError, match="exactitude de validation"):
        read_entry(good)


def test_pseudonym_is_no_formula(tmp_path: Path) -> None:
    """Un pseudonyme que le tableur de l'enseignant exécuterait, ou qui déborde."""
    path = tmp_path / "rendus" / "eve" / LAB / ENTRY
    path.parent.mkdir(parents=True)
    for name, shown in (
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("a\nb " * 30, ("a b " * 30)[:40]),
    ):
        save_entry(network(BUDGET), path, name=name)
        assert ranking(tmp_path)[0][2] == shown


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
    """Un fichier abîmé qui arrêterait le classement, ou du code exécuté à la lecture."""
    harm(good)
    with pytest.raises(ValueError, match=r"reseau\.npz : reçu un fichier illisible"):
        read_entry(good)


def test_huge_file_is_refused(good: Path) -> None:
    """Un fichier qui se décompresse en gigaoctets."""
    rewrite(good, bourrage=np.zeros(200_000))
    with pytest.raises(ValueError, match=r"octets ; attendu 1.000.000 au plus"):
        read_entry(good)


def test_missing_file_is_told(tmp_path: Path) -> None:
    """Un fichier absent annoncé comme abîmé."""
    with pytest.raises(FileNotFoundError, match="fichier absent"):
        read_entry(tmp_path / ENTRY)


def hand_in(classroom: Path, student: str, model: nn.Module) -> Path:
    folder = classroom / "rendus" / student / LAB
    folder.mkdir(parents=True)
    save_entry(model, folder / ENTRY, name=f"pseudo de {student}")
    return folder / ENTRY


def test_ranking_orders_the_class_and_tells_refusals(tmp_path: Path) -> None:
    """Un classement à l'envers, un refus caché, ou un fichier forgé qui gagne."""
    dead = network(BUDGET)
    with torch.no_grad():
        dead[4].weight.zero_()
    hand_in(tmp_path, "zoe", network(BUDGET))
    hand_in(tmp_path, "bob", dead)
    hand_in(tmp_path, "zac", network(BUDGET))
    hand_in(tmp_path, "ali", network(BUDGET - 100))
    rewrite(hand_in(tmp_path, "eve", dead), concurrent=claim(1.0))
    hand_in(tmp_path, "max", dead).write_bytes(b"")
    hand_in(tmp_path, "yan", dead).unlink()
    forgotten = hand_in(tmp_path, "leo", network(BUDGET - 200))
    remade = tmp_path / "corriges" / "leo" / LAB / ENTRY
    remade.parent.mkdir(parents=True)
    forgotten.rename(remade)
    rows = ranking(tmp_path)
    assert [(row[0], row[1]) for row in rows] == [
        ("1", "zac"),
        ("1", "zoe"),
        ("3", "ali"),
        ("4", "leo"),
        ("5", "bob"),
        ("", "eve"),
        ("", "max"),
        ("", "yan"),
    ]
    assert "attendu" in rows[-3][-1]
    assert "illisible" in rows[-2][-1]
    assert "fichier absent" in rows[-1][-1]
    with (tmp_path / RANKING).open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file, delimiter=";"))
    assert told[1]["pseudonyme"] == "pseudo de zoe"
    assert told[0]["poids"] == str(BUDGET)
    assert told[0]["test"].replace(",", ".") == str(
        round(100 * evaluate(network(BUDGET), load_digits().test).accuracy, 1)
    )


def test_ranking_without_files_says_where_to_put_them(tmp_path: Path) -> None:
    """Un classement vide écrit en silence."""
    with pytest.raises(Failure, match=r"aucun rendu du défi .* attendu par exemple"):
        ranking(tmp_path)
    assert not (tmp_path / RANKING).exists()
