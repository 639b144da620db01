"""Les classes du chapitre 8.1, minces, au-dessus des fonctions."""

from pruning_core.chapter.gradient import GradientBasedPruning
from pruning_core.chapter.magnitude import MagnitudePruning
from pruning_core.chapter.second_order import SecondOrderPruning

__all__ = ["GradientBasedPruning", "MagnitudePruning", "SecondOrderPruning"]
