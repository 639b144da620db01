"""Tenir des masques pendant l'entraînement : un poids élagué reste exactement nul."""

from __future__ import annotations

import uuid
import weakref
from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.held.models import add_masks, remove_masks
from pruning_core.masks.applying import apply_masks, check_masks, check_writable
from pruning_core.types import Masks


class MaskHold:
    """Tenue de masques sur un modèle ; à retirer par `remove()` ou à la sortie d'un `with`."""

    def __init__(self, model: nn.Module, masks: Masks) -> None:
        self._key = uuid.uuid4().hex
        self._modules = [weakref.ref(m) for m in add_masks(model, masks, self._key)]

    def remove(self) -> None:
        """Cesse de tenir les masques ; les poids élagués restent nuls jusqu'au prochain pas."""
        for reference in self._modules:
            module = reference()
            if module is not None:
                remove_masks(module, self._key)

    def __enter__(self) -> MaskHold:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


def hold_masks(model: nn.Module, masks: Mapping[str, torch.Tensor]) -> MaskHold:
    """Applique des masques au modèle et les tient pendant l'entraînement.

    Un poids élagué reste exactement nul : dans tout passage avant, par quelque chemin qu'il lise le
    poids ; après tout pas d'un optimiseur de torch ; après `load_state_dict` ; dans une copie
    profonde ou relue du modèle. Son gradient est nul aussi : L-BFGS, Adafactor, Muon ou
    l'écrêtage par la norme ne voient que les poids gardés. Plusieurs tenues s'ajoutent : un
    poids est nul si l'une d'elles l'élague.

    Parameters
    ----------
    model : nn.Module
        Le modèle, changé sur place. Les clefs du `state_dict` et les paramètres restent les
        mêmes ; `model.fc.weight` est toujours le paramètre.
    masks : Masks
        Masques booléens par nom de paramètre (copiés).

    Returns
    -------
    MaskHold
        À retirer par `remove()`, ou à employer dans un `with`.

    Raises
    ------
    TypeError, ValueError
        Si les masques ne conviennent pas au modèle ; rien n'est changé.

    Notes
    -----
    Le temps de la tenue, la classe de chaque module tenu est une fille de la sienne, de même nom :
    `isinstance` ne change pas. Lire un poids y remet à zéro ce qui est élagué ; dans un graphe
    (`torch.compile`, `torch.export`, `torch.func`), c'est un masquage de plus. `torch.jit.script`
    et la quantification, qui regardent la classe exacte, demandent d'abord `release_masks`.
    Coût : un masquage des poids tenus par lecture, par gradient et par pas (15 % d'un pas de SGD
    sur LeNet-300-100, autant que `torch.nn.utils.prune`) ; en mémoire, un octet par poids et, sur
    le processeur, encore autant que le poids.
    Un module que vous remplacez en entier par un autre n'est plus tenu.
    """
    check_masks(model, masks)
    check_writable(model, masks)
    hold = MaskHold(model, dict(masks))
    # Autograd apprend que le poids a changé : une rétropropagation d'avant n'est plus valable.
    apply_masks(model, masks)
    return hold


def release_masks(model: nn.Module) -> None:
    """Retire toutes les tenues de masques d'un modèle, y compris celles héritées d'une copie."""
    for module in model.modules():
        remove_masks(module)
