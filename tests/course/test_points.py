"""Noter une question : chaque partie gagne ou perd ses points, et dit pourquoi."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Any

import pytest
import torch
from torch import nn

from pruning_core.course.exercises.points import (
    Marking,
    expect,
    forbid,
    restore_builtins,
    same,
    tensor,
)
from pruning_core.course.exercises.verdict import Hint


def cell(text: str) -> Any:
    """La fonction `answer` d'une autre cellule du carnet."""
    exec(compile(text, "<cellule de l'élève>", "exec"), globals())
    return globals()["answer"]


def test_parts_add_up_and_failures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Chaque partie gagne ou perd ses seuls points, et une partie manquée dit pourquoi."""
    marking = Marking()
    with marking.part(1.5, "juste"):
        pass
    with marking.part(2, "indice"):
        raise Hint("regardez le signe")
    with marking.part(1, "affirmation"):
        raise AssertionError("c'est trop")
    with marking.part(1, "erreur"):
        cell("def answer(w): return w['b']")({})
    with marking.part(0.5, "vide"):
        cell("def answer(): raise NotImplementedError('remplacez')")()
    assert marking.total() == 1.5
    assert capsys.readouterr().out.splitlines() == [
        "1,5 point sur 6",
        "  [1,5/1,5] juste",
        "  [0/2] indice : regardez le signe",
        "  [0/1] affirmation : c'est trop",
        "  [0/1] erreur : votre code s'arrête sur une erreur, KeyError : 'b'",
        "  [0/0,5] vide : pas encore de réponse.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def answer(w): w.sum()", "votre fonction ne rend rien (None) : il manque return"),
        ("def answer(w): return 3", "le test ne sait pas lire ce que rend votre fonction"),
        ("def answer(w): assert False", "votre code s'arrête sur une erreur, AssertionError"),
        ("def answer(w): exit(0)", "votre code s'arrête sur une erreur, SystemExit"),
        ("def answer(w): return list(range(9))[w.no]", "s'arrête sur une erreur, AttributeError"),
        (
            "class Refusal(NotImplementedError): pass\ndef answer(w): raise Refusal('non')",
            "votre code s'arrête sur une erreur, Refusal : non",
        ),
    ],
)
def test_an_error_is_laid_at_the_right_door(
    capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    """Une erreur du code de l'élève lui est imputée, une erreur du test non."""
    marking = Marking()
    with marking.part(1, "la forme"):
        assert cell(text)(torch.ones(2)).shape == (2,)
    assert marking.total() == 0
    assert told in capsys.readouterr().out


def test_a_missing_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Un nom jamais défini se dit : sa cellule manque."""
    marking = Marking()
    with marking.part(1, "absente"):
        never_written()  # type: ignore[name-defined]  # noqa: F821
    marking.total()
    assert "never_written n'existe pas : sa cellule manque" in capsys.readouterr().out


def test_a_silent_assertion_still_gets_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Une partie manquée sans message perd ses points et reçoit une raison."""
    marking = Marking()
    with marking.part(1, "muette"):
        raise AssertionError
    assert marking.total() == 0
    assert "ce n'est pas le résultat attendu" in capsys.readouterr().out


def test_a_warning_costs_no_point(capsys: pytest.CaptureFixture[str]) -> None:
    """Une réponse juste mais bavarde garde ses points, sans rien sur la sortie d'erreur."""
    marking = Marking()
    with marking.part(1, "bavarde"):
        warnings.warn("copie inutile", UserWarning, stacklevel=1)
        print("avancement", file=sys.stderr)
        print("valeur intermédiaire")
    assert marking.total() == 1
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.startswith("1 point sur 1")


def test_expect_names_the_mistake_then_shows_numbers() -> None:
    """Une erreur reconnue est nommée ; une autre montre ce qui est reçu et attendu."""
    expect(3, 3.0)
    with pytest.raises(Hint, match=r"^k = 2 : vous tronquez\.$"):
        expect(28, 29, {"vous tronquez": 28}, case="k = 2")
    with pytest.raises(Hint, match=r"reçu 5 ; attendu 29\.$"):
        expect(5, 29, {"vous tronquez": 28})
    with pytest.raises(Hint, match="ce n'est pas le résultat attendu"):
        expect([1], [2])


KEPT = torch.tensor([True, False, True])


@pytest.mark.parametrize(
    ("found", "right", "told"),
    [
        (None, 3, "ne rend rien (None) : il manque return"),
        ([KEPT], {"a": KEPT}, "reçu un objet de type list ; attendu un dictionnaire"),
        ({"b": KEPT}, {"a": KEPT}, "reçu les noms ['b'] ; attendu ['a']"),
        ({"a": ~KEPT}, {"a": KEPT}, "a : vous retirez 2 poids sur 3 ; attendu 1"),
        (KEPT.roll(1), KEPT, "vous retirez bien 1 poids sur 3, mais pas les bons"),
        (KEPT.long(), KEPT, "reçu un tenseur de type torch.int64 ; attendu des booléens"),
        (KEPT[None], KEPT, "reçu la forme [1, 3] ; attendu [3]"),
        (3, KEPT, "reçu un objet de type int ; attendu un tenseur"),
        (KEPT.double(), 2 * KEPT.double(), "ce n'est pas le résultat attendu"),
        (KEPT, [1, 0, 1], "reçu un objet de type Tensor ; attendu une liste"),
        ([1, 0], [1, 0, 1], "reçu une liste de longueur 2 ; attendu 3"),
        ([1, 0], [0, 1], "ce n'est pas le résultat attendu"),
    ],
)
def test_a_difference_is_told(found: object, right: object, told: str) -> None:
    """Chaque retour dit en quoi le résultat diffère."""
    with pytest.raises(Hint, match=f"^k = 2 : |^{re.escape('votre fonction')}") as caught:
        expect(found, right, case="k = 2")
    assert told in str(caught.value)


def test_tensor_refuses_what_is_not_one() -> None:
    """Ce qui n'est pas un tenseur de la bonne forme se refuse."""
    assert tensor(ONES, torch.zeros(2)) is ONES
    for found, told in ((None, "rien"), (2.0, "type float"), (ONES[None], r"forme \[1, 2\]")):
        with pytest.raises(Hint, match=told):
            tensor(found, ONES)


def test_builtins_taken_as_variables_are_restored() -> None:
    """Un `sum = 0` de l'élève est effacé ; sa fonction `round` reste."""
    names = {"sum": 0, "list": [1], "round": torch.round, "w": 3, "__name__": "carnet"}
    restore_builtins(names)
    assert names == {"round": torch.round, "w": 3, "__name__": "carnet"}


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
    """Deux résultats sont les mêmes à l'arrondi près, à forme et type égaux."""
    assert same(found, right) is verdict


def test_forbid_sees_calls_even_nested() -> None:
    """Un appel interdit se voit, même imbriqué."""

    def answer(values: list[int]) -> list[int]:
        return [sorted([v])[0] for v in values]

    forbid(answer, "max")
    with pytest.raises(Hint, match="vous appelez sorted"):
        forbid(answer, "max", "sorted")
    forbid(torch.nn.ReLU(), "sorted")


def test_forbid_lets_a_method_of_the_model_be() -> None:
    """La méthode `model.train()` reste permise quand la fonction `train` est interdite."""

    def method(model: nn.Module) -> None:
        model.train()

    def function(model: nn.Module) -> None:
        train(model)  # type: ignore[name-defined]  # noqa: F821

    forbid(method, "train")
    with pytest.raises(Hint, match="vous appelez train"):
        forbid(function, "train")
