"""Le classement du défi : chaque fichier est mesuré de nouveau, et un refus dit pourquoi."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from pruning_core.course.classroom import Classroom, ClassroomError
from pruning_core.course.classroom.ranking import rank, ranking
from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.challenge import ENTRY
from pruning_core.course.exercises.challenges import DIGITS, WORDS
from pruning_core.course.words.transformer import WordTransformer
from pruning_core.evaluation import evaluate
from tests.classroom.trial import classroom
from tests.course.challenge import claim, network, rewrite


def test_pseudonym_is_no_formula(tmp_path: Path) -> None:
    """Un pseudonyme tient en une courte ligne, que le tableur n'exécute pas."""
    path = tmp_path / "rendus" / "eve" / DIGITS.lab / ENTRY
    path.parent.mkdir(parents=True)
    for name, shown in (
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("a\nb " * 30, ("a b " * 30)[:40]),
    ):
        DIGITS.save(network(DIGITS.budget), path, name=name)
        assert ranking(classroom(tmp_path))[0].pseudonyme == shown


def hand_in(room: Classroom, student: str, model: nn.Module) -> Path:
    folder = room.submitted / student / DIGITS.lab
    folder.mkdir(parents=True)
    DIGITS.save(model, folder / ENTRY, name=f"pseudo de {student}")
    return folder / ENTRY


def test_ranking_orders_the_class_and_tells_refusals(tmp_path: Path) -> None:
    """Le meilleur est premier, les ex æquo ont un rang, les refusés une raison."""
    room = classroom(tmp_path)
    dead = network(DIGITS.budget)
    with torch.no_grad():
        dead[4].weight.zero_()
    hand_in(room, "zoe", network(DIGITS.budget))
    hand_in(room, "bob", dead)
    hand_in(room, "zac", network(DIGITS.budget))
    hand_in(room, "ali", network(DIGITS.budget - 100))
    rewrite(hand_in(room, "eve", dead), concurrent=claim(1.0))
    hand_in(room, "max", dead).write_bytes(b"")
    hand_in(room, "yan", dead).unlink()
    forgotten = hand_in(room, "leo", network(DIGITS.budget - 200))
    remade = room.graded / "leo" / DIGITS.lab / ENTRY
    remade.parent.mkdir(parents=True)
    forgotten.rename(remade)
    rows = ranking(room)
    assert [(row.rang, row.eleve) for row in rows] == [
        ("1", "zac"),
        ("1", "zoe"),
        ("3", "ali"),
        ("4", "leo"),
        ("5", "bob"),
        ("", "eve"),
        ("", "max"),
        ("", "yan"),
    ]
    assert "attendu" in rows[-3].refus
    assert "illisible" in rows[-2].refus
    assert "fichier absent" in rows[-1].refus
    with room.ranking.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file, delimiter=";"))
    assert told[1]["pseudonyme"] == "pseudo de zoe"
    assert told[0]["poids"] == str(DIGITS.budget)
    assert told[0]["test"].replace(",", ".") == str(
        round(100 * evaluate(network(DIGITS.budget), load_digits().test).accuracy, 1)
    )


def test_each_challenge_has_its_ranking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Les deux défis se suivent, chacun avec ses rangs et son unité ; le moins de bits gagne."""
    # Des modèles minuscules, et une mesure qui ne lit pas les mots.
    words = replace(
        WORDS,
        network=lambda: WordTransformer(8, 1, 1),
        validation=lambda model: 2.0,
        test=lambda model: 2.0 + model.scores.bias[0].item(),
    )
    monkeypatch.setattr("pruning_core.course.classroom.ranking.CHALLENGES", (DIGITS, words))
    room = classroom(tmp_path)
    hand_in(room, "ada", network(DIGITS.budget))
    for student, bias in (("ada", 1.0), ("bob", 0.5)):
        model = WordTransformer(8, 1, 1)
        torch.nn.init.constant_(model.scores.bias, bias)
        path = room.submitted / student / words.lab / ENTRY
        path.parent.mkdir(parents=True)
        words.save(model, path, name=student)
    rank(room)
    printed = capsys.readouterr().out
    assert "     1  bob : 2,500 bits par lettre sur le test, 2,000 bits" in printed
    with room.ranking.open(encoding="utf-8-sig", newline="") as file:
        rows = [
            (row["tp"], row["rang"], row["eleve"]) for row in csv.DictReader(file, delimiter=";")
        ]
    assert rows == [
        (DIGITS.lab, "1", "ada"),
        (words.lab, "1", "bob"),
        (words.lab, "2", "ada"),
    ]


def test_ranking_without_files_says_where_to_put_them(tmp_path: Path) -> None:
    """Sans fichier rendu, l'erreur dit où les mettre, et rien n'est écrit."""
    room = classroom(tmp_path)
    with pytest.raises(ClassroomError, match=r"aucun rendu d'un défi .* attendu par exemple"):
        ranking(room)
    assert not room.ranking.exists()
