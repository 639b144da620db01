"""Les biais : jamais élagués, mais ajustés avec les poids du module qui les porte."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from pruning_core.weights.rows import is_matrix_layer
from pruning_core.weights.users import users_of


def is_bias(attribute: str) -> bool:
    """Dit si un nom d'attribut est celui d'un biais."""
    # « bias », mais aussi « bias_ih_l0 » (récurrents) et « in_proj_bias » (attention).
    return "bias" in attribute


def with_biases(
    model: nn.Module, parameters: Mapping[str, nn.Parameter]
) -> dict[str, nn.Parameter]:
    """Ajoute aux poids donnés les biais des modules qui les portent.

    Returns
    -------
    dict[str, nn.Parameter]
        Les poids et leurs biais, dans l'ordre de `named_parameters()`.
    """
    wanted = {id(parameter) for parameter in parameters.values()}
    for module in model.modules():
        own = dict(module.named_parameters(recurse=False))
        if any(id(parameter) in wanted for parameter in own.values()):
            wanted |= {id(p) for name, p in own.items() if is_bias(name)}
    return {name: p for name, p in model.named_parameters() if id(p) in wanted}


def bias_of(model: nn.Module, name: str) -> str | None:
    """Nom du biais qui s'ajoute à la sortie d'un poids linéaire ou convolutif, s'il existe.

    Rend `None` pour un poids sans biais, un poids partagé par plusieurs modules, ou un biais gelé
    ou partagé.
    """
    users = users_of(model, dict(model.named_parameters())[name])
    module, attribute = users[0]
    bias = getattr(module, "bias", None)
    single = len(users) == 1 and attribute == "weight" and is_matrix_layer(module)
    if not (single and isinstance(bias, nn.Parameter) and bias.requires_grad):
        return None
    copies = [
        other
        for other, parameter in model.named_parameters(remove_duplicate=False)
        if parameter is bias
    ]
    return copies[0] if len(copies) == 1 else None
