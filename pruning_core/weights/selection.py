"""Choisir des poids par leur module ou par leur nom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from torch import nn
from torch.nn.parameter import is_lazy

from pruning_core.weights.biases import is_bias
from pruning_core.weights.rows import is_transformers_conv1d

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
"""Types de modules dont les poids sont élagables par défaut, avec la `Conv1D` de transformers."""

_WILDCARDS = frozenset("*?[")
_SHOWN = 12

ModuleChoice = type[nn.Module] | nn.Module


def is_prunable_module(module: nn.Module) -> bool:
    """Dit si les poids d'un module sont élagables par défaut."""
    return isinstance(module, PRUNABLE_MODULES) or is_transformers_conv1d(module)


def default_modules(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Parcourt les modules dont les poids sont élagables par défaut, chacun avec son nom."""
    return ((name, m) for name, m in model.named_modules() if is_prunable_module(m))


def own_weights(module: nn.Module) -> list[nn.Parameter]:
    """Les poids d'un module, sans ceux des modules qu'il contient.

    Un module élagable par défaut peut porter un gain ou une échelle (`ScaledStdConv2d` de timm) :
    seuls comptent ses `weight`, de deux dimensions au moins. D'un autre module, on ne sait rien.
    """
    return [
        parameter
        for attribute, parameter in module.named_parameters(recurse=False)
        if not is_bias(attribute)
        and (not is_prunable_module(module) or _is_matrix(attribute, parameter))
    ]


def _is_matrix(attribute: str, parameter: nn.Parameter) -> bool:
    # La forme d'un poids paresseux n'est pas encore connue.
    return "weight" in attribute and (is_lazy(parameter) or parameter.ndim >= 2)


def embedded(model: nn.Module) -> set[int]:
    """Identités des poids de plongements, même si une couche linéaire les partage."""
    tables = (m for m in model.modules() if isinstance(m, (nn.Embedding, nn.EmbeddingBag)))
    return {id(parameter) for table in tables for parameter in table.parameters(recurse=False)}


def selected_modules(
    model: nn.Module, choice: ModuleChoice | Iterable[ModuleChoice]
) -> Iterator[tuple[str, nn.Module]]:
    """Parcourt les modules choisis, chacun avec son nom.

    Raises
    ------
    TypeError, ValueError
        Si un choix n'est ni un module ni un type de modules, ou n'appartient pas au modèle.
    """
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
            or (id(module) in inside and is_prunable_module(module))
            or any(module is c for c in choices)
        ):
            yield name, module


def _module_choices(
    choice: ModuleChoice | Iterable[ModuleChoice],
) -> list[ModuleChoice]:
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


def name_patterns(names: str | Iterable[str]) -> list[str]:
    """Vérifie des noms et des motifs, et les rend en liste.

    Raises
    ------
    TypeError
        Si l'un n'est pas une chaîne de caractères.
    """
    patterns = [names] if isinstance(names, str) else list(names)
    wrong = [pattern for pattern in patterns if not isinstance(pattern, str)]
    if wrong:
        raise TypeError(f"names : reçu {wrong!r} ; attendu des chaînes de caractères.")
    return patterns


def _is_pattern(name: str) -> bool:
    return not _WILDCARDS.isdisjoint(name)


def matching_parameters(
    model: nn.Module, candidates: set[int], patterns: list[str]
) -> dict[str, nn.Parameter]:
    """Paramètres qu'un nom exact désigne, ou candidats (par identité) qu'un motif désigne.

    Raises
    ------
    ValueError
        Si un nom ou un motif ne désigne rien.
    """
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
            raise _nothing_named(model, pattern)
        kept |= found
    return {name: p for name, p in model.named_parameters() if id(p) in kept}


def _nothing_named(model: nn.Module, pattern: str) -> ValueError:
    own = [name for name, _ in model.named_parameters() if name.startswith(f"{pattern}.")]
    if own:
        direct = f"{pattern}.weight"
        wanted = direct if direct in own else f"{pattern}.*"
        return ValueError(
            f"names : reçu {pattern!r}, un module ; attendu un paramètre ou un motif : {wanted!r}. "
            "Tous les poids d'un module se choisissent par modules=."
        )
    return ValueError(
        f"names : reçu {pattern!r}, qui ne désigne aucun paramètre élagable ; attendu un nom du "
        f"modèle (paramètres : {shown(model)}), ou un motif qui convient à l'un des poids choisis "
        "par modules."
    )


def shown(model: nn.Module) -> str:
    """Noms des paramètres d'un modèle, les premiers s'il y en a beaucoup."""
    names = [name for name, _ in model.named_parameters()]
    more = f" et {len(names) - _SHOWN} autres" if len(names) > _SHOWN else ""
    return f"{names[:_SHOWN]}{more}"


def refuse_frozen(frozen: list[str], patterns: list[str]) -> None:
    """Refuse un paramètre gelé que désigne un nom exact.

    Raises
    ------
    ValueError
    """
    asked = [name for name in frozen if name in patterns]
    if asked:
        raise ValueError(
            f"names : reçu {asked}, paramètres gelés (requires_grad=False) ; "
            "attendu des paramètres entraînables, ou include_frozen=True."
        )
