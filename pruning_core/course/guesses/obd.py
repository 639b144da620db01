"""Les pronostics de la leçon 8.1.3, OBD."""

from __future__ import annotations

from pruning_core.course.guesses.question import Question, Scale

QUESTIONS = {
    "obd-inverse": Question(
        asked=(
            "À 70\u00a0%, OBD garde 87,8\u00a0% d’exactitude. Et la formule inversée, w² "
            "/ (2 H)\u00a0?"
        ),
        answer=Scale(),
        truth=9.4,
        belief="w² / (2 H) vaut bien ½ H w²",
    ),
    "obd-fisher": Question(
        asked=(
            "À 90\u00a0%, OBD garde 37,5\u00a0% d’exactitude avec la GGN. Et avec la "
            "Fisher empirique\u00a0?"
        ),
        answer=Scale(),
        truth=27.6,
        belief="la Fisher empirique est la hessienne",
    ),
}
