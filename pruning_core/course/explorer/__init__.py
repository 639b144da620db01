"""L'explorateur : des curseurs qui élaguent un vrai réseau, dans Jupyter et sur la page publiée."""

from pruning_core.course.explorer.live import LivePruning
from pruning_core.course.explorer.widget import Explorer, LeNetExplorer
from pruning_core.course.explorer.words.widget import WordExplorer

__all__ = ["Explorer", "LeNetExplorer", "LivePruning", "WordExplorer"]
