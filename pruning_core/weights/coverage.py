"""Quelle part des poids d'un modèle un choix couvre, et ce qu'il laisse de côté."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

from pruning_core.checks import check_initialized, few_names, others
from pruning_core.weights.biases import is_bias

_WARNED_SHARE = 0.5
_SHOWN = 6


@dataclass(frozen=True)
class Coverage:
    """Les poids matriciels d'un modèle, choisis ou laissés de côté.

    Un poids matriciel a deux dimensions au moins et n'est pas un biais ; gelé ou non, plongements
    compris. Un poids partagé compte une fois.

    Attributes
    ----------
    chosen, left_out : dict[str, int]
        Nom du paramètre -> nombre de ses poids.
    """

    chosen: dict[str, int]
    left_out: dict[str, int]

    @property
    def share(self) -> float:
        """Part des poids matriciels qui sont choisis, dans [0, 1] ; 1 s'il n'y en a aucun."""
        covered, missed = sum(self.chosen.values()), sum(self.left_out.values())
        return covered / (covered + missed) if covered + missed else 1.0

    def __str__(self) -> str:
        """La part choisie, et les plus grands des poids laissés de côté."""
        covered, missed = sum(self.chosen.values()), sum(self.left_out.values())
        told = f"{_count(covered)} poids choisis sur {_count(covered + missed)}"
        if not self.left_out:
            return told
        largest = sorted(self.left_out.items(), key=lambda item: -item[1])
        names = ", ".join(f"{name} ({_count(size)})" for name, size in largest[:_SHOWN])
        more = len(largest) - _SHOWN
        return f"{told} ; laissés de côté : {names}" + others(more)


def weight_coverage(model: nn.Module, names: Iterable[str]) -> Coverage:
    """Dit quelle part des poids matriciels d'un modèle un choix couvre.

    Parameters
    ----------
    model : nn.Module
        Il peut être sur le périphérique `meta` : aucune valeur n'est lue.
    names : str ou suite de str
        Noms de paramètres : ce que rend `prunable_parameters`, des scores ou des masques, par
        exemple.

    Returns
    -------
    Coverage
        Les noms d'un côté et de l'autre, leur part, et le tout en toutes lettres (`str`).

    Raises
    ------
    ValueError
        Si un nom n'est pas celui d'un paramètre, ou si un module paresseux n'a pas encore de poids.
    """
    every = dict(model.named_parameters(remove_duplicate=False))
    wanted = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in wanted if name not in every]
    if unknown:
        raise ValueError(
            f"names : reçu {few_names(unknown)}, inconnus du modèle ; attendu des noms de "
            "model.named_parameters()."
        )
    for name, parameter in every.items():
        check_initialized(parameter, name)
    taken = {id(every[name]) for name in wanted}
    matrices = {
        name: parameter
        for name, parameter in model.named_parameters()
        if parameter.ndim >= 2 and not is_bias(name.rpartition(".")[2])
    }
    return Coverage(
        chosen={n: p.numel() for n, p in matrices.items() if id(p) in taken},
        left_out={n: p.numel() for n, p in matrices.items() if id(p) not in taken},
    )


def warn_if_little(model: nn.Module, names: Iterable[str]) -> None:
    """Avertit (`UserWarning`) quand le choix par défaut couvre moins de la moitié des poids.

    Ceux que l'on a gelés ne comptent pas : on sait qu'ils restent de côté.
    """
    every = weight_coverage(model, names)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    left_out = {name: size for name, size in every.left_out.items() if name in trained}
    coverage = Coverage(chosen=every.chosen, left_out=left_out)
    if coverage.share < _WARNED_SHARE:
        warnings.warn(
            f"model : par défaut, {coverage}. Choisissez d'autres poids par names= ou modules= "
            "de prunable_parameters, ou donnez ceux-ci dans parameters.",
            UserWarning,
            stacklevel=3,
        )


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
