"""La vérification des exercices : la bonne réponse passe, chaque erreur typique a son indice."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from pruning_core import magnitude_scores
from pruning_core.course.exercises import EXERCISES, assess, check, comparison
from tests.course.answers import RIGHT, WRONG


@pytest.fixture(autouse=True)
def one_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un réseau au lieu de cinq : entraîner les autres prendrait vingt secondes."""
    monkeypatch.setattr(comparison, "SEEDS", range(1))


def raising(*arguments):
    raise RuntimeError("forme inattendue")


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answer_is_accepted(exercise: str, answer) -> None:
    """Une bonne réponse est acceptée, et sa raison donnée."""
    verdict = assess(exercise, answer)
    assert verdict.right, verdict.message
    assert verdict.message.startswith("Juste. ")
    assert len(verdict.message) > 40


@pytest.mark.parametrize(("exercise", "answer", "expected"), WRONG)
def test_typical_mistake_gets_its_own_hint(exercise: str, answer, expected: str) -> None:
    """Chaque erreur typique est refusée, avec l'indice qui la nomme."""
    verdict = assess(exercise, answer)
    assert not verdict.right
    assert verdict.message.startswith("Pas encore. ")
    assert expected in verdict.message


@pytest.mark.parametrize(
    ("leads", "told"),
    [
        ([0.10, 0.12], "11,0 ± 1,0, devant"),
        ([-0.10, -0.12], "−11,0 ± 1,0, derrière"),
        ([-0.10, 0.14], "2,0 ± 12,0, on ne peut pas conclure"),
    ],
)
def test_own_score_is_told_beside_its_spread(leads: list[float], told: str, monkeypatch) -> None:
    """Un score inventé ne bat la magnitude que de plus d'un écart type."""
    monkeypatch.setattr(comparison, "SEEDS", range(2))
    monkeypatch.setattr(comparison, "trained_digits_mlp", lambda seed: seed)
    monkeypatch.setattr(comparison, "_scores_of", lambda function, model: "own")
    monkeypatch.setattr(comparison, "magnitude_scores", lambda model: "magnitude")
    monkeypatch.setattr(
        comparison,
        "_validated",
        lambda model, scores, sparsity: leads[model] if scores == "own" else 0.0,
    )
    message = assess("comparaison-ouvert", magnitude_scores).message
    assert f"à 80 %, {told} ; à 90 %, {told}." in message.replace("\u00a0", " ")


CODE = [exercise for exercise in EXERCISES if exercise.endswith(("-code", "-inverse", "-ouvert"))]
ODD = [
    3,
    -1.5,
    math.inf,
    "texte",
    True,
    [],
    {},
    {"0.weight": 2},
    (1, "a"),
    (1, 2, 3),
    [[1, 2], [3]],
    [math.inf, math.nan],
    1j,
    torch.ones(2, 3),
    torch.tensor([True, False]),
    np.arange(3),
    object(),
    str,
]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_odd_answer_never_raises(exercise: str) -> None:
    """Une réponse inattendue est refusée sans lever d'erreur."""
    for odd in ODD:
        assert not assess(exercise, odd).right


@pytest.mark.parametrize("exercise", CODE)
def test_odd_result_never_raises(exercise: str) -> None:
    """Une fonction qui rend n'importe quoi est refusée sans lever d'erreur."""
    for odd in ODD:
        assert not assess(exercise, lambda *arguments, odd=odd: odd).right


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("blank", [..., None, (..., ...), {"0.weight": ...}])
def test_untouched_answer_is_asked_for(exercise: str, blank) -> None:
    """Une cellule pas encore remplie se voit demander une réponse."""
    assert assess(exercise, blank).message == "Remplacez ... par votre réponse."


@pytest.mark.parametrize("exercise", CODE)
def test_empty_function_is_asked_for(exercise: str) -> None:
    """Une fonction pas encore écrite se voit demander une réponse."""
    message = assess(exercise, lambda *arguments: None).message
    assert message.startswith("Remplacez ... par votre réponse : ")


@pytest.mark.parametrize("exercise", CODE)
def test_error_in_the_answer_is_told(exercise: str) -> None:
    """L'erreur que lève une réponse est dite dans le verdict."""
    verdict = assess(exercise, raising)
    assert not verdict.right
    assert "RuntimeError : forme inattendue" in verdict.message


def test_unknown_exercise_lists_the_known_ones() -> None:
    """Un exercice inconnu se refuse en citant les autres."""
    with pytest.raises(ValueError, match=r"reçu 'magnitude' ; attendu l'un de \['magnitude-main'"):
        check("magnitude", [1, 2])


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_answer_prints_one_same_line(exercise: str, capsys) -> None:
    """Une bonne réponse imprime son seul message, toujours le même."""
    answer = next(answer for name, answer in RIGHT if name == exercise)
    printed = []
    for _ in range(2):
        torch.rand(3)  # la sortie ne dépend pas du hasard global
        check(exercise, answer)
        printed.append(capsys.readouterr())
    assert printed[0] == printed[1] == (assess(exercise, answer).message + "\n", "")


def test_global_random_state_is_left_alone() -> None:
    """Vérifier ne tire rien du hasard du carnet."""
    before = torch.get_rng_state()
    for exercise, answer in RIGHT:
        assess(exercise, answer)
    assert torch.equal(torch.get_rng_state(), before)
