"""Quels poids d'un modèle peuvent être élagués, et sous quels noms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import torch
from torch import nn
from torch.nn.utils import parametrize

from pruning_core.checks import check_finite
from pruning_core.weights.biases import is_bias
from pruning_core.weights.selection import (
    ModuleChoice,
    is_prunable_module,
    matching_parameters,
    name_patterns,
    refuse_frozen,
    selected_modules,
)

# Noms que weight_norm, spectral_norm et torch.nn.utils.prune donnent aux morceaux d'un poids.
_SPLIT_SUFFIXES = ("_g", "_v", "_orig")


def prunable_parameters(
    model: nn.Module,
    *,
    modules: ModuleChoice | Iterable[ModuleChoice] | None = None,
    names: str | Iterable[str] | None = None,
    include_frozen: bool = False,
) -> dict[str, nn.Parameter]:
    """Rend les poids élagables d'un modèle, par nom de `named_parameters()`.

    Par défaut : les poids des modules linéaires, convolutifs, récurrents et d'attention ; ni
    biais, ni normalisation, ni plongements, ni poids gelés. Un poids partagé par plusieurs
    modules compte une fois, sous son premier nom ; il est élagable dès qu'un module choisi
    l'utilise.

    Parameters
    ----------
    model : nn.Module
        Le modèle. Il peut être sur le périphérique `meta` : aucune valeur n'est lue.
    modules : type, module, ou suite de types et de modules, optionnel
        Les modules dont on prend les poids (tous leurs paramètres directs, biais exceptés).
        Un module donné vaut pour tous les modules qu'il contient. Par défaut
        `PRUNABLE_MODULES`.
    names : chaîne ou suite de chaînes, optionnel
        Un nom exact désigne n'importe quel paramètre du modèle, biais compris. Un motif
        (`*`, `?`, `[...]`) garde ceux des poids choisis par `modules` dont le nom convient.
    include_frozen : bool
        Vrai pour prendre aussi les paramètres dont `requires_grad` est faux.

    Returns
    -------
    dict[str, nn.Parameter]
        Les paramètres eux-mêmes (pas des copies), dans l'ordre de `named_parameters()`.

    Raises
    ------
    TypeError
        Si `model`, `modules` ou `names` n'a pas le type attendu, ou si un paramètre choisi
        n'est pas à virgule flottante.
    ValueError
        Si rien n'est élagable, si un nom ou un motif ne désigne rien, si un nom exact désigne
        un paramètre gelé, ou si un poids choisi est reparamétré (`weight_norm`,
        `spectral_norm`, `torch.nn.utils.prune`).
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model : reçu {type(model).__name__} ; attendu un nn.Module.")
    patterns = None if names is None else name_patterns(names)
    if modules is None:
        selected = [(n, m) for n, m in model.named_modules() if is_prunable_module(m)]
    else:
        selected = list(selected_modules(model, modules))
    _refuse_parametrized(selected, patterns)
    candidates = {
        id(parameter)
        for _, module in selected
        for attribute, parameter in module.named_parameters(recurse=False)
        if not is_bias(attribute)
    }
    if patterns is None:
        chosen = {name: p for name, p in model.named_parameters() if id(p) in candidates}
    else:
        chosen = matching_parameters(model, candidates, patterns)
    frozen = [name for name, parameter in chosen.items() if not parameter.requires_grad]
    if not include_frozen:
        if patterns is not None:
            refuse_frozen(frozen, patterns)
        chosen = {name: p for name, p in chosen.items() if p.requires_grad}
    if not chosen:
        raise _nothing_prunable(model, frozen)
    for name, parameter in chosen.items():
        if not parameter.is_floating_point():
            raise TypeError(
                f"{name} : reçu un paramètre de type {parameter.dtype} ; "
                "attendu un type à virgule flottante."
            )
    return chosen


def _refuse_parametrized(selected: list[tuple[str, nn.Module]], patterns: list[str] | None) -> None:
    for prefix, module in selected:
        for attribute in _parametrized_attributes(module):
            name = f"{prefix}.{attribute}" if prefix else attribute
            if patterns is None or any(fnmatchcase(name, pattern) for pattern in patterns):
                raise ValueError(
                    f"{name} : reçu un poids reparamétré (weight_norm, spectral_norm ou "
                    "torch.nn.utils.prune) ; attendu un paramètre simple. Retirez d'abord la "
                    "reparamétrisation (parametrize.remove_parametrizations, "
                    "remove_weight_norm, remove_spectral_norm ou prune.remove)."
                )


def _parametrized_attributes(module: nn.Module) -> set[str]:
    """Noms des poids que le module recalcule à partir d'autres paramètres."""
    attributes: set[str] = set()
    if parametrize.is_parametrized(module):
        attributes |= {str(name) for name in module.parametrizations}  # type: ignore[union-attr]
    for name, _ in module.named_parameters(recurse=False):
        for suffix in _SPLIT_SUFFIXES:
            base = name.removesuffix(suffix)
            # Le poids recalculé est un attribut simple du module, pas un de ses paramètres.
            if base != name and isinstance(getattr(module, base, None), torch.Tensor):
                attributes.add(base)
    return {name for name in attributes if not is_bias(name)}


def _nothing_prunable(model: nn.Module, frozen: list[str]) -> ValueError:
    names = [name for name, _ in model.named_parameters()]
    hint = " Les poids choisis sont gelés : voyez include_frozen=True." if frozen else ""
    return ValueError(
        f"model : reçu un modèle sans poids élagable (paramètres : {names}) ; attendu au moins "
        f"un poids de module linéaire, convolutif, récurrent ou d'attention.{hint}"
    )


def resolve_parameters(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None
) -> dict[str, nn.Parameter]:
    """Rend les paramètres demandés, ou par défaut les poids élagables du modèle.

    Raises
    ------
    TypeError
        Si `parameters` n'est pas un dictionnaire.
    ValueError
        Si un tenseur de `parameters` n'est pas le paramètre de ce nom dans `model`.
    """
    if parameters is None:
        return prunable_parameters(model)
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f"parameters : reçu {type(parameters).__name__} ; attendu le dictionnaire que rend "
            "prunable_parameters(model)."
        )
    own = dict(model.named_parameters())
    for name, parameter in parameters.items():
        if own.get(name) is not parameter:
            raise ValueError(
                f"parameters : reçu {name!r}, qui n'est pas ce paramètre du modèle ; attendu "
                "le dictionnaire que rend prunable_parameters(model)."
            )
    if not parameters:
        raise ValueError("parameters : reçu un dictionnaire vide ; attendu au moins un paramètre.")
    return dict(parameters)


def resolve_weights(
    model: nn.Module, parameters: Mapping[str, nn.Parameter] | None
) -> dict[str, nn.Parameter]:
    """Rend les paramètres demandés (voir `resolve_parameters`), de valeurs toutes finies.

    Raises
    ------
    TypeError, ValueError
    """
    chosen = resolve_parameters(model, parameters)
    check_weights(chosen)
    return chosen


def check_weights(parameters: Mapping[str, nn.Parameter]) -> None:
    """Refuse des poids qui ne sont pas flottants ou contiennent NaN ou l'infini.

    Raises
    ------
    TypeError, ValueError
    """
    for name, parameter in parameters.items():
        check_finite(parameter, f"poids {name}")
