"""L'explorateur : des curseurs qui élaguent un vrai réseau, dans Jupyter et sur la page publiée."""

from pruning_core.explorer.live import LivePruning
from pruning_core.explorer.widget import Explorer, LeNetExplorer

__all__ = ["Explorer", "LeNetExplorer", "LivePruning"]
