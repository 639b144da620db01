"""Les pronostics de la leçon 8.1.4."""

from __future__ import annotations

from pruning_core.course.guesses.question import Choices, Question, Scale

QUESTIONS = {
    "comparaison-couche": Question(
        asked=(
            "À 80\u00a0%, sur cinq réseaux, les masques par couche laissent en moyenne 47,8\u00a0%"
            " d’exactitude. Et si la dernière couche, seule, garde ceux du choix global, 68 poids"
            " de plus\u00a0?"
        ),
        answer=Scale(),
        truth=76.2,
        belief="68 poids sur 6\u202f464 ne pèsent guère",
    ),
    "comparaison-affinage": Question(
        asked=(
            "À 95\u00a0%, après deux cents époques d’affinage, toutes après l’élagage, combien de"
            " points séparent encore le meilleur critère du moins bon, hasard mis à part\u00a0?"
        ),
        answer=Scale(0, 50, unit="points"),
        truth=15.0,
        belief="l’affinage rend tous les critères égaux",
    ),
    "comparaison-moitie": Question(
        asked="À 50\u00a0% de zéros épars, le produit creux va, par rapport au dense…",
        answer=Choices(("deux fois plus vite", "aussi vite", "moins vite")),
        truth="moins vite",
        belief="la moitié des poids, c’est la moitié du temps",
    ),
    "comparaison-vitesse": Question(
        asked="À 90\u00a0% de zéros épars, sur un lot de 64, le produit creux va…",
        answer=Choices(
            ("dix fois plus vite", "cinq fois plus vite", "moins de trois fois plus vite")
        ),
        truth="moins de trois fois plus vite",
        belief="90\u00a0% de zéros, c’est dix fois plus vite",
    ),
}
