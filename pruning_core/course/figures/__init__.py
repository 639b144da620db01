"""Les figures du livre : un style, une couleur par méthode, des étiquettes sur les courbes.

Chaque fonction rend une `Figure` de Matplotlib ; rien n'est affiché ni enregistré ici.
"""

from pruning_core.course.figures.accuracy import accuracy_curves, accuracy_panels, accuracy_table
from pruning_core.course.figures.curvature import predicted_and_real, score_scatter
from pruning_core.course.figures.curves import named_curves
from pruning_core.course.figures.language import bits_curves, next_letter_picture
from pruning_core.course.figures.shuffles import batch_size_overlap, shuffle_dots
from pruning_core.course.figures.weights import (
    kept_by_pixel,
    layer_sparsity_bars,
    weight_histogram,
    weight_images,
)

__all__ = [
    "accuracy_curves",
    "accuracy_panels",
    "accuracy_table",
    "batch_size_overlap",
    "bits_curves",
    "kept_by_pixel",
    "layer_sparsity_bars",
    "named_curves",
    "next_letter_picture",
    "predicted_and_real",
    "score_scatter",
    "shuffle_dots",
    "weight_histogram",
    "weight_images",
]
