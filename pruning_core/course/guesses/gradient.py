"""Les pronostics de la leçon 8.1.2."""

from __future__ import annotations

from pruning_core.course.guesses.question import Question, Scale

QUESTIONS = {
    "gradient-90": Question(
        asked=(
            "À 90\u00a0%, combien de points d’exactitude le gradient par lots gagne-t-il,"
            " ou perd-il, sur la magnitude\u00a0?"
        ),
        answer=Scale(-40, 40, unit="points"),
        truth=-10.4,
        belief="le gradient, qui lit les données, bat la magnitude",
    ),
    "gradient-minimum": Question(
        asked=(
            "Au minimum de la perte, un poids vaut 3, et son gradient est nul. De combien"
            " la perte monte-t-elle si on le retire\u00a0?"
        ),
        answer=Scale(unit="", digits=0),
        truth=45,
        belief="un gradient petit dit qu’un poids est inutile",
    ),
}
