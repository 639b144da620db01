"""Vérifier des masques, les appliquer à un modèle, et ce que rend un élagage."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

from pruning_core.checks import check_initialized, check_not_empty, few_names
from pruning_core.held.models import held_masks
from pruning_core.types import Masks


def check_masks(model: nn.Module, masks: Mapping[str, torch.Tensor]) -> None:
    """Vérifie que des masques sont booléens et conviennent aux paramètres d'un modèle.

    Un masque peut manquer (son poids n'est pas élagué) ; aucun ne peut être de trop.

    Raises
    ------
    TypeError
        Si `masks` n'est pas un dictionnaire de tenseurs booléens.
    ValueError
        S'il est vide, nomme un paramètre inconnu, ou si une forme ne convient pas.
    """
    check_bool_masks(masks)
    parameters = dict(model.named_parameters())
    unknown = [name for name in masks if name not in parameters]
    if unknown:
        raise ValueError(
            f"masques : reçu les noms {few_names(unknown)}, inconnus du modèle ; attendu des noms "
            f"parmi {few_names(parameters)}."
        )
    for name, mask in masks.items():
        check_initialized(parameters[name], name)
        if mask.shape != parameters[name].shape:
            raise ValueError(
                f"masque de {name} : reçu la forme {tuple(mask.shape)} ; attendu "
                f"{tuple(parameters[name].shape)}, celle du paramètre."
            )


def check_writable(model: nn.Module, names: Collection[str]) -> None:
    """Vérifie que l'on peut écrire dans des paramètres d'un modèle.

    Raises
    ------
    ValueError
        Si l'un a été créé sous `torch.inference_mode`, et que l'on n'y est pas, ou si plusieurs de
        ses éléments n'ont qu'une place en mémoire.
    """
    parameters = dict(model.named_parameters())
    frozen = [name for name in names if parameters[name].is_inference()]
    if frozen and not torch.is_inference_mode_enabled():
        raise ValueError(
            f"{frozen[0]} : reçu un paramètre créé sous torch.inference_mode ; attendu un "
            "paramètre ordinaire. Travaillez sur une copie faite hors de ce contexte : "
            "copy.deepcopy(model)."
        )
    for name in names:
        places = zip(parameters[name].shape, parameters[name].stride(), strict=True)
        if any(size > 1 and stride == 0 for size, stride in places):
            raise ValueError(
                f"{name} : reçu un paramètre étendu (expand), dont plusieurs éléments n'ont qu'une "
                "place en mémoire ; attendu un paramètre qui ait toutes les siennes : "
                "nn.Parameter(p.contiguous())."
            )


def check_bool_masks(masks: Mapping[str, torch.Tensor]) -> None:
    """Vérifie que des masques forment un dictionnaire non vide de tenseurs booléens.

    Raises
    ------
    TypeError
        Si ce n'est pas un dictionnaire, ou si un masque n'est pas un tenseur booléen.
    ValueError
        Si le dictionnaire est vide.
    """
    check_not_empty(masks, "masques")
    for name, mask in masks.items():
        if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
            kind = mask.dtype if isinstance(mask, torch.Tensor) else type(mask).__name__
            raise TypeError(
                f"masque de {name} : reçu {kind} ; attendu un tenseur booléen (vrai = gardé)."
            )


def apply_masks(model: nn.Module, masks: Mapping[str, torch.Tensor]) -> None:
    """Met à zéro, une fois, les poids élagués du modèle (autograd en est averti).

    Rien n'est tenu : un pas d'optimiseur peut faire renaître les poids ; voir `hold_masks`.

    Raises
    ------
    TypeError, ValueError
        Si les masques ne conviennent pas au modèle (voir `check_masks`) ; rien n'est changé.
    """
    check_masks(model, masks)
    check_writable(model, masks)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, mask in masks.items():
            # masked_fill_ et non une multiplication : 0 * NaN vaut NaN, -1 * 0 vaut -0.
            parameters[name].masked_fill_(~mask.to(parameters[name].device), 0.0)


@dataclass(frozen=True, kw_only=True)
class PrunedWeights:
    """Ce que rend un élagage : des masques, et de nouveaux poids s'il en ajuste.

    Attributes
    ----------
    masks : Masks
        Masques des poids élagués (vrai = gardé).
    weights : dict[str, Tensor]
        Nouvelles valeurs des poids gardés et des biais ; vide si l'élagage n'ajuste rien.
    """

    masks: Masks
    weights: dict[str, torch.Tensor] = field(default_factory=dict)

    def __repr__(self) -> str:
        """En une ligne : combien de poids, quelle part est élaguée, et s'ils sont ajustés."""
        n = sum(mask.numel() for mask in self.masks.values())
        kept = sum(int(torch.count_nonzero(mask)) for mask in self.masks.values())
        pruned = f", {100 * (n - kept) / n:.1f} % élagués".replace(".", ",") if n else ""
        adjusted = ", ajustés" if self.weights else ""
        return f"PrunedWeights({f'{n:,}'.replace(',', ' ')} poids{pruned}{adjusted})"

    @classmethod
    def of(cls, pruned: Pruned) -> PrunedWeights:
        """Le même élagage sous une seule forme, qu'il soit donné par des masques seuls ou non."""
        return pruned if isinstance(pruned, PrunedWeights) else cls(masks=pruned)

    def apply(self, model: nn.Module) -> None:
        """Écrit l'élagage dans un modèle de même architecture : exactement nul hors des masques.

        Raises
        ------
        TypeError, ValueError
            Si les noms ou les formes ne conviennent pas, ou si le modèle tient à zéro
            (`hold_masks`) un poids à qui l'élagage donne une valeur ; rien n'est changé.
        """
        check_masks(model, self.masks)
        parameters = dict(model.named_parameters())
        for name, weight in self.weights.items():
            if name not in parameters or parameters[name].shape != weight.shape:
                raise ValueError(
                    f"model : reçu un modèle sans paramètre {name} de forme "
                    f"{tuple(weight.shape)} ; attendu l'architecture du modèle élagué."
                )
        check_writable(model, [*self.masks, *self.weights])
        self._check_free(held_masks(model))
        with torch.no_grad():
            for name, weight in self.weights.items():
                parameters[name].copy_(weight)
        apply_masks(model, self.masks)

    def _check_free(self, held: Masks) -> None:
        for name in held.keys() & self.weights.keys():
            value = self.weights[name]
            revived = (value != 0) & ~held[name].to(value.device)
            if name in self.masks:
                revived &= self.masks[name].to(value.device)
            if bool(revived.any()):
                raise ValueError(
                    f"{name} : reçu une valeur pour {int(revived.sum())} poids que le modèle tient "
                    "à zéro ; attendu un élagage qui les garde nuls. Levez d'abord la tenue : "
                    "release_masks(model)."
                )


Pruned = Masks | PrunedWeights
"""Un élagage : des masques seuls, ou des masques et des poids ajustés."""


def pruned_copy(model: nn.Module, pruned: Pruned) -> nn.Module:
    """Rend une copie élaguée du modèle ; l'original ne change pas.

    La copie s'entraîne, même faite sous `torch.inference_mode` ou `torch.no_grad`. Elle tient les
    masques que tient l'original.

    Parameters
    ----------
    model : nn.Module
    pruned : Masks ou PrunedWeights
        Des masques seuls, ou ce que rend un élagage qui ajuste aussi les poids gardés.

    Raises
    ------
    TypeError, ValueError
        Si l'élagage ne convient pas au modèle (voir `check_masks`).
    """
    with torch.inference_mode(False):
        twin = copy.deepcopy(model)
        PrunedWeights.of(pruned).apply(twin)
    return twin
