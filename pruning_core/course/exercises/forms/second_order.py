"""Exercice à la main de la leçon 8.1.3, OBS."""

from __future__ import annotations

from pruning_core.course.exercises.forms.form import Form, Rule, Test, near, size


def _moved(value: float) -> tuple[tuple[Test, Test], ...]:
    """Un bon choix, et cette valeur du voisin, au signe près."""
    return (near(0), size(value)), (near(1), size(value))


BY_HAND = Form(
    ("indice retiré", "nouvelle valeur du voisin"),
    (
        # Par symétrie, retirer l'un ou l'autre des deux premiers poids convient.
        Rule(
            "Les deux premières entrées sont presque identiques et leurs poids s'opposaient : sans "
            "l'une, l'autre ne sert presque plus.",
            ((near(0), near(-0.05)), (near(1), near(0.05))),
            right=True,
        ),
        Rule(
            "Les indices commencent à 0 : comptez-vous bien ainsi ? Si oui, c'est le signe : d'où "
            "part le voisin ?",
            ((near(1), near(-0.05)), (near(2), near(0.05))),
        ),
        Rule(
            "C'est le choix d'OBD, qui ne regarde que la diagonale. Quel poids un autre peut-il "
            "remplacer ?",
            ((near(2), None),),
        ),
        Rule(
            "Le voisin bouge dans le mauvais sens : refaites le signe de la compensation, w ayant "
            "ici des signes opposés.",
            _moved(1.95),
        ),
        Rule(
            "La grandeur est bonne, pas le signe : d'où part le voisin ?",
            _moved(0.05),
        ),
        Rule(
            "C'est le déplacement du voisin ; on demande sa nouvelle valeur.",
            _moved(0.95),
        ),
        Rule("Votre voisin ne bouge pas : il doit compenser le poids retiré.", _moved(1)),
        Rule(
            "Le poids est bien choisi. Appliquez δw à son voisin, puis ajoutez sa valeur.",
            ((near(0), None), (near(1), None)),
        ),
        Rule("Les trois poids ont pour indices 0, 1 et 2."),
    ),
)
"""L'indice du poids qu'OBS retire et la nouvelle valeur de son voisin, w = (1, −1, 1)."""
