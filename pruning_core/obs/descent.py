"""Le terme du premier ordre : descendre la perte avant de choisir quels poids supprimer."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

import torch
from torch import nn

from pruning_core.curvature.differentiating import gradients_of
from pruning_core.curvature.losses import batch_loss, loss_gradients
from pruning_core.obs.path import Stages
from pruning_core.passes import mean_over_examples, read_batches, sum_dtype, undisturbed
from pruning_core.types import Criterion, Loader, Masks

FirstOrder = Literal["loss", "distillation"]

_LENGTHS = [0.5**k for k in range(8)]


class Descent:
    """Mène les variables d'un modèle, sur place, de w à w − α H⁻¹g.

    Chaque morceau de ligne corrige à lui seul toute la pente g, puisque la courbure entre morceaux
    est négligée : le pas entier irait trop loin. α est la puissance de 1/2, de 1 à 1/128, qui
    baisse le plus la perte mesurée, ou 0 si aucune ne la baisse. Un pas au bout duquel la perte
    n'est plus finie est trop long.

    Parameters
    ----------
    model : nn.Module
    loader : itérable de (x, y), qu'on peut parcourir plusieurs fois
    criterion : fonction (sortie, y) -> perte moyenne du lot
    variables : dict[str, nn.Parameter]
    kind : {"loss", "distillation"}
        Descendre la perte L, ou seulement sa hausse depuis le modèle tel qu'il est à la
        construction : L(f) − L(f_0) − ∇L(f_0)ᵀ(f − f_0), où f est la sortie.

    Raises
    ------
    ValueError
        Si `kind` n'est pas l'un des deux.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: Loader,
        criterion: Criterion,
        variables: Mapping[str, nn.Parameter],
        kind: FirstOrder,
    ) -> None:
        if kind not in get_args(FirstOrder):
            raise ValueError(
                f"first_order : reçu {kind!r} ; attendu None ou l'un de {get_args(FirstOrder)}."
            )
        self._model = model
        self._loader = loader
        self._criterion = criterion
        self._variables = variables
        self._start = copy.deepcopy(model).eval() if kind == "distillation" else None

    def __call__(self, present: Masks, stages: Stages) -> None:
        """Fait le pas des variables présentes, avec la courbure d'une étape."""
        slopes = self._slopes()
        steps: dict[str, torch.Tensor] = {}
        for table, stage in stages:
            steps |= table.by_name(stage.newton(table.rows(slopes).double(), table.rows(present)))
        before = {name: self._variables[name].detach().clone() for name in steps}
        best, least = 0.0, self._loss()
        for length in _LENGTHS:
            self._move(before, steps, length)
            loss = self._loss()
            if math.isfinite(loss) and loss < least:
                best, least = length, loss
            elif best:
                break
        self._move(before, steps, best)

    def _move(
        self, before: Mapping[str, torch.Tensor], steps: Mapping[str, torch.Tensor], length: float
    ) -> None:
        with torch.no_grad():
            for name, start in before.items():
                self._variables[name].copy_(start + length * steps[name])

    def _slopes(self) -> dict[str, torch.Tensor]:
        """Gradient de la perte de toutes les données, Σ_b n_b ∇L_b / Σ_b n_b."""
        own = list(self._variables.values())
        count = 0
        with undisturbed(self._model, self._variables):
            sums = [torch.zeros_like(p, dtype=sum_dtype(p)) for p in own]
            for loss, size in self._losses(checked=True):
                found = gradients_of(loss, own)
                for total, gradient in zip(sums, found, strict=True):
                    total += gradient * size
                count += size
        return mean_over_examples(dict(zip(self._variables, sums, strict=True)), count)

    def _loss(self) -> float:
        """Perte de toutes les données, Σ_b n_b L_b / Σ_b n_b, finie ou non."""
        total, count = torch.zeros((), dtype=torch.float64), 0
        with undisturbed(self._model), torch.no_grad():
            for loss, size in self._losses(checked=False):
                total = total.to(loss.device) + loss.double() * size
                count += size
        return float(mean_over_examples({"loss": total}, count)["loss"])

    def _losses(self, *, checked: bool) -> Iterator[tuple[torch.Tensor, int]]:
        """Perte de chaque lot, et son nombre d'exemples."""
        for batch in read_batches(self._loader, self._model):
            output, loss = batch_loss(self._model, self._criterion, batch, checked=checked)
            if self._start is not None:
                with torch.no_grad():
                    start = batch.output(self._start)
                [slope] = loss_gradients(self._criterion)(start, batch.target)
                loss = loss - (slope * output.values).sum() / len(batch)
            yield loss, len(batch)
