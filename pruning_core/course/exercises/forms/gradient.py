"""Exercice à la main de la leçon 8.1.2."""

from __future__ import annotations

from pruning_core.course.exercises.forms.form import Form, Rule, near

BY_HAND = Form(
    ("par lots de 1", "par un lot de 2"),
    (
        Rule(
            "Par lots de 1, on moyenne des valeurs absolues ; dans un lot de 2, les gradients "
            "opposés se compensent avant la valeur absolue.",
            ((near(2), near(0)),),
            right=True,
        ),
        Rule(
            "Les deux valeurs sont échangées : où les gradients se compensent-ils ?",
            ((near(0), near(2)),),
        ),
        Rule(
            "Par lots de 1, la valeur absolue se prend lot par lot, avant la moyenne : rien ne "
            "s'y compense.",
            ((near(0), None),),
        ),
        Rule(
            "Il manque le facteur |w| : la saillance est |w| fois le gradient.",
            ((near(1), None),),
        ),
        Rule(
            "Vous additionnez les deux lots : la saillance en est la moyenne.",
            ((near(4), None),),
        ),
        Rule(
            "La première valeur est bonne. Pour un lot de 2, le gradient du lot est la moyenne des "
            "gradients : quelle est-elle ?",
            ((near(2), None),),
        ),
        Rule("Écrivez |w| × moyenne des |gradient du lot|, avec deux lots, puis avec un seul."),
    ),
)
"""La saillance par lots de 1, puis par un lot de 2 : w = 2, gradients +1 et −1."""
