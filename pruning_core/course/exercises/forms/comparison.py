"""Exercice à la main de la leçon 8.1.4."""

from __future__ import annotations

from pruning_core.course.exercises.forms.form import Form, Rule, above, near

BY_HAND = Form(
    ("CSR", "carte de bits"),
    (
        Rule(
            "CSR paie une colonne de quatre octets par poids gardé ; la carte de bits, un "
            "trente-deuxième de la matrice, quelle que soit la sparsité.",
            ((near(0.5), near(1 / 32)),),
            right=True,
        ),
        Rule(
            "Les deux valeurs sont échangées : le premier nombre est celui de CSR.",
            ((near(1 / 32), near(0.5)),),
        ),
        Rule(
            "Donnez des proportions entre 0 et 1, et non des pour cent.",
            ((above(1), None), (None, above(1))),
        ),
        Rule(
            "CSR : vous comptez des indices de huit octets ; ici, ils en ont quatre.",
            ((near(2 / 3), None),),
        ),
        Rule(
            "CSR : écrivez les octets d'un poids gardé, valeur et colonne, fois la part gardée ; "
            "comparez à quatre octets par poids.",
            ((~near(0.5), None),),
        ),
        Rule(
            "Carte de bits : c'est bien cela, trop arrondi. Donnez trois décimales, ou une "
            "fraction.",
            ((None, near(1 / 32, 2e-3)),),
        ),
        Rule(
            "Carte de bits : c'est la part gardée ; on demande la sparsité.",
            ((None, near(31 / 32, 2e-3)),),
        ),
        Rule(
            "Carte de bits : vous oubliez la carte elle-même, un bit par poids.",
            ((None, near(0)),),
        ),
        Rule(
            "Carte de bits : vous comptez un octet par poids ; un bit suffit.",
            ((None, near(0.25)),),
        ),
        Rule("Carte de bits : comptez un bit par poids de la matrice, et les valeurs gardées."),
    ),
)
"""Les sparsités à partir desquelles CSR, puis la carte de bits, gagnent de la place."""
