"""L'explorateur : un widget, deux portes.

Dans Jupyter, c'est un ipywidget : ses traits vont et viennent entre la page et le noyau. Sur la
page publiée, c'est un élément HTML nourri de données en ligne, qui calcule tout dans le
navigateur. Les deux portes sont faites des mêmes modules (`js/`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import nn

from pruning_core.checks import check_same_names, check_scores_of
from pruning_core.course.datasets import Dataset
from pruning_core.course.explorer import built, lenet
from pruning_core.course.explorer.compensated import on_grid
from pruning_core.course.explorer.lasting import LastingWidget
from pruning_core.course.explorer.packing import linear_layers, pack, to_json
from pruning_core.course.explorer.page import explorer_html
from pruning_core.course.formatting import number, percent
from pruning_core.evaluation import Evaluation, evaluate
from pruning_core.masks.applying import apply_masks
from pruning_core.masks.choosing import count_pruned, global_masks, layerwise_masks
from pruning_core.scores.random import random_scores
from pruning_core.types import Masks, Scores

if TYPE_CHECKING:
    from pruning_core.masks.applying import PrunedWeights

_NEAR = 0.005  # part des poids : un réseau d'OBS plus loin n'est pas celui que l'on demande
_TABLE = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_SELECTORS: dict[str, Callable[[Scores, float], Masks]] = {
    "global": global_masks,
    "layerwise": layerwise_masks,
}


class Explorer(LastingWidget):
    """Curseurs qui élaguent un perceptron et l'évaluent sur des images de test.

    Parameters
    ----------
    model : nn.Sequential
        Perceptron linéaire-ReLU-...-linéaire ; il n'est pas modifié. Ses paramètres sont
        arrondis à `float32`, et les calculs faits en `float64`, ici comme dans la page.
    images, labels : Tensor
        Images de test, forme [n, d], et leurs classes (au plus 256), forme [n].
    scores : dict[str, dict[str, Tensor]]
        Pour chaque méthode (clé de `METHODS`), un score par poids : petit
        veut dire élagable. « random » est ajouté s'il n'y est pas.
    sparsity : float
        Sparsité de départ, dans [0, 1].
    method : str
        Méthode de départ.
    scope : {"global", "layerwise"}
        Sparsité sur tous les poids ensemble, ou la même dans chaque couche.
    compensated : suite de PrunedWeights
        Réseaux d'OBS déjà compensés, du moins au plus élagué ; la méthode « obs » va de l'un à
        l'autre. Ils sont arrondis sans qu'aucune image de test ne change de classe.

    Attributes
    ----------
    sparsity, method, scope
        Ce que le lecteur règle ; les changer ici bouge aussi la page.
    accuracy, loss : float
        Exactitude (entre 0 et 1) et perte sur les images de test.
    kept : int
        Nombre de poids gardés.

    Raises
    ------
    TypeError
        Si le modèle n'a pas cette forme.
    ValueError
        Si un score manque ou n'a pas la forme de son poids, si la méthode est inconnue, ou si les
        masques du trajet d'OBS ne s'emboîtent pas.
    """

    _esm = built.read(built.JUPYTER)
    _heights = (1120, 1830)
    _data = traitlets.Unicode().tag(sync=True)
    sparsity = traitlets.Float(0.9, min=0.0, max=1.0).tag(sync=True)
    method = traitlets.Unicode("magnitude").tag(sync=True)
    scope = traitlets.Enum(tuple(_SELECTORS), "global").tag(sync=True)
    accuracy = traitlets.Float().tag(sync=True)
    loss = traitlets.Float().tag(sync=True)
    kept = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        model: nn.Module,
        images: torch.Tensor,
        labels: torch.Tensor,
        scores: Mapping[str, Scores],
        *,
        sparsity: float = 0.9,
        method: str = "magnitude",
        scope: str = "global",
        compensated: Sequence[PrunedWeights] = (),
    ) -> None:
        layers = linear_layers(model)
        self._network = copy.deepcopy(model).float().double().cpu().eval()
        self._test = Dataset(images.detach().flatten(1).double().cpu(), labels.detach().cpu())
        self._scores = {"random": random_scores(model, seed=0), **scores}
        _check_scores(model, layers, self._scores)
        self._path, self._step = self._on_grid(compensated)
        super().__init__(sparsity=sparsity, method=method, scope=scope, _data=self._pack())
        self._measure()

    def _pack(self) -> str:
        packed = pack(self._network, *self._test, self._scores, self._path, self._step)
        return to_json(packed)

    def _on_grid(self, path: Sequence[PrunedWeights]) -> tuple[list[PrunedWeights], float]:
        return on_grid(self._network, self._test.x, path)

    @property
    def methods(self) -> tuple[str, ...]:
        """Clés des méthodes que l'explorateur propose."""
        return (*self._scores, *(("obs",) if self._path else ()))

    @traitlets.validate("method")
    def _known_method(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] not in self.methods:
            raise traitlets.TraitError(
                f"méthode : reçu {proposal['value']!r} ; attendu {', '.join(self.methods)}"
            )
        return proposal["value"]

    @traitlets.observe("sparsity", "method", "scope")
    def _measure(self, _change: object = None) -> None:
        result, masks = self.evaluate(self.method, self.sparsity, self.scope)
        self.accuracy, self.loss = result.accuracy, result.loss
        self.kept = _count_kept(masks)

    def evaluate(
        self, method: str, sparsity: float, scope: str = "global"
    ) -> tuple[Evaluation, Masks]:
        """Élague et évalue avec `pruning_core`, comme la page le fait de son côté.

        Parameters
        ----------
        method : str
            Une des `methods`.
        sparsity : float
            Sparsité demandée, dans [0, 1] ; « obs » prend le premier réseau du trajet qui en
            coupe au moins autant, ou le dernier.
        scope : {"global", "layerwise"}
            Sans effet sur « obs ».

        Returns
        -------
        Evaluation, Masks
            Mesures sur les images de test, et masques.
        """
        model = copy.deepcopy(self._network)
        if method == "obs":
            masks = self._follow_path(model, sparsity)
        else:
            masks = _SELECTORS[scope](self._scores[method], sparsity)
        apply_masks(model, masks)
        return evaluate(model, self._test), masks

    def _follow_path(self, model: nn.Module, sparsity: float) -> Masks:
        layers = linear_layers(model)
        n = sum(layer.weight.numel() for layer in layers.values())
        wanted = count_pruned(n, sparsity)
        if wanted == 0:
            return {name: torch.ones_like(one.weight).bool() for name, one in layers.items()}
        far_enough = (step for step in self._path if n - _count_kept(step.masks) >= wanted)
        step = next(far_enough, self._path[-1])
        model.load_state_dict(step.weights, strict=False)
        return dict(step.masks)

    def _accuracies(self) -> dict[str, list[float | None]]:
        """Exactitudes du tableau fixe ; aucune là où le trajet d'OBS n'a pas de réseau."""

        def accuracy(method: str, sparsity: float, scope: str) -> float | None:
            result, masks = self.evaluate(method, sparsity, scope)
            n = sum(mask.numel() for mask in masks.values())
            shift = abs(n - _count_kept(masks) - count_pruned(n, sparsity))
            return result.accuracy if method != "obs" or shift < _NEAR * n else None

        rows = {key: (key, "global") for key in self.methods}
        if "magnitude" in rows:
            rows["magnitude_layerwise"] = ("magnitude", "layerwise")
        return {
            key: [accuracy(method, s, scope) for s in _TABLE]
            for key, (method, scope) in rows.items()
        }

    def _html(self) -> str:
        state = {"sparsity": self.sparsity, "method": self.method, "scope": self.scope}
        # L'état va dans la page avec les données : le texte de `_data` est un objet JSON.
        page = f'{self._data[:-1]},"state":{to_json(state)}}}'
        return explorer_html(page, _TABLE, self._accuracies(), self._description(), self._heights)

    def _description(self) -> str:
        widths = [layer.in_features for layer in linear_layers(self._network).values()]
        widths.append(linear_layers(self._network).popitem()[1].out_features)
        shape = "-".join(str(width) for width in widths)
        return f"réseau {shape}, {number(len(self._test.x))} images"

    def __repr__(self) -> str:
        """Sans adresse en mémoire : nbval compare ce texte d'une exécution à l'autre."""
        return f"Explorer({self._description()}, {self.method} à {percent(self.sparsity)})"


class LeNetExplorer(Explorer):
    """L'explorateur de LeNet-300-100, sur mille images de MNIST.

    Tout est calculé d'avance dans `lenet.js` : la page le charge quand elle en a besoin.

    Parameters
    ----------
    sparsity, method, scope
        Comme pour `Explorer`.
    """

    _esm = built.read(built.LENET) + built.read(built.JUPYTER)
    _heights = (1150, 1890)

    def __init__(
        self, *, sparsity: float = 0.95, method: str = "magnitude", scope: str = "global"
    ) -> None:
        packed = lenet.load()
        super().__init__(
            packed.model,
            *packed.test,
            packed.scores,
            compensated=packed.path,
            sparsity=sparsity,
            method=method,
            scope=scope,
        )

    def _pack(self) -> str:
        return to_json({"source": lenet.SOURCE})

    def _on_grid(self, path: Sequence[PrunedWeights]) -> tuple[list[PrunedWeights], float]:
        return list(path), lenet.STEP  # arrondis à l'écriture du fichier


def _count_kept(masks: Masks) -> int:
    return sum(int(mask.sum()) for mask in masks.values())


def _check_scores(
    model: nn.Module, layers: Mapping[str, nn.Linear], scores: Mapping[str, Scores]
) -> None:
    for method, one in scores.items():
        check_same_names(one, layers, f"scores de la méthode « {method} »")
        check_scores_of(model, one)
