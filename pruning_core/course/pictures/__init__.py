"""Les images que l'on bouge : une idée chacune, dans Jupyter et sur la page publiée."""

from pruning_core.course.pictures.bowl import Bowl

__all__ = ["Bowl"]
