"""Les expériences des leçons : trop longues pour un carnet, calculées par `make experiences`.

Un module par expérience, avec une fonction `run(graines) -> DataFrame` ; les tableaux livrés se
lisent par `read_table`.
"""

from pruning_core.course.experiments.tables import read_conditions, read_table, table_names

__all__ = ["read_conditions", "read_table", "table_names"]
