"""Un module dont des poids sont tenus : sa classe, le temps de la tenue, lit ces poids masqués.

La classe du module est remplacée par une classe fille, de même nom, où chaque poids tenu est une
propriété. Quel que soit le chemin (`model(x)`, `forward`, un parent qui lit `fc.weight`), lire le
poids passe par elle ; les copies du module sont de la même classe.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeGuard

import torch
from torch import nn

from pruning_core.held.weights import HeldWeight, check_fits

_STATE = "_held_weights"


class HeldModule(nn.Module):
    """Ce que la classe fille ajoute au module : la tenue survit à ce qui change les paramètres."""

    _plain_class: type[nn.Module]
    _attributes: tuple[str, ...]

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Ne fait rien : une classe mère qui tient un registre n'y gagne pas une fille."""

    def register_parameter(self, name: str, param: nn.Parameter | None) -> None:
        held = held_weights(self).get(name)
        if held is not None and param is not None:
            check_fits(param, held.zeros)
        old = self._parameters.get(name)
        super().register_parameter(name, param)
        if held is not None:
            held.leave(old)
            held.take(self._parameters[name])

    def __delattr__(self, name: str) -> None:
        if name in held_weights(self) and name in self._parameters:
            raise ValueError(
                f"{name} : reçu la demande de retirer un poids tenu à zéro ; attendu un poids "
                "libre. Levez d'abord la tenue : release_masks(model)."
            )
        super().__delattr__(name)

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:
        result = super()._apply(fn, recurse)
        take_all(self)
        return result

    def _load_from_state_dict(self, *args: Any) -> None:
        super()._load_from_state_dict(*args)
        take_all(self)

    def _save_to_state_dict(self, *args: Any) -> None:
        for name, held in held_weights(self).items():
            parameter = self._parameters.get(name)
            if parameter is not None and held.owner == id(parameter):
                held.zeros.impose(parameter)
        super()._save_to_state_dict(*args)

    def __reduce_ex__(self, protocol: Any) -> Any:
        reduced = super().__reduce_ex__(protocol)
        own = type(self)
        if isinstance(reduced, str) or not is_held_class(own):
            return reduced
        build, arguments, *rest = reduced
        plain = tuple(own._plain_class if one is own else one for one in arguments)
        return (_rebuild, (own._attributes, build, plain), *rest)

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        held = state.pop(_STATE, {})
        super().__setstate__(state)
        self.__dict__[_STATE] = held
        take_all(self)

    def __prepare_scriptable__(self) -> Any:
        raise _no_hold_in("torch.jit.script")

    @property
    def qconfig(self) -> Any:
        """Ce que la quantification de torch pose sur chaque module avant de le remplacer."""
        if "qconfig" not in self.__dict__:
            raise AttributeError("qconfig")
        return self.__dict__["qconfig"]

    @qconfig.setter
    def qconfig(self, value: object) -> None:
        raise _no_hold_in("torch.ao.quantization")


def _no_hold_in(tool: str) -> TypeError:
    return TypeError(
        f"{tool} : reçu un modèle dont des poids sont tenus à zéro ; attendu un modèle sans tenue. "
        "release_masks(model) la lève, et ces poids restent nuls."
    )


def held_weights(module: nn.Module) -> dict[str, HeldWeight]:
    """Les poids que tient un module, par attribut ; vide s'il n'en tient pas."""
    found: dict[str, HeldWeight] = module.__dict__.get(_STATE, {})
    return found


def set_held_weights(module: nn.Module, weights: dict[str, HeldWeight]) -> None:
    """Fait tenir à un module ces poids-là, et eux seuls ; aucun : le module redevient lui-même."""
    for name, held in held_weights(module).items():
        held.leave(module._parameters.get(name))
    own = type(module)
    plain = own._plain_class if is_held_class(own) else own
    module.__dict__.pop(_STATE, None)
    if weights:
        module.__dict__[_STATE] = weights
        module.__class__ = held_class(plain, tuple(weights))
        take_all(module)
    else:
        module.__class__ = plain


def is_held_class(cls: type) -> TypeGuard[type[HeldModule]]:
    """Dit si une classe est une des nôtres, et non une classe mise depuis par-dessus (FSDP)."""
    return "_plain_class" in vars(cls)


def take_all(module: nn.Module) -> None:
    """Annule ce qui est élagué dans les paramètres d'un module, et surveille leurs gradients."""
    for name, held in held_weights(module).items():
        held.take(module._parameters.get(name))


# Les classes déjà faites, par classe mère et attributs.
_CLASSES: dict[tuple[type[nn.Module], tuple[str, ...]], type[HeldModule]] = {}


def held_class(plain: type[nn.Module], attributes: tuple[str, ...]) -> type[HeldModule]:
    """La classe fille d'une classe de modules qui lit ces attributs masqués ; toujours la même."""
    if (plain, attributes) not in _CLASSES:
        _CLASSES[plain, attributes] = _make_class(plain, attributes)
    return _CLASSES[plain, attributes]


def _make_class(plain: type[nn.Module], attributes: tuple[str, ...]) -> type[HeldModule]:
    names: dict[str, Any] = {
        "__module__": plain.__module__,
        "__qualname__": plain.__qualname__,
        "__doc__": plain.__doc__,
        "__jit_unused_properties__": [
            *getattr(plain, "__jit_unused_properties__", []),
            *attributes,
            "qconfig",
        ],
        "_plain_class": plain,
        "_attributes": attributes,
    }
    if hasattr(plain, "__deepcopy__"):
        names["__deepcopy__"] = _copied_by(plain)
    properties = {attribute: _masked_attribute(attribute) for attribute in attributes}
    metaclass: Any = type(plain)
    bases = (plain,) if issubclass(plain, HeldModule) else (HeldModule, plain)
    made: type[HeldModule] = metaclass(plain.__name__, bases, names | properties)
    return made


def _copied_by(plain: type[nn.Module]) -> Callable[[nn.Module, dict[int, Any]], nn.Module]:
    """La copie profonde d'une classe qui a la sienne (module reparamétré, de torch.fx)."""

    def __deepcopy__(module: nn.Module, memo: dict[int, Any]) -> nn.Module:
        twin: nn.Module = plain.__deepcopy__(module, memo)  # type: ignore[attr-defined]
        # Ses paramètres sont neufs, et cette copie-là ne passe pas par __setstate__.
        set_held_weights(twin, copy.deepcopy(held_weights(module), memo))
        return twin

    return __deepcopy__


def _masked_attribute(name: str) -> property:
    def read(module: nn.Module) -> torch.Tensor | None:
        tensor = module._parameters.get(name)
        if tensor is None:
            # Une réplique de DataParallel, un weight_norm ancien : le poids est un simple attribut.
            if name not in module.__dict__:
                if name in module._parameters:
                    return None
                raise AttributeError(f"{type(module).__name__!r} object has no attribute {name!r}")
            tensor = module.__dict__[name]
        held = held_weights(module).get(name)
        return tensor if held is None else held.read(tensor)

    def write(module: nn.Module, value: object) -> None:
        module.__dict__[name] = value

    def delete(module: nn.Module) -> None:
        del module.__dict__[name]

    return property(read, write, delete)


def _rebuild(
    attributes: tuple[str, ...], build: Callable[..., nn.Module], arguments: tuple[Any, ...]
) -> nn.Module:
    """Un module copié ou relu, dans sa classe fille."""
    module = build(*arguments)
    module.__class__ = held_class(type(module), attributes)
    return module
