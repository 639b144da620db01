"""Les modules qui portent un paramètre."""

from __future__ import annotations

from torch import nn


def users_of(model: nn.Module, parameter: nn.Parameter) -> list[tuple[nn.Module, str]]:
    """Les modules qui ont ce paramètre pour attribut, et le nom qu'ils lui donnent.

    Un module qui a deux places dans le modèle n'y est qu'une fois.
    """
    return [
        (module, attribute)
        for module in model.modules()
        for attribute, own in module.named_parameters(recurse=False)
        if own is parameter
    ]
