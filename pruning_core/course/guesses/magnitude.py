"""Les pronostics de la leçon 8.1.1."""

from __future__ import annotations

from pruning_core.course.guesses.question import Question, Scale

QUESTIONS = {
    "magnitude-80": Question(
        asked=(
            "On retire les 80\u00a0% des poids les plus petits, sans réentraîner. Dense, "
            "le réseau répond juste à 96,4\u00a0%. Et maintenant\u00a0?"
        ),
        answer=Scale(),
        truth=78.7,
        belief="les petits poids ne servent à rien",
    ),
    "magnitude-masque": Question(
        asked=(
            "On met 90\u00a0% des poids à zéro, puis on fait un pas d’Adam. Combien de "
            "zéros reste-t-il\u00a0?"
        ),
        answer=Scale(),
        truth=19.7,
        belief="un masque posé une fois tient",
    ),
    "magnitude-jumeau": Question(
        asked=(
            "Un réseau jumeau calcule la même fonction, avec d’autres échelles de couche."
            " Élagué à 70\u00a0%, l’original garde 87,3\u00a0% d’exactitude. Et "
            "lui\u00a0?"
        ),
        answer=Scale(),
        truth=9.4,
        belief="classer toutes les couches ensemble est équitable",
    ),
}
