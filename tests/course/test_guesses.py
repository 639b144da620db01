"""Prédire, puis voir : ce que dit le catalogue, et ce que montre chaque élément."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup

from pruning_core.course.explorer import lasting
from pruning_core.course.guesses import Guess, Guesses, Outcome
from pruning_core.course.guesses.catalogue import QUESTIONS
from pruning_core.course.guesses.question import Choices, Question, Scale

NUMBER = next(key for key, one in QUESTIONS.items() if isinstance(one.answer, Scale))
CHOICE = next(key for key, one in QUESTIONS.items() if isinstance(one.answer, Choices))


def shown(element: Guess | Outcome | Guesses) -> BeautifulSoup:
    data, _ = element._repr_mimebundle_()
    return BeautifulSoup(data["text/html"], "html.parser")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_each_question_can_be_answered_right(question: Question) -> None:
    """La bonne réponse est parmi celles que l'on peut donner, et ne se devine pas au bord."""
    if isinstance(question.answer, Scale):
        assert isinstance(question.truth, (int, float))
        assert question.answer.low < question.truth < question.answer.high
        middle = (question.answer.low + question.answer.high) / 2
        assert abs(question.truth - middle) > question.answer.step  # où le curseur attend
    else:
        assert question.truth in question.answer.options
    assert question.asked and question.belief


def test_a_question_does_not_hold_its_answer() -> None:
    """Ni le texte, ni les données d'une question ne disent ce que l'on mesurera."""
    question = QUESTIONS[NUMBER]
    page = shown(Guess(NUMBER))
    assert question.told(question.truth) not in page.get_text()
    assert "truth" not in json.loads(page.script.get_text())  # type: ignore[union-attr]


def test_without_javascript_the_measure_is_read() -> None:
    """Sans script, la mesure et la question se lisent ; le bilan en a une ligne par question."""
    question = QUESTIONS[NUMBER]
    assert question.told(question.truth) in shown(Outcome(NUMBER, question.truth)).get_text()
    assert len(shown(Guesses()).select("tbody tr")) == len(QUESTIONS)


@pytest.mark.parametrize(("key", "wrong"), [(NUMBER, 50.04), (CHOICE, "autre"), (CHOICE, 3)])
def test_a_measure_that_differs_is_refused(key: str, wrong: float | str) -> None:
    """Une leçon ne peut pas mesurer autre chose que ce que dit le bilan."""
    with pytest.raises(ValueError, match=r"reçu .* attendu .*catalogue"):
        Outcome(key, wrong)


def test_a_measure_is_compared_as_it_is_shown() -> None:
    """Ce qui s'écrit pareil est la même mesure ; un dixième de plus ne l'est pas."""
    question = Question("?", Scale(), 19.7, "?")
    question.check(19.7451)
    question.check(19.6501)
    with pytest.raises(ValueError, match="reçu"):
        question.check(19.76)


def test_an_unknown_question_lists_the_known_ones() -> None:
    """Une clé inconnue dit celles qui existent."""
    with pytest.raises(ValueError, match=f"reçu 'rien' .*{NUMBER}"):
        Guess("rien")


def test_a_guess_leaves_its_text_without_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dans Jupyter, la question est une sortie, sa vue vivante une autre."""
    outputs: list[dict[str, str]] = []
    monkeypatch.setattr(lasting, "publish_display_data", lambda data, *_: outputs.append(data))
    Guess(NUMBER)._ipython_display_()
    static, view = outputs
    assert set(static) == {"text/html", "text/plain"}
    assert "application/vnd.jupyter.widget-view+json" in view
    assert ".jp-OutputArea-child:has(lesson-guess)" in static["text/html"]
