"""Des lots de toute forme, et la façon dont le modèle les lit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.func import functional_call

from pruning_core.structures import WAY_OUT, Output, map_tensors, tensors_of
from pruning_core.types import Loader

Forward = Callable[[nn.Module, Any], Any]
"""(modèle, lot) -> sortie, une ligne par exemple."""

Target = Callable[[Any], Any]
"""lot -> cible, que la perte lit avec la sortie."""


class Batches:
    """Des lots de toute forme, acceptés partout où l'est un itérable de couples (x, y).

    Un lot est une structure de tenseurs (dictionnaire, couple, liste, les uns dans les autres) dont
    la première dimension est celle des exemples ; ce qui n'est pas un tenseur passe tel quel.

    Parameters
    ----------
    loader : itérable de lots
        Se parcourt autant de fois qu'on le demande, sauf un générateur.
    forward : fonction (modèle, lot) -> sortie, optionnel
        La sortie est un tenseur [N, ...], ou une structure de tels tenseurs. Par défaut
        ``model(lot[0])``, pour des couples (x, y).
    target : fonction (lot) -> cible, optionnel
        Ce que la fonction de perte reçoit après la sortie. Par défaut ``lot[1]``, pour des couples
        (x, y) ; inutile aux critères qui ne lisent pas la perte.

    Raises
    ------
    TypeError
        Si `loader` n'est pas un itérable de lots, ou si `forward` ou `target` n'est pas une
        fonction.

    Examples
    --------
    >>> batches = Batches(
    ...     loader,
    ...     forward=lambda model, batch: model(batch["input_ids"], batch["attention_mask"]).logits,
    ...     target=lambda batch: batch["labels"],
    ... )
    >>> obd_scores(model, batches, nn.CrossEntropyLoss())
    """

    def __init__(
        self, loader: Loader, *, forward: Forward | None = None, target: Target | None = None
    ) -> None:
        check_loader(loader)
        for function, name in ((forward, "forward"), (target, "target")):
            if function is not None and not callable(function):
                raise TypeError(f"{name} : reçu {function!r} ; attendu une fonction.")
        self.loader = loader
        self._forward = forward
        self._target = target

    def __iter__(self) -> Iterator[Any]:
        return iter(self.loader)

    def forward(self, model: nn.Module, item: Any) -> Any:
        """Ce que le modèle rend pour un lot de l'itérable : de quoi écrire sa propre boucle.

        Raises
        ------
        TypeError
            Sans `forward`, si le lot n'est pas un couple (x, y).
        """
        inputs, _ = self._parts(item)
        return self._read(model, inputs)

    def target(self, item: Any) -> Any:
        """Ce que la perte lit après la sortie ; `None` si rien ne le dit.

        Raises
        ------
        TypeError
            Sans `forward`, si le lot n'est pas un couple (x, y).
        """
        return self._parts(item)[1]

    def reusable(self) -> Batches:
        """Les mêmes lots, qu'on peut parcourir plusieurs fois : un itérateur est mis en liste."""
        if not isinstance(self.loader, Iterator):
            return self
        return Batches(list(self.loader), forward=self._forward, target=self._target)

    def batch(self, item: Any, device: torch.device) -> Batch:
        """Un lot contrôlé, sur un périphérique.

        Raises
        ------
        TypeError
            Si sa structure ne convient pas.
        ValueError
            S'il est vide, ou si un tenseur n'a pas les exemples en première dimension.
        """
        inputs, target = self._parts(item)
        size = _common_size(inputs, target)
        inputs, target = (
            map_tensors(part, lambda t: _moved(t, device)) for part in (inputs, target)
        )
        return Batch(inputs, target, size, self._read)

    @property
    def _read(self) -> Forward:
        return self._forward or _call

    def _parts(self, item: Any) -> tuple[Any, Any]:
        """Ce que lit le modèle, et la cible."""
        if self._forward is None:
            inputs, target = _couple(item)
        else:
            inputs, target = item, item[1] if is_couple(item) else None
        return inputs, target if self._target is None else self._target(item)


def _call(model: nn.Module, x: Any) -> Any:
    return model(x)


def is_couple(item: object) -> bool:
    """Dit si un objet est un couple, comme (x, y)."""
    return isinstance(item, (tuple, list)) and len(item) == 2


def _couple(item: Any) -> tuple[Any, Any]:
    if not is_couple(item):
        size = f" de longueur {len(item)}" if isinstance(item, (tuple, list)) else ""
        raise TypeError(
            f"train_loader : reçu un lot {type(item).__name__}{size} ; attendu un couple (x, y). "
            "Sinon : " + WAY_OUT
        )
    for value, name in zip(item, "xy", strict=True):
        if not tensors_of(value):
            raise TypeError(
                f"train_loader : reçu {name} de type {type(value).__name__} ; attendu un tenseur, "
                "ou une structure de tenseurs."
            )
    return item[0], item[1]


def _common_size(inputs: Any, target: Any) -> int:
    tensors = tensors_of((inputs, target))
    if not tensors_of(inputs):
        raise TypeError(
            f"train_loader : reçu un lot {type(inputs).__name__} sans tenseur ; attendu une "
            "structure de tenseurs (dictionnaire, couple, liste)."
        )
    sizes = {len(tensor) if tensor.ndim else 0 for tensor in tensors}
    if len(sizes) > 1 or 0 in sizes:
        read, wanted = (
            " et ".join(str(tuple(tensor.shape)) for tensor in tensors_of(part)) or "aucun tenseur"
            for part in (inputs, target)
        )
        raise ValueError(
            f"train_loader : reçu x de forme {read} et y de forme {wanted} ; attendu la même "
            "première dimension, non nulle (les exemples)."
        )
    return sizes.pop()


def _moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    # Un tenseur fait sous inference_mode ne se dérive pas : sa copie, si.
    return tensor.clone().to(device) if tensor.is_inference() else tensor.to(device)


def check_loader(loader: object) -> None:
    """Vérifie qu'un objet est un itérable de lots.

    Raises
    ------
    TypeError
        Si ce n'est pas un itérable, ou si c'est un seul lot.
    """
    if isinstance(loader, (tuple, list)) and len(loader) == 2:
        first, second = loader
        if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
            raise TypeError(
                "train_loader : reçu un seul couple (x, y) ; attendu un itérable de couples, par "
                "exemple [(x, y)]."
            )
    if isinstance(loader, Mapping):
        raise TypeError(
            f"train_loader : reçu {type(loader).__name__} ; attendu un itérable de lots, par "
            "exemple [lot]. " + WAY_OUT
        )
    if not isinstance(loader, Iterable) or isinstance(loader, (torch.Tensor, str)):
        raise TypeError(
            f"train_loader : reçu {type(loader).__name__} ; attendu un itérable de couples (x, y)."
        )


@dataclass(frozen=True)
class Batch:
    """Un lot d'exemples, sur le périphérique du modèle, et la façon de le lire.

    Attributes
    ----------
    inputs : structure de Tensor [N, ...]
        Ce que lit `read` : x, ou le lot entier.
    target : structure de Tensor [N, ...], ou None
        Ce que la perte reçoit après la sortie.
    size : int
        Le nombre N d'exemples, aussi rendu par `len`.
    read : fonction (modèle, inputs) -> sortie
    """

    inputs: Any
    target: Any
    size: int
    read: Forward

    def __len__(self) -> int:
        return self.size

    def part(self, rows: slice) -> Batch:
        """Une tranche d'exemples : des vues."""
        inputs, target = (
            map_tensors(whole, lambda tensor: tensor[rows]) for whole in (self.inputs, self.target)
        )
        return Batch(inputs, target, len(range(self.size)[rows]), self.read)

    @property
    def tensors(self) -> list[torch.Tensor]:
        """Les tenseurs de `inputs`, dans l'ordre."""
        return tensors_of(self.inputs)

    def with_tensors(self, tensors: Sequence[torch.Tensor]) -> Batch:
        """Le même lot, d'autres tenseurs à la place de ceux de `inputs`, dans le même ordre."""
        given = iter(tensors)
        inputs = map_tensors(self.inputs, lambda _: next(given))
        return replace(self, inputs=inputs, size=len(tensors[0]))

    def result(self, model: nn.Module, weights: Mapping[str, torch.Tensor] | None = None) -> Any:
        """Ce que le modèle rend pour ce lot, tel quel.

        Parameters
        ----------
        model : nn.Module
        weights : dict[str, Tensor], optionnel
            Des valeurs à mettre à la place de certains paramètres, pour `torch.func`. Un paramètre
            qui sert à plusieurs endroits y est remplacé partout.
        """
        if weights is None:
            return self.read(model, self.inputs)
        reading = _Reading(model, self.read)
        values = {f"model.{place}": value for place, value in _everywhere(model, weights)}
        return functional_call(reading, values, (self.inputs,), tie_weights=False)

    def output(self, model: nn.Module, weights: Mapping[str, torch.Tensor] | None = None) -> Output:
        """La sortie du modèle pour ce lot, mise à plat et contrôlée ; voir `result`.

        Raises
        ------
        TypeError, ValueError
            Si ce n'est pas une structure de tenseurs d'une ligne par exemple.
        """
        return Output.of(self.result(model, weights), self.size)


class _Reading(nn.Module):
    """Le modèle et sa lecture en un seul module, dont `functional_call` sait changer les poids."""

    def __init__(self, model: nn.Module, read: Forward) -> None:
        super().__init__()
        self.model = model
        self._read = read

    def forward(self, inputs: Any) -> Any:
        return self._read(self.model, inputs)


def _everywhere(
    model: nn.Module, weights: Mapping[str, torch.Tensor]
) -> Iterator[tuple[str, torch.Tensor]]:
    """Chaque endroit où sert un paramètre, une fois, et sa nouvelle valeur.

    `functional_call` remplacerait deux fois le poids d'un module qui a deux noms, et ne saurait
    plus remettre le premier.
    """
    own = dict(model.named_parameters(remove_duplicate=False))
    values = {id(own[name]): value for name, value in weights.items()}
    for prefix, module in model.named_modules():
        for attribute, parameter in module._parameters.items():
            if id(parameter) in values:
                yield f"{prefix}.{attribute}".lstrip("."), values[id(parameter)]
