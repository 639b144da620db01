"""Les gradients d'autograd, toujours pleins, et ce que les arrondis leur pardonnent."""

from __future__ import annotations

from collections.abc import Sequence

import torch

_FLOOR = 1e-2


def check_depends(output: torch.Tensor) -> None:
    """Vérifie qu'une sortie, ou une perte, se dérive par rapport aux poids.

    Raises
    ------
    ValueError
        Si autograd n'en a pas gardé le graphe.
    """
    if not output.requires_grad:
        raise ValueError(
            "model : reçu une sortie sans gradient ; attendu une sortie qui dépende des poids "
            "choisis. Causes ordinaires : une sortie calculée sous torch.no_grad, ou détachée, ou "
            "des poids qui n'y servent pas."
        )


def gradients_of(
    outputs: torch.Tensor,
    tensors: Sequence[torch.Tensor],
    vectors: torch.Tensor | None = None,
    *,
    create_graph: bool = False,
) -> list[torch.Tensor]:
    """Gradients pleins de `outputs` par rapport à `tensors`, nuls où ils ne servent pas.

    Le graphe est gardé, pour d'autres vecteurs. Un gradient creux (`Embedding(sparse=True)`) est
    rendu plein.

    Parameters
    ----------
    outputs : Tensor
    tensors : suite de Tensor
    vectors : Tensor de la forme de `outputs`, optionnel
        Ce dont on part ; 1 par défaut, pour un scalaire.
    create_graph : bool
        Vrai pour dériver encore.
    """
    found = torch.autograd.grad(
        outputs,
        list(tensors),
        vectors,
        retain_graph=True,
        create_graph=create_graph,
        materialize_grads=True,
    )
    return [one if one.layout == torch.strided else one.to_dense() for one in found]


def rounding(*tensors: torch.Tensor) -> float:
    """Écart relatif, √ε du type le moins précis, au-delà duquel deux calculs diffèrent."""
    return max(float(torch.finfo(tensor.dtype).eps) for tensor in tensors) ** 0.5


def same_rows(found: torch.Tensor, expected: torch.Tensor, tolerance: float) -> bool:
    """Dit si deux tenseurs [N, ...] sont égaux ligne par ligne, aux arrondis près.

    Ce qui n'est pas fini ne se compare pas, et ne compte pas : le résultat ne le sera pas non plus.
    """
    if found.numel() == 0:
        return True
    gap = (found - expected).reshape(len(found), -1).abs().amax(1)
    size = expected.reshape(len(expected), -1).abs().amax(1)
    allowed = tolerance * (size + tolerance * size.max())
    return bool((gap <= allowed).all()) or not bool(torch.isfinite(size).all())


def same_sums(
    found: Sequence[torch.Tensor],
    expected: Sequence[torch.Tensor],
    tolerance: float,
    largest: float = 0.0,
) -> bool:
    """Dit si des sommes sont égales deux à deux, aux arrondis près.

    Une somme peut être nulle par compensation (le biais des clefs d'une attention) : ce qu'il en
    reste est un arrondi, à l'échelle des autres, ou de `largest` s'il y en a de plus grandes
    ailleurs.
    """
    sizes = [largest_of([one]) for one in expected]
    floor = _FLOOR * max([largest, *sizes])
    return all(
        one.numel() == 0 or not float((one - other).abs().max()) > tolerance * (size + floor)
        for one, other, size in zip(found, expected, sizes, strict=True)
    )


def largest_of(tensors: Sequence[torch.Tensor]) -> float:
    """La plus grande valeur absolue de plusieurs tenseurs ; 0 s'ils sont vides."""
    return max((float(one.abs().max()) for one in tensors if one.numel()), default=0.0)
