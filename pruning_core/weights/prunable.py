"""Quels poids d'un modèle peuvent être élagués, et sous quels noms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import nn

from pruning_core.checks import check_finite, check_initialized
from pruning_core.weights.coverage import warn_if_little
from pruning_core.weights.reparametrized import refuse_reparametrized
from pruning_core.weights.selection import (
    ModuleChoice,
    default_modules,
    embedded,
    matching_parameters,
    name_patterns,
    own_weights,
    refuse_frozen,
    selected_modules,
    shown,
)


def prunable_parameters(
    model: nn.Module,
    *,
    modules: ModuleChoice | Iterable[ModuleChoice] | None = None,
    names: str | Iterable[str] | None = None,
    include_frozen: bool = False,
) -> dict[str, nn.Parameter]:
    """Rend les poids élagables d'un modèle, par nom de `named_parameters()`.

    Par défaut : les poids des modules linéaires, convolutifs, récurrents et d'attention, et de la
    `Conv1D` de transformers ; ni biais, ni normalisation, ni gain, ni plongements (même quand une
    couche linéaire en partage le poids, comme la sortie de GPT-2), ni poids gelés. Un poids partagé
    par plusieurs modules compte une fois, sous son premier nom ; il est élagable dès qu'un module
    choisi l'utilise.

    Ce que le choix par défaut laisse de côté se voit : `weight_coverage` le dit, et un
    `UserWarning` avertit quand il couvre moins de la moitié des poids matriciels non gelés.

    Parameters
    ----------
    model : nn.Module
        Le modèle. Il peut être sur le périphérique `meta` : aucune valeur n'est lue.
    modules : type, module, ou suite de types et de modules, optionnel
        Les modules dont on prend les poids : d'un module linéaire, convolutif, récurrent ou
        d'attention, ses poids de deux dimensions au moins ; d'un autre, tous ses paramètres
        directs, biais exceptés. Un module donné vaut aussi pour les modules linéaires,
        convolutifs... qu'il contient.
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
        un paramètre gelé, si un poids choisi est reparamétré (`weight_norm`, `spectral_norm`,
        `torch.nn.utils.prune`), ou si un module paresseux n'a encore rien lu.

    Warns
    -----
    UserWarning
        Si le choix par défaut couvre moins de la moitié des poids matriciels non gelés.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model : reçu {type(model).__name__} ; attendu un nn.Module.")
    patterns = None if names is None else name_patterns(names)
    selected = list(default_modules(model) if modules is None else selected_modules(model, modules))
    refuse_reparametrized(selected, patterns)
    candidates = {id(p) for _, module in selected for p in own_weights(module)}
    if modules is None:
        candidates -= embedded(model)
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
        check_initialized(parameter, name)
        if not parameter.is_floating_point():
            raise TypeError(
                f"{name} : reçu un paramètre de type {parameter.dtype} ; "
                "attendu un type à virgule flottante."
            )
    if modules is None and patterns is None:
        warn_if_little(model, chosen)
    return chosen


def _nothing_prunable(model: nn.Module, frozen: list[str]) -> ValueError:
    if frozen:
        hint = " Les poids choisis sont gelés : voyez include_frozen=True."
    elif any("quantized" in type(module).__module__ for module in model.modules()):
        hint = " Ses modules sont quantifiés : élaguez avant de quantifier."
    else:
        hint = ""
    return ValueError(
        f"model : reçu un modèle sans poids élagable (paramètres : {shown(model)}) ; attendu au "
        f"moins un poids de module linéaire, convolutif, récurrent ou d'attention.{hint}"
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
