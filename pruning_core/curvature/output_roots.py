"""La hessienne Λ_i de la perte en la sortie, en racines : Λ_i = Σ_c v_ic v_icᵀ.

Une perte que l'on sait lire se découpe en P positions de C sorties (une seule position pour un
classifieur ; une par mot pour une suite ; une par sortie pour une régression), sans courbure d'une
position à l'autre. Deux formes suffisent : celle d'un softmax, a_p (diag p − p pᵀ), où a_p dit ce
que pèse la position (poids de classe, cible ignorée, dénominateur du lot), et un bloc quelconque.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import torch


@dataclass(frozen=True)
class OutputPositions:
    """Comment une sortie se découpe en positions : [N, ...] <-> [N, P, C].

    Attributes
    ----------
    shape : forme de la sortie
    axis : int, ou None
        La dimension qui porte les C sorties d'une position ; None pour toutes (P = 1).
    alone : bool
        Vrai pour une position par sortie (C = 1).
    """

    shape: torch.Size
    axis: int | None = None
    alone: bool = False

    def split(self, values: torch.Tensor) -> torch.Tensor:
        """Une sortie en positions."""
        if self.axis is not None:
            values = values.movedim(self.axis, -1)
            return values.reshape(len(values), -1, values.shape[-1])
        values = values.reshape(len(values), -1)
        return values.unsqueeze(-1) if self.alone else values.unsqueeze(1)

    def joined(self, values: torch.Tensor) -> torch.Tensor:
        """Des positions en une sortie ; autant d'exemples que `values` en a."""
        shape = list(self.shape[1:])
        if self.axis is None:
            return values.reshape(len(values), *shape)
        width = shape.pop(self.axis - 1)
        return values.reshape(len(values), *shape, width).movedim(-1, self.axis)


Draw = Literal["signs", "targets"]
"""Ce que l'on tire au sort pour estimer Λ."""


class OutputRoots(Protocol):
    """Racines de la hessienne de la perte d'un lot en sa sortie, fois le nombre d'exemples."""

    def vectors(self) -> Iterator[torch.Tensor]:
        """Les v_c non nuls, de la forme de la sortie."""
        ...

    def draw(self, generator: torch.Generator, way: Draw = "signs") -> torch.Tensor:
        """Un vecteur tiré au sort, de la forme de la sortie du lot, avec E[v_i v_iᵀ] = Λ_i.

        "signs" : Σ_c ε_c v_c, où les ε_c sont des signes indépendants ; "targets" : des cibles
        tirées du modèle.
        """
        ...

    def flat(self) -> bool:
        """Vrai si la courbure est nulle."""
        ...


@dataclass(frozen=True)
class SoftmaxRoots:
    """Λ = a (diag p − p pᵀ) à chaque position : v_c = √(a p_c) (e_c − p).

    Attributes
    ----------
    positions : OutputPositions
    weights : Tensor [N, P]
        Les a, ≥ 0.
    probabilities : Tensor [N, P, C]
    """

    positions: OutputPositions
    weights: torch.Tensor
    probabilities: torch.Tensor

    def vectors(self) -> Iterator[torch.Tensor]:
        """Voir `OutputRoots` : une position et une classe à la fois."""
        weights, chances = self.weights, self.probabilities
        roots = (weights.unsqueeze(-1) * chances).sqrt()
        for position in range(weights.shape[1]):
            if not weights[:, position].any():
                continue
            for c in range(chances.shape[-1]):
                vector = torch.zeros_like(chances)
                root = roots[:, position, c]
                vector[:, position] = -root.unsqueeze(-1) * chances[:, position]
                vector[:, position, c] += root
                yield self.positions.joined(vector)

    def draw(self, generator: torch.Generator, way: Draw = "signs") -> torch.Tensor:
        """Voir `OutputRoots` : ŷ tiré de p donne `√a (e_ŷ − p)`, et E[e_ŷ] = p."""
        chances = self.probabilities
        if way == "targets":
            rows = chances.flatten(0, 1)
            drawn = torch.multinomial(rows, 1, generator=generator)
            vector = (-rows).scatter_add(1, drawn, torch.ones_like(rows[:, :1]))
            vector = vector.reshape(chances.shape)
        else:
            roots = chances.sqrt() * _signs(chances, generator)
            vector = roots - chances * roots.sum(-1, keepdim=True)
        vector = vector * self.weights.sqrt().unsqueeze(-1)
        return self.positions.joined(vector)

    def flat(self) -> bool:
        """Voir `OutputRoots`."""
        return not bool(self.weights.any())


@dataclass(frozen=True)
class BlockRoots:
    """Λ = R Rᵀ à chaque position : les v_c sont les colonnes de R.

    Attributes
    ----------
    positions : OutputPositions
    roots : Tensor [N, P, C, C]
    """

    positions: OutputPositions
    roots: torch.Tensor

    def vectors(self) -> Iterator[torch.Tensor]:
        """Voir `OutputRoots` : une position et une colonne à la fois."""
        roots = self.roots
        for position in range(roots.shape[1]):
            for c in range(roots.shape[-1]):
                column = roots[:, position, :, c]
                if not column.any():
                    continue
                vector = torch.zeros_like(roots[..., 0])
                vector[:, position] = column
                yield self.positions.joined(vector)

    def draw(self, generator: torch.Generator, way: Draw = "signs") -> torch.Tensor:
        """Voir `OutputRoots` : les cibles tirées sont normales, comme pour l'erreur quadratique."""
        like = self.roots[..., 0]
        if way == "targets":
            drawn = torch.empty_like(like).normal_(generator=generator)
        else:
            drawn = _signs(like, generator)
        vector = (self.roots @ drawn.unsqueeze(-1)).squeeze(-1)
        return self.positions.joined(vector)

    def flat(self) -> bool:
        """Voir `OutputRoots`."""
        return not bool(self.roots.any())


def _signs(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    drawn = torch.randint(0, 2, like.shape, generator=generator, device=generator.device)
    return (2 * drawn - 1).to(like)
