"""Un widget qui laisse une trace : ce que montre son carnet, rouvert quand son noyau n'est plus là.

Jupyter montre d'une sortie la vue du widget, et rien d'autre, dès qu'elle y est ;
sans le noyau qui l'a faite, c'est « Error displaying widget: model not found ». Le HTML fixe est
donc une sortie à lui, que le widget vivant cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
from IPython.display import publish_display_data

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

_VIEW = "application/vnd.jupyter.widget-view+json"


class LastingWidget(anywidget.AnyWidget):
    """Un élément de la page du site, que Jupyter montre aussi : son HTML fixe, puis sa vue.

    Qui en hérite donne son `_esm`, et écrit `_html`.
    """

    def _html(self) -> str:
        """L'élément en HTML, avec de quoi le lire sans JavaScript."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # anywidget ne rend None que sans `_esm`
        data, metadata = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        data["text/html"] = self._html()
        return data, metadata

    def _ipython_display_(self) -> None:
        display_twice(self)


def hidden_by_its_view(selector: str) -> str:
    """Règle CSS : dans Jupyter, la sortie fixe se cache tant que la vue du widget, après elle, vit.

    Parameters
    ----------
    selector : str
        Ce qui se trouve dans la sortie fixe, et nulle part ailleurs.

    Returns
    -------
    str
        La règle, sans effet hors de Jupyter.
    """
    # une vue vivante est dans la sortie ; une vue perdue est la sortie même, un texte seul
    live = ".jp-OutputArea-child .jp-OutputArea-output.lm-Panel>.lm-Widget"
    return f".jp-OutputArea-child:has({selector}):has(+{live}){{display:none}}"


def display_twice(widget: DOMWidget) -> None:
    """Affiche un widget en deux sorties : ce qui reste de lui sans noyau, puis sa vue.

    Parameters
    ----------
    widget : DOMWidget
        Widget dont `_repr_mimebundle_` donne aussi un HTML, qui porte `hidden_by_its_view`.
    """
    bundle = widget._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    view = {_VIEW: data.pop(_VIEW)}
    publish_display_data(data, metadata)
    publish_display_data(view)
