"""Les pronostics de la leçon 8.1.3, OBS."""

from __future__ import annotations

from pruning_core.course.guesses.question import Choices, Question, Scale

QUESTIONS = {
    "obs-90": Question(
        asked=(
            "À 90\u00a0%, OBD, qui ne lit que la diagonale, garde 60,8\u00a0% d’exactitude en "
            "quinze petits pas. Et OBS, par petits pas lui aussi\u00a0?"
        ),
        answer=Scale(),
        truth=93.9,
        belief="la diagonale de la courbure suffit",
    ),
    "obs-cout": Question(
        asked=(
            "Élaguer par OBS à 90\u00a0%, plutôt qu’élaguer par magnitude et affiner "
            "quinze époques, prend…"
        ),
        answer=Choices(("cent fois plus de temps", "dix fois plus", "moins de cinq fois plus")),
        truth="moins de cinq fois plus",
        belief="le second ordre coûte trop cher",
    ),
}
