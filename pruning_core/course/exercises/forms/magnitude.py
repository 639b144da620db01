"""Exercice à la main de la leçon 8.1.1."""

from __future__ import annotations

from pruning_core.course.exercises.forms.form import Form, Rule, count, same, within

BY_HAND = Form(
    ("indices des poids retirés",),
    (
        Rule(
            "Il faut retirer exactement k = 2 poids ; des trois qui sont à égalité, les deux de "
            "plus petit indice partent.",
            ((same(1, 2),),),
            right=True,
        ),
        Rule(
            "Vous retirez tous les poids qui ne dépassent pas un seuil : avec des égalités, cela "
            "en fait trop. Combien en demande-t-on exactement ?",
            ((same(1, 2, 4),), (same(2, 3, 5),)),
        ),
        Rule("Les indices commencent à 0 : recomptez-les.", ((same(2, 3),),)),
        Rule(
            "Les cinq poids ont pour indices 0, 1, 2, 3 et 4.",
            ((~within(0, 1, 2, 3, 4),),),
        ),
        Rule(
            "Ce n'est pas le bon nombre de poids. Calculez d'abord k, par l'arrondi de 0,4 × 5.",
            ((~count(2),),),
        ),
        Rule(
            "Ces poids sont bien parmi les plus petits, mais trois sont à égalité : relisez "
            "lequel part le premier à score égal.",
            ((within(1, 2, 4),),),
        ),
        Rule(
            "Vous comparez les poids avec leur signe ; le score est leur valeur absolue.",
            ((same(1, 3),),),
        ),
        Rule(
            "Ce sont les plus grandes magnitudes : celles-là, on les garde.",
            ((same(0, 3),),),
        ),
        Rule("On retire les plus petites valeurs absolues : écrivez les cinq scores."),
    ),
)
"""Les indices retirés à 40 % de (0,5 ; −0,1 ; 0,1 ; −0,7 ; 0,1)."""
