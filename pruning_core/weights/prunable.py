"""Quels poids d'un modèle peuvent être élagués, et sous quels noms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

import torch
from torch import nn
from torch.nn.utils import parametrize

from pruning_core.checks import check_finite
from pruning_core.weights.biases import is_bias

PRUNABLE_MODULES: tuple[type[nn.Module], ...] = (
    nn.Linear,
    nn.Bilinear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
    nn.RNNBase,
    nn.RNNCellBase,
    nn.MultiheadAttention,
)
"""Types de modules dont les poids sont élagables par défaut."""

_WILDCARDS = frozenset("*?[")
# Noms que weight_norm, spectral_norm et torch.nn.utils.prune donnent aux morceaux d'un poids.
_SPLIT_SUFFIXES = ("_g", "_v", "_orig")

ModuleChoice = type[nn.Module] | nn.Module


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
    patterns = _patterns(names)
    selected = list(_selected_modules(model, modules))
    _refuse_parametrized(selected, patterns)
    candidates = {
        id(parameter)
        for _, module in selected
        for attribute, parameter in module.named_parameters(recurse=False)
        if not is_bias(attribute)
    }
    chosen = _match(model, candidates, patterns)
    frozen = [name for name, parameter in chosen.items() if not parameter.requires_grad]
    if not include_frozen:
        _refuse_frozen_exact(frozen, patterns)
        chosen = {name: p for name, p in chosen.items() if p.requires_grad}
    _refuse_empty(model, chosen, frozen)
    for name, parameter in chosen.items():
        if not parameter.is_floating_point():
            raise TypeError(
                f"{name} : reçu un paramètre de type {parameter.dtype} ; "
                "attendu un type à virgule flottante."
            )
    return chosen


def _patterns(names: str | Iterable[str] | None) -> list[str] | None:
    if names is None:
        return None
    patterns = [names] if isinstance(names, str) else list(names)
    wrong = [pattern for pattern in patterns if not isinstance(pattern, str)]
    if wrong:
        raise TypeError(f"names : reçu {wrong!r} ; attendu des chaînes de caractères.")
    return patterns


def _is_pattern(name: str) -> bool:
    return not _WILDCARDS.isdisjoint(name)


def _selected_modules(
    model: nn.Module, choice: ModuleChoice | Iterable[ModuleChoice] | None
) -> Iterator[tuple[str, nn.Module]]:
    """Parcourt les modules choisis, chacun avec son nom."""
    choices = _module_choices(choice)
    types = tuple(c for c in choices if isinstance(c, type))
    inside = {id(m) for c in choices if isinstance(c, nn.Module) for m in c.modules()}
    known = {id(m) for m in model.modules()}
    strangers = [c for c in choices if isinstance(c, nn.Module) and id(c) not in known]
    if strangers:
        raise ValueError(
            f"modules : reçu {strangers[0]!r}, qui n'appartient pas au modèle ; "
            "attendu des modules de ce modèle ou des types de modules."
        )
    for name, module in model.named_modules():
        if (
            isinstance(module, types)
            or (id(module) in inside and isinstance(module, PRUNABLE_MODULES))
            or any(module is c for c in choices)
        ):
            yield name, module


def _module_choices(
    choice: ModuleChoice | Iterable[ModuleChoice] | None,
) -> list[ModuleChoice]:
    if choice is None:
        return list(PRUNABLE_MODULES)
    if isinstance(choice, nn.Module):
        return [choice]
    if isinstance(choice, type):
        choices: list[ModuleChoice] = [choice]
    else:
        choices = list(choice)
    for item in choices:
        is_type = isinstance(item, type) and issubclass(item, nn.Module)
        if not (is_type or isinstance(item, nn.Module)):
            raise TypeError(f"modules : reçu {item!r} ; attendu un nn.Module ou un de ses types.")
    return choices


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


def _match(
    model: nn.Module, candidates: set[int], patterns: list[str] | None
) -> dict[str, nn.Parameter]:
    every = dict(model.named_parameters())
    by_type = {name: p for name, p in every.items() if id(p) in candidates}
    if patterns is None:
        return by_type
    aliases = dict(model.named_parameters(remove_duplicate=False))
    kept: set[int] = set()
    for pattern in patterns:
        if _is_pattern(pattern):
            found = {
                id(p)
                for name, p in aliases.items()
                if id(p) in candidates and fnmatchcase(name, pattern)
            }
        else:
            found = {id(aliases[pattern])} if pattern in aliases else set()
        if not found:
            raise ValueError(
                f"names : reçu {pattern!r}, qui ne désigne aucun paramètre élagable ; "
                f"attendu un nom parmi {list(every)} ou un motif qui convient à l'un des poids "
                f"{list(by_type)}."
            )
        kept |= found
    return {name: p for name, p in every.items() if id(p) in kept}


def _refuse_frozen_exact(frozen: list[str], patterns: list[str] | None) -> None:
    asked = [name for name in frozen if name in (patterns or [])]
    if asked:
        raise ValueError(
            f"names : reçu {asked}, paramètres gelés (requires_grad=False) ; "
            "attendu des paramètres entraînables, ou include_frozen=True."
        )


def _refuse_empty(model: nn.Module, chosen: Mapping[str, nn.Parameter], frozen: list[str]) -> None:
    if chosen:
        return
    names = [name for name, _ in model.named_parameters()]
    hint = " Les poids choisis sont gelés : voyez include_frozen=True." if frozen else ""
    raise ValueError(
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
