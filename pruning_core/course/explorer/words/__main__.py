"""Refait le fichier de données : ``python -m pruning_core.course.explorer.words``."""

from pruning_core.course.explorer.words.building import write_built

write_built()
