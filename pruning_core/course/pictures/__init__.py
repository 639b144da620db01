"""Les images que l'on bouge : une idée chacune, dans Jupyter et sur la page publiée."""

from pruning_core.course.pictures.bowl import Bowl
from pruning_core.course.pictures.budget import Budget
from pruning_core.course.pictures.cancellation import Cancellation
from pruning_core.course.pictures.epochs import Epochs
from pruning_core.course.pictures.first_step import FirstStep
from pruning_core.course.pictures.heat_map import HeatMap
from pruning_core.course.pictures.loss_path import LossPath
from pruning_core.course.pictures.scale_factor import ScaleFactor
from pruning_core.course.pictures.scatter import Scatter

__all__ = [
    "Bowl",
    "Budget",
    "Cancellation",
    "Epochs",
    "FirstStep",
    "HeatMap",
    "LossPath",
    "ScaleFactor",
    "Scatter",
]
