"""Des curseurs ipywidgets sur le modèle de l'étudiant : n'importe quel module, dans son noyau."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from torch import nn

from pruning_core.checks import check_scores_of
from pruning_core.course.explorer.lasting import display_twice, hidden_by_its_view
from pruning_core.course.formatting import number, percent
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.choosing import global_masks, layerwise_masks
from pruning_core.masks.measuring import compute_sparsity, layer_sparsities
from pruning_core.methods import METHODS
from pruning_core.types import Masks, Scores

_NO_KERNEL = (
    "Ces curseurs appellent Python : ouvrez le carnet dans Jupyter et exécutez-le pour les bouger."
)


class LivePruning(widgets.VBox):
    """Élague un modèle quelconque et le mesure à chaque arrêt du curseur.

    Le modèle n'est pas modifié : chaque mesure se fait sur une copie.

    Parameters
    ----------
    model : nn.Module
        N'importe quel module.
    measure : fonction (modèle élagué) -> float
        `measure(modèle élagué)` rend l'exactitude, entre 0 et 1.
    scores : dict[str, Scores]
        Pour chaque méthode, un score par poids : petit veut dire à retirer d'abord. Une clé de
        `METHODS` en prend le nom affiché ; une autre s'affiche telle quelle.
    sparsity : float
        Sparsité de départ, dans [0, 1].
    delay : float
        Secondes sans mouvement avant de recalculer.

    Attributes
    ----------
    sparsity, method, layerwise
        Les réglages : un curseur, une liste, une case, reliés à Python dans les deux sens.
    accuracy : float
        Dernière exactitude mesurée.
    masks : Masks
        Masques de cette mesure.

    Raises
    ------
    ValueError
        Si aucun score n'est donné, ou si l'un d'eux ne va pas au modèle.

    Notes
    -----
    Coût de chaque recalcul : une copie du modèle, une sélection linéaire, un appel à `measure`.
    """

    def __init__(
        self,
        model: nn.Module,
        measure: Callable[[nn.Module], float],
        scores: Mapping[str, Scores],
        *,
        sparsity: float = 0.5,
        delay: float = 0.15,
    ) -> None:
        if not scores:
            raise ValueError("scores : reçu aucune méthode ; attendu au moins une")
        for one in scores.values():
            check_scores_of(model, one)
        self._network, self._measure_of = model, measure
        self._scores, self._delay = dict(scores), delay
        self._pending: asyncio.TimerHandle | None = None
        self.sparsity = widgets.FloatSlider(
            value=sparsity,
            min=0.0,
            max=1.0,
            step=0.005,
            description="Sparsité",
            readout_format=".1%",
            layout=widgets.Layout(width="min(100%, 36em)"),
        )
        self.method = widgets.Dropdown(
            options=[(_label(key), key) for key in scores], description="Méthode"
        )
        self.layerwise = widgets.Checkbox(
            description="même sparsité dans chaque couche", indent=False
        )
        self._report = widgets.HTML()
        super().__init__([self.sparsity, self.method, self.layerwise, self._report])
        for control in (self.sparsity, self.method, self.layerwise):
            control.observe(self._schedule, "value")
        self.update()

    def _schedule(self, _change: object = None) -> None:
        """Recalcule quand le curseur s'arrête ; aussitôt, hors d'une boucle d'événements."""
        if self._pending is not None:
            self._pending.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.update()
        else:
            self._pending = loop.call_later(self._delay, self.update)

    def update(self) -> None:
        """Élague une copie du modèle aux réglages courants, la mesure et l'affiche."""
        select = layerwise_masks if self.layerwise.value else global_masks
        self.masks: Masks = select(self._scores[self.method.value], self.sparsity.value)
        pruned = copy.deepcopy(self._network)
        apply_masks(pruned, self.masks)
        self.accuracy = float(self._measure_of(pruned))
        self._report.value = self._summary()

    def _summary(self) -> str:
        colour = METHODS[self.method.value].colour if self.method.value in METHODS else "inherit"
        kept = sum(int(mask.sum()) for mask in self.masks.values())
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{name}</th>'
            f"<td>{number(self.masks[name].sum().item())} poids</td><td>−{percent(cut)}</td></tr>"
            for name, cut in layer_sparsities(self.masks).items()
        )
        return (
            f'<p><b style="font-size:1.6em;color:{colour}">{percent(self.accuracy)}</b> '
            f"d'exactitude ; {number(kept)} poids restants, "
            f"{percent(compute_sparsity(self.masks))} élagués ({_label(self.method.value)}).</p>"
            f"<table>{rows}</table>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle["text/plain"] = repr(self)
        bundle["text/html"] = (
            f"<style>{hidden_by_its_view('.pruning-live')}</style>"
            f'<div class="pruning-live">{self._summary()}<p><em>{_NO_KERNEL}</em></p></div>'
        )
        return bundle

    def _ipython_display_(self) -> None:
        display_twice(self)

    def __repr__(self) -> str:
        """Sans adresse en mémoire : nbval compare ce texte d'une exécution à l'autre."""
        name = type(self._network).__name__
        return f"LivePruning({name}, {self.method.value} à {percent(self.sparsity.value)})"


def _label(key: str) -> str:
    return METHODS[key].label if key in METHODS else key
