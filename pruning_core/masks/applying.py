"""Vérifier des masques, les appliquer à un modèle, et ce que rend un élagage."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from pruning_core.checks import (
    check_not_empty,
)
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
            f"masques : reçu les noms {unknown}, inconnus du modèle ; attendu des noms parmi "
            f"{list(parameters)}."
        )
    for name, mask in masks.items():
        if mask.shape != parameters[name].shape:
            raise ValueError(
                f"masque de {name} : reçu la forme {tuple(mask.shape)} ; attendu "
                f"{tuple(parameters[name].shape)}, celle du paramètre."
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
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, mask in masks.items():
            # masked_fill_ et non une multiplication : 0 * NaN vaut NaN, -1 * 0 vaut -0.
            parameters[name].masked_fill_(~mask.to(parameters[name].device), 0.0)


def pruned_copy(model: nn.Module, masks: Mapping[str, torch.Tensor]) -> nn.Module:
    """Rend une copie du modèle dont les poids élagués sont nuls ; l'original ne change pas.

    Raises
    ------
    TypeError, ValueError
        Si les masques ne conviennent pas au modèle (voir `check_masks`).
    """
    twin = copy.deepcopy(model)
    apply_masks(twin, masks)
    return twin


@dataclass(frozen=True)
class PrunedWeights:
    """Résultat d'un élagage qui change aussi les poids gardés.

    Attributes
    ----------
    weights : dict[str, Tensor]
        Nouvelles valeurs des poids élagués et des biais ajustés.
    masks : Masks
        Masques des poids élagués (vrai = gardé) ; hors d'eux les poids sont exactement nuls.
    """

    weights: dict[str, torch.Tensor]
    masks: Masks

    def apply(self, model: nn.Module) -> None:
        """Écrit les poids dans un modèle de même architecture.

        Raises
        ------
        TypeError, ValueError
            Si les noms ou les formes ne conviennent pas ; rien n'est changé.
        """
        check_masks(model, self.masks)
        parameters = dict(model.named_parameters())
        for name, weight in self.weights.items():
            if name not in parameters or parameters[name].shape != weight.shape:
                raise ValueError(
                    f"model : reçu un modèle sans paramètre {name} de forme "
                    f"{tuple(weight.shape)} ; attendu l'architecture du modèle élagué."
                )
        with torch.no_grad():
            for name, weight in self.weights.items():
                parameters[name].copy_(weight)
