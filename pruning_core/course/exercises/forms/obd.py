"""Exercice à la main de la leçon 8.1.3, OBD."""

from __future__ import annotations

from pruning_core.course.exercises.forms.form import Form, Rule, near

BY_HAND = Form(
    ("indice retiré", "coût annoncé"),
    (
        Rule(
            "Le plus grand des trois poids part le premier : la perte n'est presque pas courbée "
            "dans sa direction.",
            ((near(0), near(2.25)),),
            right=True,
        ),
        Rule("Il manque le facteur ½.", ((near(0), near(4.5)),)),
        Rule("Le poids entre au carré dans le coût.", ((near(0), near(0.75)),)),
        Rule(
            "Le poids est bien choisi. Le coût multiplie par la courbure ; vous divisez.",
            ((near(0), near(9)),),
        ),
        Rule(
            "C'est la formule inversée : elle divise par la courbure, et retire un poids qui en "
            "coûte 4.",
            ((near(1), near(0.0625)),),
        ),
        Rule(
            "C'est le plus petit poids, donc le choix de la magnitude. Calculez les trois "
            "saillances.",
            ((near(1), None),),
        ),
        Rule(
            "Les indices commencent à 0, et ce poids-là coûte 6 : comparez les trois saillances.",
            ((near(2), None),),
        ),
        Rule("Le poids est bien choisi. Écrivez ½ H w² pour lui.", ((near(0), None),)),
        Rule("Les trois poids ont pour indices 0, 1 et 2."),
    ),
)
"""L'indice du poids qu'OBD retire et son coût, w = (3, 1, −2), H = (0,5 ; 8 ; 3)."""
