"""Exercice à la main de la leçon 8.1.5."""

from __future__ import annotations

from pruning_core.course.exercises.forms.form import Form, Rule, near

_ROUGH = 6e-3  # un logarithme se lit à deux décimales


def _bits(value: float, told: str, tolerance: float = 5e-4) -> Rule:
    return Rule(told, ((near(value, tolerance), None),))


BY_HAND = Form(
    ("bits par lettre", "nombre de lettres équiprobables"),
    (
        Rule(
            "La fin du mot, jugée improbable, coûte à elle seule six bits : une seule grosse "
            "surprise pèse plus que deux lettres bien prévues.",
            ((near(3), near(8)),),
            right=True,
        ),
        Rule("Les deux valeurs sont échangées : les bits d'abord.", ((near(8), near(3)),)),
        _bits(9, "C'est le total du mot : divisez par le nombre de lettres prédites."),
        _bits(
            4.5,
            "Vous divisez par deux : la fin du mot se prédit aussi, et compte comme une lettre.",
        ),
        _bits(
            1.5, "Vous oubliez la fin du mot : elle se prédit aussi, et compte comme une lettre."
        ),
        _bits(
            -3, "Le signe : le logarithme d'une probabilité est négatif, les bits sont positifs."
        ),
        _bits(
            2.0794,
            "C'est en logarithme népérien (des nats) : les bits prennent le log en base 2.",
            _ROUGH,
        ),
        _bits(
            0.9031,
            "C'est en logarithme décimal : les bits prennent le logarithme en base 2.",
            _ROUGH,
        ),
        _bits(
            1.9699,
            "Vous prenez le log de la moyenne des chances ; il faut la moyenne des logs.",
            _ROUGH,
        ),
        _bits(
            0.2552,
            "C'est la moyenne des chances : prenez −log₂ de chacune, puis la moyenne.",
            _ROUGH,
        ),
        Rule(
            "Prenez −log₂ de chacune des trois probabilités, puis la moyenne.",
            ((~near(3), None),),
        ),
        Rule(
            "C'est pour le mot entier. Combien de lettres équiprobables donnent 3 bits par "
            "lettre ?",
            ((None, near(512)),),
        ),
        Rule(
            "C'est le carré des bits ; il faut la puissance de 2 qu'ils donnent.",
            ((None, near(9)),),
        ),
        Rule("Les bits sont justes. Entre n lettres équiprobables, on paie log₂ n bits."),
    ),
)
"""Les bits par lettre et le nombre de lettres équiprobables : chances 1/4, 1/2, 1/64."""

_CHANGES, _SAME = 0, 1

SCALES = Form(
    (
        "une entrée, magnitude",
        "une entrée, Wanda",
        "un neurone, magnitude dans toute la couche",
        "un neurone, Wanda",
    ),
    (
        Rule(
            "Wanda ne voit pas l'échelle d'une entrée, que le poids compense, ni celle d'un "
            "neurone, qui ne se compare qu'à lui-même. La magnitude voit les deux.",
            ((near(_CHANGES), near(_SAME), near(_CHANGES), near(_SAME)),),
            right=True,
        ),
        Rule(
            "Une entrée, magnitude : les poids qui la lisent deviennent cent fois plus petits. "
            "Lesquels retire-t-on alors d'abord ?",
            ((near(_SAME), None, None, None),),
        ),
        Rule(
            "Une entrée, Wanda : écrivez le produit |w| · ‖x‖ avant et après. Que devient-il ?",
            ((None, near(_CHANGES), None, None),),
        ),
        Rule(
            "Un neurone, magnitude : dans toute la couche, ses poids se comparent à ceux des "
            "autres neurones, qui n'ont pas bougé.",
            ((None, None, near(_SAME), None),),
        ),
        Rule(
            "Un neurone, Wanda : il compare les poids d'un neurone entre eux. Cent fois plus "
            "grands tous ensemble, se rangent-ils autrement ?"
        ),
    ),
    options=("changent", "ne changent pas"),
)
"""Ce que deviennent les masques quand on change l'échelle d'une entrée, puis d'un neurone."""
