"""Noter une question : chaque partie gagne ou perd ses points, et dit pourquoi."""

from __future__ import annotations

import sys
import warnings

import pytest
import torch

from pruning_core.exercises.marking import Marking, expect, forbid, same
from pruning_core.exercises.verdict import Hint


def test_parts_add_up_and_failures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Une partie manquée qui ferait perdre les autres, ou qui ne dirait rien."""
    marking = Marking()
    with marking.part(1.5, "juste"):
        pass
    with marking.part(2, "indice"):
        raise Hint("regardez le signe")
    with marking.part(1, "affirmation"):
        raise AssertionError("c'est trop")
    with marking.part(1, "erreur"):
        raise KeyError("w")
    with marking.part(0.5, "vide"):
        raise NotImplementedError
    assert marking.total() == 1.5
    assert capsys.readouterr().out.splitlines() == [
        "1,5 point sur 6",
        "  [1,5/1,5] juste",
        "  [0/2] indice : regardez le signe",
        "  [0/1] affirmation : c'est trop",
        "  [0/1] erreur : votre code s'arrête sur une erreur, KeyError : 'w'",
        "  [0/0,5] vide : pas encore de réponse.",
    ]


def test_a_silent_assertion_still_gets_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Une partie manquée sans message, comptée comme gagnée."""
    marking = Marking()
    with marking.part(1, "muette"):
        raise AssertionError
    assert marking.total() == 0
    assert "ce n'est pas le résultat attendu" in capsys.readouterr().out


def test_a_warning_costs_no_point(capsys: pytest.CaptureFixture[str]) -> None:
    """Une réponse juste mais bavarde : nbgrader lui compterait zéro."""
    marking = Marking()
    with marking.part(1, "bavarde"):
        warnings.warn("copie inutile", UserWarning, stacklevel=1)
        print("avancement", file=sys.stderr)
    assert marking.total() == 1
    assert capsys.readouterr().err == ""


def test_expect_names_the_mistake_then_shows_numbers() -> None:
    """Une erreur reconnue que l'on ne nomme pas."""
    expect(3, 3.0)
    with pytest.raises(Hint, match=r"^k = 2 : vous tronquez\.$"):
        expect(28, 29, {"vous tronquez": 28}, case="k = 2")
    with pytest.raises(Hint, match=r"reçu 5 ; attendu 29\.$"):
        expect(5, 29, {"vous tronquez": 28})
    with pytest.raises(Hint, match="ce n'est pas le résultat attendu"):
        expect([1], [2])


@pytest.mark.parametrize("blank", [None, ...])
def test_empty_answer_is_not_a_wrong_one(blank: object) -> None:
    """Une réponse vide prise pour une erreur."""
    with pytest.raises(NotImplementedError):
        expect(blank, 3)


ONES = torch.ones(2)


@pytest.mark.parametrize(
    ("found", "right", "verdict"),
    [
        (ONES, ONES + 1e-12, True),
        (ONES, ONES + 1e-3, False),
        (ONES, torch.ones(2, 1), False),
        (ONES, ONES.bool(), False),
        (ONES.bool(), ONES.bool(), True),
        ([1, 1], ONES, False),
        ({"a": ONES}, {"a": ONES}, True),
        ({"b": ONES}, {"a": ONES}, False),
        (ONES, {"a": ONES}, False),
        ((1, 2), [1, 2], True),
        ([1, 2, 3], [1, 2], False),
        (1, [1], False),
        (torch.tensor(2.0), 2, True),
        (2, torch.tensor(2.0), True),
        ("x", 2, False),
        (ONES, 1, False),
        (None, 1, False),
    ],
)
def test_same(found: object, right: object, verdict: bool) -> None:
    """Deux résultats différents confondus, ou deux arrondis distingués."""
    assert same(found, right) is verdict


def test_forbid_sees_calls_even_nested() -> None:
    """La fonction de bibliothèque rendue en guise de réponse."""

    def answer(values: list[int]) -> list[int]:
        return [sorted([v])[0] for v in values]

    forbid(answer, "max")
    with pytest.raises(Hint, match="vous appelez sorted"):
        forbid(answer, "max", "sorted")
    forbid(torch.nn.ReLU(), "sorted")
