"""Un second périphérique, simulé sur le processeur : ses tenseurs ne se mêlent pas aux autres.

Sans GPU, une donnée oubliée sur le processeur ne se verrait pas. Ici, comme sur un GPU, une
opération qui mêle les deux périphériques échoue ; seuls y passent les tenseurs sans dimension et
les copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

# Un type de périphérique que torch connaît et que rien n'occupe : il ne demande aucun pilote.
SECOND = "lazy:0"

_MOVES = ("aten::_to_copy", "aten::copy_", "aten::_local_scalar_dense")


class Elsewhere(torch.Tensor):
    """Un tenseur du second périphérique ; ses nombres sont dans un tenseur du processeur."""

    numbers: torch.Tensor

    @staticmethod
    def __new__(cls, numbers: torch.Tensor) -> Elsewhere:
        shell = torch.Tensor._make_wrapper_subclass(
            cls,
            numbers.shape,
            strides=numbers.stride(),
            storage_offset=numbers.storage_offset(),
            dtype=numbers.dtype,
            device=torch.device(SECOND),
        )
        shell.numbers = numbers
        return shell

    @classmethod
    def __torch_dispatch__(
        cls,
        function: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return run_there(function, args, kwargs or {})


class SecondDevice(TorchDispatchMode):
    """Contexte dans lequel ce périphérique existe."""

    def __torch_dispatch__(
        self,
        function: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return run_there(function, args, kwargs or {})


def run_there(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Exécute une opération où sont ses tenseurs, ou là où on la demande.

    Raises
    ------
    RuntimeError
        Si ses tenseurs sont sur deux périphériques.
    """
    schema = function._schema
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    there = any(isinstance(tensor, Elsewhere) for tensor in tensors)
    here = any(tensor.ndim > 0 and not isinstance(tensor, Elsewhere) for tensor in tensors)
    if there and here and schema.name not in _MOVES:
        raise RuntimeError(f"{schema.name} : tenseurs reçus sur {SECOND} et sur le processeur.")
    wanted = kwargs.get("device")
    if wanted is not None:
        there = torch.device(wanted) == torch.device(SECOND)
        kwargs = {**kwargs, "device": torch.device("cpu")}
    result = function(*tree_map(_numbers, list(args)), **tree_map(_numbers, dict(kwargs)))
    written = [
        args[rank]
        for rank, argument in enumerate(schema.arguments[: len(args)])
        if argument.alias_info is not None and argument.alias_info.is_write
    ]
    if len(written) == 1 and isinstance(result, torch.Tensor):
        return written[0]
    return tree_map(_shell, result) if there else result


def _numbers(value: Any) -> Any:
    return value.numbers if isinstance(value, Elsewhere) else value


def _shell(value: Any) -> Any:
    plain = isinstance(value, torch.Tensor) and not isinstance(value, Elsewhere)
    return Elsewhere(value) if plain else value
